import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLTraining

let endToEndBenchmarks = [
  Benchmark("end-to-end/zoo", measureZoo),
  Benchmark("end-to-end/fast", measureFast),
  Benchmark("end-to-end/evaluation", measureEvaluation),
  Benchmark("end-to-end/help", measureHelp),
]

/// The core that goals in seconds were set for.
let referencePeak = 176e9

/// A run of the zoo's preset: its time on each number of threads, and what it has learned.
private func measureZoo(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  let preset = try cartPole.preset("zoo")
  let cost = UpdateCost(try cartPole.configuration(preset), cartPole.spec)
  for threads in settings.threads {
    let seeds = threads == 1 ? settings.seeds : min(settings.seeds, 3)
    var runs: [ZooRun] = []
    for seed in 1...seeds {
      runs.append(try ZooRun(cartPole, preset, seed: UInt64(seed), threads: threads))
    }
    let name = "\(preset.steps) steps, \(counted(threads, "thread"))"
    let shares = runs.map { cost.update * Double($0.updates) / $0.seconds / $0.peak }
    report.add(Row("end-to-end/zoo", name, runs.map(\.seconds), "s", share: shares))
    guard threads == 1 else { continue }
    report.add(
      Row(
        "end-to-end/zoo", "the same on a core of \(short(referencePeak * 1e-9)) GFLOP/s",
        runs.map { $0.seconds * $0.peak / referencePeak }, "s", goal: .atMost(10.5)))
    reportReturns(runs.map(\.finalReturn), of: "the final policy", goal: 90, &report)
    reportReturns(runs.map(\.bestReturn), of: "the best of 20 evaluations", goal: nil, &report)
  }
}

private func reportReturns(
  _ returns: [Double], of policy: String, goal: Double?, _ report: inout Report
) {
  let good = returns.filter { $0 >= 495 }.count
  report.add(
    Row(
      "end-to-end/zoo", "mean of 100 greedy episodes, \(policy)", returns, "return",
      note: returns.map(short).joined(separator: " ")))
  report.add(
    Row(
      "end-to-end/zoo", "seeds with a mean of at least 495, \(policy)",
      [100 * Double(good) / Double(returns.count)], "% of seeds", goal: goal.map { .atLeast($0) },
      note: "\(good) of \(returns.count)"))
}

/// One run of the zoo's preset, evaluated twenty times on its way.
private struct ZooRun {
  let seconds: Double  // of training
  let updates: Int
  let peak: Double  // operations a second, measured before and after
  let finalReturn: Double  // of 100 greedy episodes that chose no policy
  let bestReturn: Double  // of the same, for the policy that the evaluations preferred

  init(_ cartPole: CartPole, _ preset: Preset, seed: UInt64, threads: Int) throws {
    let before = measurePeak()
    let run = try cartPole.train(
      preset, seed: seed, pool: WorkerPool(threads: threads), evaluateEvery: preset.steps / 20,
      observer: KeepsBest())
    peak = (before + measurePeak()) / 2
    seconds = run.summary.trainingSeconds
    updates = run.summary.updates
    let fresh = seed + 1_000_000
    finalReturn = try cartPole.evaluate(run.policy, episodes: 100, seed: fresh).returns.mean
    let best = run.observer.policy ?? run.policy
    bestReturn = try cartPole.evaluate(best, episodes: 100, seed: fresh).returns.mean
  }
}

/// Keeps the policy of the best evaluation.
private struct KeepsBest: TrainingObserver {
  private(set) var policy: (any Policy)?

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws {
    if isBest { self.policy = policy }
  }
}

/// Training time of the preset `fast` up to the first greedy evaluation that passes.
private func measureFast(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  guard let preset = try? cartPole.preset("fast") else {
    return report.skip("end-to-end/fast", because: "there is no preset fast")
  }
  let interval = 1000
  var times: [Double] = []
  var steps: [String] = []
  for seed in 1...settings.seeds {
    let run = try cartPole.train(
      preset, seed: UInt64(seed), pool: WorkerPool.single, evaluateEvery: interval,
      observer: UntilPassed(threshold: 475))
    let passed = run.observer.passedAt
    times.append(passed == nil ? .infinity : run.summary.trainingSeconds)
    steps.append(passed.map(String.init) ?? "never")
  }
  report.add(
    Row(
      "end-to-end/fast", "training until a mean of 475, 1 thread", times, "s", goal: .atMost(2),
      note: "evaluated every \(interval) steps; passed at \(steps.joined(separator: " "))"))
}

/// Ends a run at the first evaluation whose mean return reaches a threshold.
struct UntilPassed: TrainingObserver {
  let threshold: Double
  private(set) var passedAt: Int?  // environment steps

  init(threshold: Double) { self.threshold = threshold }

  var shouldStop: Bool { passedAt != nil }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws {
    if passedAt == nil, evaluation.returns.mean >= threshold { passedAt = step }
  }
}

/// 1,000 greedy episodes of a [256,256] policy that balances for all of them.
private func measureEvaluation(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  let policy = try cartPole.balancingPolicy()
  var times: [Double] = []
  var steps = 0
  for _ in 0..<(settings.isQuick ? 1 : 5) {
    times.append(try time { steps = try cartPole.evaluate(policy, episodes: 1000, seed: 1).steps })
  }
  report.add(
    Row(
      "end-to-end/evaluation", "1000 greedy episodes, 1 thread", times, "s",
      goal: steps == 500_000 ? .atMost(1.5) : nil, note: "\(steps) steps"))
}

/// How long a user waits for the command's help.
private func measureHelp(_ settings: Settings, _ report: inout Report) throws {
  let program = Machine.programFolder + "/rl-host"
  guard runs(program, "--help") else {
    return report.skip(
      "end-to-end/help", because: "\(program) --help does not run: build rl-host")
  }
  let times = (0..<settings.repetitions).map { _ in time { _ = runs(program, "--help") } * 1e3 }
  report.add(Row("end-to-end/help", "rl-host --help", times, "ms", goal: .atMost(60)))
}
