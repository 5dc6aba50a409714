import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLTestSupport
import RLTraining
import Testing

/// DQN learns each probe that fits its action space to the value stated in the probe's text.
@Suite struct ProbeTests {
  private static let gamma: Float = 0.9

  /// Which of DQN's options are on.
  enum Variant: String, CaseIterable {
    case plain
    case doubleQ
    case rainbow
    case rainbowOfOneStep
  }

  private func configuration(_ variant: Variant = .plain) -> DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [32]
    configuration.learningRate = .constant(3e-3)
    configuration.bufferSize = 2000
    configuration.batchSize = 32
    configuration.gamma = Self.gamma
    configuration.trainFrequency = 2
    configuration.learningStarts = 100
    configuration.targetUpdateInterval = 20
    configuration.epsilonEnd = 0.3
    configuration.doubleQ = variant != .plain
    guard variant == .rainbow || variant == .rainbowOfOneStep else { return configuration }
    configuration.dueling = true
    configuration.prioritized = true
    // below 1 the mean of a value that depends on chance is learned with a bias
    configuration.priorityBetaStart = 1
    configuration.nSteps = variant == .rainbow ? 3 : 1
    return configuration
  }

  /// Trains on a probe; returns the action values of `observations`, `[count, choices]`.
  private func learnedValues(
    of id: String, observations: [[Float]], steps: Int = 6000, _ variant: Variant = .plain
  ) throws -> [[Float]] {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
    var policy = try learnedPolicy(plugin, id: id, configuration(variant), steps: steps)
    let rows = observations.flatMap { row in row.flatMap(Self.bytes) }
    let outputs = policy.outputs(for: rows, count: observations.count)
    let width = outputs.count / observations.count
    return observations.indices.map { Array(outputs[$0 * width..<($0 + 1) * width]) }
  }

  private func learnedPolicy(
    _ plugin: EnvironmentPlugin, id: String, _ configuration: DQN.Configuration, steps: Int
  ) throws -> QPolicy {
    var environment = try VectorEnvironment(
      plugin, id: id, lanes: 4, plan: .training(seed: 1))
    var agent = try DQN(
      spec: environment.spec, lanes: 4, configuration: configuration, plannedSteps: steps, seed: 1,
      pool: .single)
    var silent = Silent()
    _ = try train(
      &agent, in: &environment, plan: try TrainingPlan(steps: steps, logEvery: steps),
      observer: &silent)
    return agent.policy
  }

  /// Mean return of 200 greedy episodes.
  private func greedyReturn(of id: String, steps: Int) throws -> Double {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
    var policy = try learnedPolicy(plugin, id: id, configuration(), steps: steps)
    var environment = try VectorEnvironment(
      plugin, id: id, lanes: 16, plan: .evaluation(seed: 5, episodes: 200, stepCap: 100))
    return try evaluate(&policy, in: &environment, deterministic: true, seed: 5).returns.mean
  }

  private struct Silent: TrainingObserver {}

  private static func bytes(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
  }

  private func expect(_ value: Float?, near expected: Float, within tolerance: Float = 0.08) {
    let value = value ?? .nan
    #expect(abs(value - expected) <= tolerance, "\(value) should be \(expected)")
  }

  @Test(arguments: Variant.allCases)
  func constantReward(variant: Variant) throws {
    let q = try learnedValues(of: "ConstantReward-v0", observations: [[0]], variant)
    expect(q[0].max(), near: 1)
  }

  @Test(arguments: Variant.allCases)
  func observationReward(variant: Variant) throws {
    let q = try learnedValues(of: "ObservationReward-v0", observations: [[-1], [1]], variant)
    expect(q[0].max(), near: -1)
    expect(q[1].max(), near: 1)
  }

  @Test(arguments: Variant.allCases)
  func twoStepDiscount(variant: Variant) throws {
    let q = try learnedValues(of: "TwoStepDiscount-v0", observations: [[0], [1]], variant)
    expect(q[0].max(), near: Self.gamma)
    expect(q[1].max(), near: 1)
  }

  @Test(arguments: Variant.allCases)
  func policyReward(variant: Variant) throws {
    let q = try learnedValues(of: "PolicyReward-v0", observations: [[-1], [1]], variant)
    expect(q[0][0], near: 1)
    expect(q[0][1], near: -1)
    expect(q[1][0], near: -1)
    expect(q[1][1], near: 1)
  }

  // Taken for an end, the limit of 10 would leave at most (1 - gamma^10) / (1 - gamma) = 6.5.
  @Test(arguments: ["TruncatedLoop-v0", "TruncatedLoopSelf-v0"], Variant.allCases)
  func truncationBootstraps(id: String, variant: Variant) throws {
    let q = try learnedValues(of: id, observations: [[0]], steps: 12_000, variant)
    expect(q[0].max(), near: 1 / (1 - Self.gamma), within: 0.5)
  }

  // Bootstrapping from the observation after the reset would give V(1) below 9.5.
  @Test(arguments: Variant.allCases)
  func theFinalObservationIsTheTrueOne(variant: Variant) throws {
    let q = try learnedValues(
      of: "FinalObservation-v0", observations: [[-1], [1]], steps: 16_000, variant)
    expect(q[0].max(), near: Self.gamma / (1 - Self.gamma), within: 0.5)
    expect(q[1].max(), near: 1 / (1 - Self.gamma), within: 0.5)
  }

  @Test(arguments: Variant.allCases)
  func bothFlagsDoNotBootstrap(variant: Variant) throws {
    let q = try learnedValues(of: "BothFlags-v0", observations: [[0]], variant)
    expect(q[0].max(), near: 1)
  }

  // A mask that is not heeded in the target would give V(., 0) a share of the forbidden 10.
  // Returns of several steps would learn what the exploring actions earn.
  @Test(arguments: [Variant.plain, .doubleQ, .rainbowOfOneStep])
  func masksHoldInTheTarget(variant: Variant) throws {
    let q = try learnedValues(
      of: "MaskedBandit-v0", observations: [[-1, 1], [1, 1], [-1, 0], [1, 0]], steps: 12_000,
      variant)
    expect(q[0][0...1].max(), near: -0.5)
    expect(q[1][2...3].max(), near: -1)
    expect(q[2][0...1].max(), near: -0.5 - Self.gamma)
    expect(q[3][2...3].max(), near: -1 - 0.5 * Self.gamma)
  }

  @Test func masksHoldInActing() throws {
    #expect(try greedyReturn(of: "MaskedBandit-v0", steps: 12_000) == -1.5)
  }

  // The cue is gone when the question comes: half of the guesses are right.
  @Test func withoutMemoryTheQuestionIsWorthOneHalf() throws {
    let q = try learnedValues(
      of: "Memory-v0", observations: [[0, 1], [0, 0]], steps: 16_000)
    expect(q[0].max(), near: 0.5, within: 0.15)
  }

  @Test func aPictureIsRead() throws {
    #expect(try greedyReturn(of: "ImageProbe-v0", steps: 16_000) >= 0.95)
  }

  @Test(arguments: ["BoxEcho-v0", "DictEcho-v0"])
  func actionsThatAreNotOneChoiceAreRefused(id: String) throws {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
    let error = #expect(throws: ConfigurationError.self) {
      try learnedPolicy(plugin, id: id, configuration(), steps: 10)
    }
    #expect(error?.reason.contains("dqn needs one Discrete action") == true)
  }
}
