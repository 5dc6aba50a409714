import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLSystem
import RLTraining

let onPolicyBenchmarks = [
  Benchmark("agent/ppo-update", measureMinibatches),
  Benchmark("end-to-end/ppo-zoo", measureOnPolicyZoo),
  Benchmark("end-to-end/ppo-pendulum", measurePendulum),
  Benchmark("end-to-end/ppo-scale", measureScale),
  Benchmark("end-to-end/ppo-fast", measureFirstPass),
]

/// Has to come before all others: the system counts what this process has in memory when it starts
/// a program as that program's too.
let memoryBenchmarks = [
  Benchmark("end-to-end/ppo-memory", measureMemory),
  Benchmark("end-to-end/sac-memory", measureReplayMemory),
]

/// The minibatches of the zoo's CartPole configuration, on one and on more threads by turns.
private func measureMinibatches(_ settings: Settings, _ report: inout Report) throws {
  let task = try OnPolicyTask("cartpole.so", "CartPole-v1", preset: "zoo", settings)
  let operations = UpdateCost.ofPPO(task.configuration, task.spec)
  for threads in settings.threads {
    var one = try MinibatchRunner(task, threads: 1)
    var several = try MinibatchRunner(task, threads: threads)
    var samples = RooflineSamples()
    var ratios: [Double] = []
    for _ in 0..<settings.repetitions {
      let peak = measurePeak()
      let alone = try one.secondsPerUpdate()
      let together = threads == 1 ? alone : try several.secondsPerUpdate()
      samples.append(seconds: together, operations: operations, peak: peak)
      ratios.append(alone / together)
    }
    report.add(
      Row(
        "agent/ppo-update", "zoo, \(counted(threads, "thread"))", samples.seconds.map { 1 / $0 },
        "updates/s", share: samples.shares))
    guard threads > 1 else { continue }
    report.add(
      Row(
        "agent/ppo-update", "\(threads) threads over 1", ratios, "x",
        goal: threads == 2 ? .atLeast(1.6) : nil))
  }
}

/// An agent in its environment, run from one full rollout to the next.
private struct MinibatchRunner: ~Copyable {
  private var agent: PPO
  private var environment: VectorEnvironment
  private var batch: StepBatch

  init(_ task: OnPolicyTask, threads: Int) throws {
    let pool = WorkerPool(threads: threads)
    var environment = try task.environment(seed: 1, pool: pool)
    var batch = StepBatch(task.spec, lanes: task.preset.lanes)
    try environment.reset(&batch)
    agent = try task.agent(seed: 1, pool: pool)
    self.environment = environment
    self.batch = batch
  }

  /// Learning from the next rollout, values and advantages included, the steps not counted.
  mutating func secondsPerUpdate() throws -> Double {
    while true {
      agent.act(&batch)
      try environment.step(&batch)
      agent.observe(batch)
      var updates = 0
      let elapsed = try time { updates = try agent.learn() }
      try environment.advance(&batch)
      if updates > 0 { return elapsed / Double(updates) }
    }
  }
}

/// Runs of a preset, a seed each, beside the peak of a core.
private struct OnPolicyRuns {
  var seconds: [Double] = []  // of training
  var reference: [Double] = []  // the same on the core that goals were set for
  var shares: [Double] = []  // of the peak, the minibatches' products over everything
  var returns: [Double] = []  // of 100 greedy episodes

  init(_ task: OnPolicyTask, threads: Int, seeds: Int, steps: Int? = nil) throws {
    let operations = UpdateCost.ofPPO(task.configuration, task.spec)
    for seed in 1...UInt64(seeds) {
      let before = measurePeak()
      let run = try task.train(seed: seed, threads: threads, steps: steps, observer: Unobserved())
      let peak = (before + measurePeak()) / 2
      let elapsed = run.summary.trainingSeconds
      seconds.append(elapsed)
      reference.append(elapsed * peak / referencePeak)
      shares.append(operations * Double(run.summary.updates) / elapsed / peak)
      returns.append(try task.evaluate(run.policy, seed: seed + 1_000_000).returns.mean)
    }
  }
}

/// Training times of a preset, beside goals for the reference's core on one and on two threads.
private func measureRuns(
  _ name: String, _ task: OnPolicyTask, goals: [Int: Double], _ settings: Settings,
  _ report: inout Report
) throws {
  for threads in settings.threads {
    let runs = try OnPolicyRuns(task, threads: threads, seeds: settings.seeds)
    let what = "\(task.preset.steps) steps, \(counted(threads, "thread"))"
    report.add(Row(name, what, runs.seconds, "s", share: runs.shares))
    report.add(
      Row(
        name, "\(what), on a core of \(short(referencePeak * 1e-9)) GFLOP/s", runs.reference, "s",
        goal: goals[threads].map { .atMost($0) }))
    guard threads == 1 else { continue }
    report.add(
      Row(
        name, "mean of 100 greedy episodes", runs.returns, "return",
        note: runs.returns.map(short).joined(separator: " ")))
  }
}

/// A fifteenth of what Stable-Baselines3 took on the reference's core, 21.7 s.
private func measureOnPolicyZoo(_ settings: Settings, _ report: inout Report) throws {
  let task = try OnPolicyTask("cartpole.so", "CartPole-v1", preset: "zoo", settings)
  try measureRuns("end-to-end/ppo-zoo", task, goals: [1: 21.7 / 15], settings, &report)
}

/// RLtools with MKL took 0.507 s on one thread of the reference's core.
private func measurePendulum(_ settings: Settings, _ report: inout Report) throws {
  let task = try OnPolicyTask("pendulum.so", "Pendulum-v1", preset: "rltools", settings)
  try measureRuns(
    "end-to-end/ppo-pendulum", task, goals: [1: 0.507 / 1.3, 2: 0.507 / 2], settings, &report)
}

/// PufferLib made 490,000 steps a second on one thread of the reference's core, 680,000 on two.
private func measureScale(_ settings: Settings, _ report: inout Report) throws {
  let task = try OnPolicyTask("cartpole.so", "CartPole-v1", preset: "puffer", settings)
  let steps = settings.isQuick ? 1_048_576 : 5_242_880
  for threads in settings.threads {
    let runs = try OnPolicyRuns(task, threads: threads, seeds: settings.seeds, steps: steps)
    let what = "\(steps) steps, \(counted(threads, "thread"))"
    report.add(
      Row(
        "end-to-end/ppo-scale", what, runs.seconds.map { Double(steps) / $0 * 1e-6 }, "M steps/s",
        share: runs.shares))
    report.add(
      Row(
        "end-to-end/ppo-scale", "\(what), on a core of \(short(referencePeak * 1e-9)) GFLOP/s",
        runs.reference.map { Double(steps) / $0 * 1e-6 }, "M steps/s",
        goal: [1: .atLeast(4 * 0.49), 2: .atLeast(4 * 0.68)][threads]))
  }
}

/// Training time of the preset `fast` up to the first greedy evaluation that passes.
private func measureFirstPass(_ settings: Settings, _ report: inout Report) throws {
  guard let task = try? OnPolicyTask("cartpole.so", "CartPole-v1", preset: "fast", settings) else {
    return report.skip("end-to-end/ppo-fast", because: "there is no preset fast")
  }
  let interval = 1024
  for threads in settings.threads {
    var times: [Double] = []
    var steps: [String] = []
    for seed in 1...UInt64(settings.seeds) {
      let run = try task.train(
        seed: seed, threads: threads, evaluateEvery: interval,
        observer: UntilPassed(threshold: 475))
      let passed = run.observer.passedAt
      times.append(passed == nil ? .infinity : run.summary.trainingSeconds)
      steps.append(passed.map(String.init) ?? "never")
    }
    report.add(
      Row(
        "end-to-end/ppo-fast", "training until a mean of 475, \(counted(threads, "thread"))",
        times, "s", goal: [1: .atMost(0.4), 2: .atMost(0.25)][threads],
        note: "evaluated every \(interval) steps; passed at \(steps.joined(separator: " "))"))
  }
}

/// The most memory that `rl-host train` has during the zoo's run in CartPole.
private func measureMemory(_ settings: Settings, _ report: inout Report) throws {
  let name = "end-to-end/ppo-memory"
  let program = Machine.programFolder + "/rl-host"
  let folder = "/tmp/rl-bench-memory-\(ProcessNumber.own)"
  defer { try? Folder.remove(folder) }
  let command = "\(program) train --env \(settings.plugin) --algo ppo --runs \(folder)"
  guard let memory = peakMemory(of: command) else {
    return report.skip(name, because: "\(command) does not run: build rl-host")
  }
  report.add(Row(name, "zoo, 100000 steps", [memory], "MiB", goal: .atMost(60)))
}
