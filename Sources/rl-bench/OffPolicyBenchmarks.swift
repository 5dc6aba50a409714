import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLSystem
import RLTraining

let offPolicyBenchmarks = [
  Benchmark("agent/td3-update", measureTD3),
  Benchmark("agent/sac-update", measureSAC),
]

/// The most memory that `rl-host train` has while SAC fills a replay of 1,000,000 transitions; the
/// ring's rows hold the ends of their 5,000 episodes too.
func measureReplayMemory(_ settings: Settings, _ report: inout Report) throws {
  let name = "end-to-end/sac-memory"
  let program = Machine.programFolder + "/rl-host"
  let folder = "/tmp/rl-bench-replay-\(ProcessNumber.own)"
  defer { try? Folder.remove(folder) }
  let command =
    "\(program) train --env \(pendulumFile(settings)) --algo sac --steps 1M --lanes 64"
    + " -o bufferSize=1010k -o trainFrequency=4096 --runs \(folder)"
  guard let memory = peakMemory(of: command) else {
    return report.skip(name, because: "\(command) does not run: build rl-host")
  }
  report.add(
    Row(name, "1000000 transitions of Pendulum", [memory], "MiB", goal: .atMost(120e6 / 1_048_576)))
}

private func pendulumFile(_ settings: Settings) -> String {
  let folder = settings.plugin.lastIndex(of: "/").map { settings.plugin[...$0] } ?? ""
  return folder + "pendulum.so"
}

private func measureTD3(_ settings: Settings, _ report: inout Report) throws {
  var configuration = TD3.Configuration()
  configuration.hidden = [256, 256]
  configuration.learningStarts = 1000
  try measureUpdates("agent/td3-update", settings, &report, OffPolicyCost.ofTD3(configuration)) {
    spec, pool in
    try TD3(
      spec: spec, lanes: 1, configuration: configuration, plannedSteps: 100_000, seed: 1,
      pool: pool)
  }
}

private func measureSAC(_ settings: Settings, _ report: inout Report) throws {
  var configuration = SAC.Configuration()
  configuration.learningStarts = 1000
  try measureUpdates("agent/sac-update", settings, &report, OffPolicyCost.ofSAC(configuration)) {
    spec, pool in
    try SAC(
      spec: spec, lanes: 1, configuration: configuration, plannedSteps: 100_000, seed: 1,
      pool: pool)
  }
}

/// Updates of an agent in Pendulum, replay included, on one thread and on more by turns.
private func measureUpdates<A: Agent>(
  _ name: String, _ settings: Settings, _ report: inout Report, _ cost: (EnvironmentSpec) -> Double,
  _ make: (EnvironmentSpec, WorkerPool) throws -> A
) throws {
  var one = try UpdateRunner(settings, threads: 1, make)
  for threads in settings.threads {
    var several = threads > 1 ? try UpdateRunner(settings, threads: threads, make) : nil
    var samples = RooflineSamples()
    var ratios: [Double] = []
    for _ in 0..<settings.repetitions {
      let peak = measurePeak()
      let alone = try one.secondsPerUpdate()
      let together = try several?.secondsPerUpdate() ?? alone
      samples.append(seconds: together, operations: cost(one.spec), peak: peak)
      ratios.append(alone / together)
    }
    let rates = samples.seconds.map { 1 / $0 }
    let what = "[256,256], batch 256, \(counted(threads, "thread"))"
    report.add(Row(name, what, rates, "updates/s", share: samples.shares))
    if threads == 1 {
      let shares = samples.shares.map { $0 * 100 }
      report.add(
        Row(name, "matrix work, share of a core's peak", shares, "%", goal: .atLeast(70)))
    } else {
      let goal = threads == 2 ? Goal.atLeast(1.6) : nil
      report.add(Row(name, "\(threads) threads over 1", ratios, "x", goal: goal))
    }
  }
}

/// An agent in its environment, an update for each step.
private struct UpdateRunner<A: Agent>: ~Copyable {
  let spec: EnvironmentSpec
  private var agent: A
  private var environment: VectorEnvironment
  private var batch: StepBatch

  init(
    _ settings: Settings, threads: Int, _ make: (EnvironmentSpec, WorkerPool) throws -> A
  ) throws {
    let pool = WorkerPool(threads: threads)
    var environment = try VectorEnvironment(
      EnvironmentPlugin(path: pendulumFile(settings)), id: "Pendulum-v1", lanes: 1, instances: 1,
      pool: pool, plan: .training(seed: 1))
    var batch = StepBatch(environment.spec, lanes: 1)
    try environment.reset(&batch)
    agent = try make(environment.spec, pool)
    spec = environment.spec
    self.environment = environment
    self.batch = batch
  }

  /// The mean of the next updates, the steps between them not counted.
  mutating func secondsPerUpdate() throws -> Double {
    var (updates, seconds) = (0, 0.0)
    while updates < 40 {
      agent.act(&batch)
      try environment.step(&batch)
      agent.observe(batch)
      var made = 0
      let elapsed = try time { made = try agent.learn() }
      try environment.advance(&batch)
      updates += made
      if made > 0 { seconds += elapsed }
    }
    return seconds / Double(updates)
  }
}

/// Operations of a policy and of a critic over a batch.
private struct OffPolicyCost {
  let policy: UpdateCost
  let critic: UpdateCost
  /// From a critic's value back to the action: no weights, and of the first layer's inputs the
  /// action's alone.
  let toAction: Double

  init(_ spec: EnvironmentSpec, hidden: [Int], batch: Int, outputs: Int) {
    let (inputs, controls) = (spec.observation.encodedWidth, spec.action.controlCount)
    policy = UpdateCost(sizes: [inputs] + hidden + [outputs * controls], batch: batch)
    critic = UpdateCost(sizes: [inputs + controls] + hidden + [1], batch: batch)
    toAction = critic.forward - 2 * Double(batch * inputs * hidden[0])
  }

  /// The target policy and both targets at s'; both critics forward and backward; every second time
  /// the policy forward, the first critic forward and back to the action, and the policy backward.
  static func ofTD3(_ configuration: TD3.Configuration) -> (EnvironmentSpec) -> Double {
    { spec in
      let cost = OffPolicyCost(
        spec, hidden: configuration.hidden, batch: configuration.batchSize, outputs: 1)
      let (policy, critic) = (cost.policy, cost.critic)
      let step = policy.forward + critic.forward + cost.toAction + policy.backward
      return policy.forward + 4 * critic.forward + 2 * critic.backward
        + step / Double(configuration.policyDelay)
    }
  }

  /// The policy at s and s', both targets at s'; both critics forward and backward; both critics
  /// forward, each row back to the action through one of them, and the policy backward.
  static func ofSAC(_ configuration: SAC.Configuration) -> (EnvironmentSpec) -> Double {
    { spec in
      let cost = OffPolicyCost(
        spec, hidden: configuration.hidden, batch: configuration.batchSize, outputs: 2)
      let (policy, critic) = (cost.policy, cost.critic)
      return 2 * policy.forward + 6 * critic.forward + 2 * critic.backward + cost.toAction
        + policy.backward
    }
  }
}
