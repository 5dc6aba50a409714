import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets

let agentBenchmarks = [
  Benchmark("agent/act", measureActing),
  Benchmark("agent/update", measureUpdates),
  Benchmark("agent/capture", measureCapture),
  Benchmark("checkpoint", measureCheckpoint),
  Benchmark("checkpoint/pause", measurePause),
]

/// One greedy action of the [256,256] policy for each lane.
private func measureActing(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  for lanes in [1, 16, 1024] {
    try measureActing(with: cartPole.balancingPolicy(), cartPole, lanes, settings, &report)
  }
}

private func measureActing(
  with policy: some Policy, _ cartPole: CartPole, _ lanes: Int, _ settings: Settings,
  _ report: inout Report
) throws {
  var policy = policy
  var batch = StepBatch(cartPole.spec, lanes: lanes)
  var environment = try cartPole.training(lanes: lanes, seed: 1)
  try environment.reset(&batch)
  var streams = (0..<lanes).map { RandomStream(seed: UInt64($0)) }
  let times = secondsPerCall(settings) {
    policy.act(&batch, deterministic: true, random: &streams)
  }
  report.add(
    Row("agent/act", "[256,256], \(counted(lanes, "lane"))", times.map { $0 * 1e6 }, "us/call"))
}

/// The updates of the zoo's CartPole configuration, replay included, on each number of threads in
/// turn, so that all see the same load of the machine.
private func measureUpdates(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  var one = try BurstRunner(cartPole, threads: 1)
  var samples = RooflineSamples()
  var updatesPerSecond: [Double] = []
  _ = try one.next()  // allocates
  for _ in 0..<settings.repetitions {
    let peak = measurePeak()
    let burst = try one.next()
    samples.append(seconds: burst.secondsPerUpdate, operations: one.operations, peak: peak)
    updatesPerSecond.append(1 / burst.secondsPerUpdate)
  }
  report.add(
    Row("agent/update", "DQN zoo, 1 thread", updatesPerSecond, "updates/s", share: samples.shares))
  report.add(
    Row(
      "agent/update", "matrix work, share of a core's peak", samples.shares.map { $0 * 100 }, "%",
      goal: .atLeast(60)))
  for threads in settings.threads where threads > 1 {
    try measureSpeedup(&one, BurstRunner(cartPole, threads: threads), threads, settings, &report)
  }
}

/// Bursts on one and on several threads by turns, A B A B.
private func measureSpeedup(
  _ one: inout BurstRunner, _ several: consuming BurstRunner, _ threads: Int,
  _ settings: Settings, _ report: inout Report
) throws {
  var ratios: [Double] = []
  var updatesPerSecond: [Double] = []
  _ = try several.next()  // allocates
  for _ in 0..<settings.repetitions {
    let alone = try one.next().secondsPerUpdate
    let together = try several.next().secondsPerUpdate
    ratios.append(alone / together)
    updatesPerSecond.append(1 / together)
  }
  report.add(Row("agent/update", "DQN zoo, \(threads) threads", updatesPerSecond, "updates/s"))
  report.add(
    Row(
      "agent/update", "\(threads) threads over 1", ratios, "x",
      goal: threads == 2 ? .atLeast(1.5) : nil))
}

/// An agent in its environment, run from one burst of updates to the next.
private struct BurstRunner: ~Copyable {
  let operations: Double  // of an update
  private var agent: DQN
  private var environment: VectorEnvironment
  private var batch: StepBatch

  /// The zoo's configuration with 20,000 transitions in the replay before the first update.
  init(_ cartPole: CartPole, threads: Int) throws {
    let preset = try cartPole.preset("zoo")
    var configuration = try cartPole.configuration(preset)
    configuration.learningStarts = 20_000
    var environment = try cartPole.training(lanes: preset.lanes, seed: 1)
    var batch = StepBatch(cartPole.spec, lanes: preset.lanes)
    try environment.reset(&batch)
    agent = try DQN(
      spec: cartPole.spec, lanes: preset.lanes, configuration: configuration,
      plannedSteps: preset.steps, seed: 1, pool: WorkerPool(threads: threads))
    operations = UpdateCost(configuration, cartPole.spec).update
    self.environment = environment
    self.batch = batch
  }

  /// Steps to the next burst, and how long that took, the steps not counted.
  mutating func next() throws -> Burst {
    while true {
      agent.act(&batch)
      try environment.step(&batch)
      agent.observe(batch)
      var updates = 0
      let elapsed = try time { updates = try agent.learn() }
      try environment.advance(&batch)
      if updates > 0 { return Burst(secondsPerUpdate: elapsed / Double(updates)) }
    }
  }
}

private struct Burst {
  var secondsPerUpdate: Double
}

extension UpdateCost {
  /// Of an update with vanilla targets in an environment whose observation is `spec`'s.
  init(_ configuration: DQN.Configuration, _ spec: EnvironmentSpec) {
    let sizes =
      [spec.observation.encodedWidth] + configuration.hidden + [spec.action.choices[0].count]
    self.init(sizes: sizes, batch: configuration.batchSize)
  }
}
