import RLAgents
import RLCore
import RLEnvironments
import RLNetworks
import RLParallel
import RLTestSupport
import RLTraining
import Testing

/// PPO and A2C learn the same where groups of lanes play beside each other and where all lanes play
/// together.
@Suite struct SideBySideTests {
  enum Variant: String, CaseIterable, Sendable {
    case choices, sharedTrunk, gaussian, gsde, beta, synchronous

    var plugin: String { self == .choices || self == .sharedTrunk ? "cartpole" : "pendulum" }

    func set(_ configuration: inout some OnPolicyConfiguration) {
      configuration.nSteps = 24
      configuration.hidden = [18]
      configuration.sharedTrunk = self == .sharedTrunk
      switch self {
      case .gsde, .synchronous:
        configuration.useSDE = true
        configuration.sdeSampleFreq = 5
      case .beta: configuration.controlDistribution = .beta
      default: break
      }
    }
  }

  private static let lanes = 70

  private func environment(
    _ variant: Variant, instances: Int, threads: Int, limit: Int? = 30
  ) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: PluginBuild.plugin(variant.plugin)), lanes: Self.lanes,
      instances: instances, pool: WorkerPool(oversubscribing: threads), plan: .training(seed: 4),
      maxEpisodeSteps: limit)
  }

  private func agent(_ variant: Variant, _ spec: EnvironmentSpec, threads: Int) throws -> any Agent
  {
    let pool = WorkerPool(oversubscribing: threads)
    if variant == .synchronous {
      var configuration = A2C.Configuration()
      variant.set(&configuration)
      return try A2C(
        spec: spec, lanes: Self.lanes, configuration: configuration, plannedSteps: 20_000, seed: 4,
        pool: pool)
    }
    var configuration = PPO.Configuration()
    configuration.nEpochs = 2
    configuration.batchSize = 500
    variant.set(&configuration)
    return try PPO(
      spec: spec, lanes: Self.lanes, configuration: configuration, plannedSteps: 20_000, seed: 4,
      pool: pool)
  }

  private struct Course: Equatable {
    var agent: SavedState
    var environment: SavedState
    var endings: [[Stretch.Ending]] = []
    var updates = 0
  }

  /// Plays and learns in stretches of 2 to 7 iterations: of 4 or more groups play side by side.
  private func play<A: Agent>(
    _ agent: inout A, _ environment: inout VectorEnvironment, stretches: Int
  ) throws -> Course {
    var batch = StepBatch(environment.spec, lanes: Self.lanes)
    var stretch = Stretch()
    var course = Course(agent: agent.saveState(), environment: SavedState())
    try environment.reset(&batch)
    for number in 0..<stretches {
      stretch.begin(min(2 + number % 6, agent.playableIterations))
      try agent.play(&stretch, in: &environment, &batch)
      #expect(stretch.made == stretch.length)
      course.endings.append(stretch.endings)
      course.updates += try agent.learn()
    }
    course.agent = agent.saveState()
    course.environment = try environment.saveState(batch)
    return course
  }

  private func course(_ variant: Variant, instances: Int, threads: Int) throws -> Course {
    var environment = try environment(variant, instances: instances, threads: threads)
    var agent = try agent(variant, environment.spec, threads: threads)
    return try play(&agent, &environment, stretches: 22)
  }

  @Test(arguments: Variant.allCases)
  func theBitsAreThoseOfLanesThatPlayTogether(variant: Variant) throws {
    let together = try course(variant, instances: 1, threads: 1)
    #expect(together.updates > 2)
    #expect(together.endings.joined().contains { $0.episode.truncated })
    for (instances, threads) in [(2, 2), (5, 3), (5, 1)] {
      #expect(
        try course(variant, instances: instances, threads: threads) == together,
        "\(instances) instances, \(threads) threads")
    }
  }

  // The state is taken in the middle of a rollout.
  @Test(arguments: Variant.allCases)
  func aRestoredAgentPlaysOnWithTheSameBits(variant: Variant) throws {
    var environment = try environment(variant, instances: 3, threads: 2)
    var agent = try agent(variant, environment.spec, threads: 2)
    let saved = try play(&agent, &environment, stretches: 7)
    var other = try self.agent(variant, environment.spec, threads: 2)
    var otherEnvironment = try self.environment(variant, instances: 2, threads: 2)
    _ = try play(&other, &otherEnvironment, stretches: 3)
    try other.restore(saved.agent)
    let rest = try play(&agent, &environment, stretches: 9)
    #expect(try play(&other, &otherEnvironment, stretches: 9) == rest)
  }

  /// The whole of a run: what is told of it, and when.
  private func run(
    _ variant: Variant, instances: Int, threads: Int
  ) throws -> (rows: [String], records: [String], steps: [Int], agent: SavedState) {
    var environment = try environment(variant, instances: instances, threads: threads)
    var agent = try agent(variant, environment.spec, threads: threads)
    let observer = try run(&agent, &environment)
    return (
      observer.rows, observer.records.map(Self.text), observer.evaluations.map(\.step),
      agent.saveState()
    )
  }

  private static func text(_ record: TrainingRecord) -> String {
    "\(record.step) \(record.episodes) \(record.updates) \(record.returnMean100 ?? 0) "
      + "\(record.agentMetrics)"
  }

  private func run<A: Agent>(
    _ agent: inout A, _ environment: inout VectorEnvironment
  ) throws -> RecordingObserver {
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 15_000, logEvery: 900, evaluateEvery: 4000)
    _ = try train(
      &agent, in: &environment, plan: plan, evaluate: { _ in evaluation(withReturn: 1) },
      observer: &observer)
    return observer
  }

  @Test(arguments: [Variant.choices, .sharedTrunk, .gsde, .beta, .synchronous])
  func aRunTellsTheSame(variant: Variant) throws {
    let one = try run(variant, instances: 1, threads: 1)
    let two = try run(variant, instances: 2, threads: 2)
    #expect(one.rows == two.rows && one.records == two.records && one.agent == two.agent)
    #expect(one.steps == two.steps)
    #expect(one.steps == [4060, 8050, 12040, 15050])
    #expect(one.records.count == 17 && one.rows.count > 400)
  }
}
