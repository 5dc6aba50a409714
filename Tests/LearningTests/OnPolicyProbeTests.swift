import RLAgents
import RLCore
import RLNetworks
import RLParallel
import RLWrappers
import Testing

/// PPO and A2C learn each probe to the value stated in the probe's text.
///
/// Both learn the value of the policy that acts, so the actions must have become nearly certain.
@Suite struct OnPolicyProbeTests {
  private static let gamma: Float = 0.9

  enum Learner: String, CaseIterable {
    case ppo
    case ppoSharedTrunk
    case ppoClippedValue
    case a2c
    case a2cAdam
  }

  private func ppo(_ learner: Learner = .ppo) -> PPO.Configuration {
    var configuration = PPO.Configuration()
    configuration.hidden = [32]
    configuration.gamma = Self.gamma
    configuration.nSteps = 32
    configuration.batchSize = 32
    configuration.learningRate = .linear(from: 5e-3)
    configuration.sharedTrunk = learner == .ppoSharedTrunk
    configuration.clipRangeVf = learner == .ppoClippedValue ? .constant(0.5) : nil
    return configuration
  }

  private func a2c(_ learner: Learner = .a2c) -> A2C.Configuration {
    var configuration = A2C.Configuration()
    configuration.hidden = [32]
    configuration.gamma = Self.gamma
    configuration.learningRate = .linear(from: 5e-3)
    if learner == .a2cAdam {
      configuration.optimizer = .adam
      configuration.gaeLambda = 0.9
      configuration.normalizeAdvantage = true
    }
    return configuration
  }

  private func learned(_ id: String, steps: Int, by learner: Learner) throws -> ActorCriticPolicy {
    let training = try ProbeTraining(id)
    return try training.policy(steps: steps, by: learner, ppo(learner), a2c(learner))
  }

  /// The learned values of `observations`.
  private func values(
    of id: String, _ observations: [[Float]], steps: Int = 12_000, by learner: Learner
  ) throws -> [Float] {
    var policy = try learned(id, steps: steps, by: learner)
    return policy.values(of: observations)
  }

  private func expect(_ value: Float, near expected: Float, within tolerance: Float = 0.08) {
    #expect(abs(value - expected) <= tolerance, "\(value) should be \(expected)")
  }

  @Test(arguments: Learner.allCases)
  func constantReward(learner: Learner) throws {
    expect(try values(of: "ConstantReward-v0", [[0]], by: learner)[0], near: 1)
  }

  @Test(arguments: Learner.allCases)
  func observationReward(learner: Learner) throws {
    let v = try values(of: "ObservationReward-v0", [[-1], [1]], by: learner)
    expect(v[0], near: -1)
    expect(v[1], near: 1)
  }

  @Test(arguments: Learner.allCases)
  func twoStepDiscount(learner: Learner) throws {
    let v = try values(of: "TwoStepDiscount-v0", [[0], [1]], by: learner)
    expect(v[0], near: Self.gamma)
    expect(v[1], near: 1)
  }

  @Test(arguments: Learner.allCases)
  func policyReward(learner: Learner) throws {
    let v = try values(of: "PolicyReward-v0", [[-1], [1]], by: learner)
    expect(v[0], near: 1)
    expect(v[1], near: 1)
  }

  // Taken for an end, the limit of 10 would leave at most (1 - gamma^10) / (1 - gamma) = 6.5.
  @Test(arguments: ["TruncatedLoop-v0", "TruncatedLoopSelf-v0"], Learner.allCases)
  func truncationBootstraps(id: String, learner: Learner) throws {
    let v = try values(of: id, [[0]], steps: 30_000, by: learner)
    expect(v[0], near: 1 / (1 - Self.gamma), within: 0.5)
  }

  // Bootstrapping from the observation after the reset would give V(1) below 9.5.
  @Test(arguments: Learner.allCases)
  func theFinalObservationIsTheTrueOne(learner: Learner) throws {
    let v = try values(of: "FinalObservation-v0", [[-1], [1]], steps: 30_000, by: learner)
    expect(v[0], near: Self.gamma / (1 - Self.gamma), within: 0.4)
    expect(v[1], near: 1 / (1 - Self.gamma), within: 0.4)
  }

  @Test(arguments: Learner.allCases)
  func bothFlagsDoNotBootstrap(learner: Learner) throws {
    expect(try values(of: "BothFlags-v0", [[0]], by: learner)[0], near: 1)
  }

  @Test(arguments: Learner.allCases)
  func masksHoldInActingAndInTheValue(learner: Learner) throws {
    var policy = try learned("MaskedBandit-v0", steps: 40_000, by: learner)
    let probe = try ProbeTraining("MaskedBandit-v0")
    #expect(try probe.meanReturn(of: policy) == -1.5)
    #expect(try probe.meanReturn(of: policy, deterministic: false) <= -1.5)
    let v = policy.values(of: [[-1, 1], [1, 1], [-1, 0], [1, 0]])
    expect(v[0], near: -0.5)
    expect(v[1], near: -1)
    expect(v[2], near: -0.5 - Self.gamma)
    expect(v[3], near: -1 - 0.5 * Self.gamma)
  }

  // The constant action 0 gets -1/3, an action of the wrong sign -4/3.
  @Test(arguments: [Learner.ppo, .a2cAdam], ControlDistribution.allCases)
  func aContinuousActionRepeatsWhatIsSeen(
    learner: Learner, distribution: ControlDistribution
  ) throws {
    var (ppo, a2c) = (ppo(learner), a2c(learner))
    a2c.nSteps = 16
    ppo.controlDistribution = distribution
    a2c.controlDistribution = distribution
    let probe = try ProbeTraining("BoxEcho-v0")
    let policy = try probe.policy(steps: 80_000, by: learner, ppo, a2c)
    let mean = try probe.meanReturn(of: policy)
    #expect(mean >= -0.02, "\(mean) should be 0")
  }

  // Random actions get 1.522 of 4. Bytes from 0 to 255 are too large for a network as they are.
  @Test(arguments: [Learner.ppo, .a2cAdam])
  func sixPartsRepeatLeavesOfEveryKind(learner: Learner) throws {
    var (ppo, a2c) = (ppo(learner), a2c(learner))
    ppo.hidden = [64]
    a2c.hidden = [64]
    a2c.nSteps = 16
    var wrappers = WrapperConfiguration()
    wrappers.normalizeObservation = true
    let probe = try ProbeTraining("DictEcho-v0")
    let (policy, frozen) = try probe.policy(
      steps: 140_000, wrappers: wrappers, by: learner, ppo, a2c)
    let mean = try probe.meanReturn(of: policy, behind: frozen)
    #expect(mean >= 3.7, "\(mean) should be 4")
  }

  @Test(arguments: [Learner.ppo, .a2c])
  func aPictureIsRead(learner: Learner) throws {
    let probe = try ProbeTraining("ImageProbe-v0")
    let policy = try learned("ImageProbe-v0", steps: 30_000, by: learner)
    #expect(try probe.meanReturn(of: policy) >= 0.95)
  }
}

extension ProbeTraining {
  /// Trains one of the two, each with its configuration.
  func policy(
    steps: Int, by learner: OnPolicyProbeTests.Learner, _ ppo: PPO.Configuration,
    _ a2c: A2C.Configuration
  ) throws -> ActorCriticPolicy {
    switch learner {
    case .ppo, .ppoSharedTrunk, .ppoClippedValue: try policy(steps: steps, make(ppo, steps))
    case .a2c, .a2cAdam: try policy(steps: steps, make(a2c, steps))
    }
  }

  /// The same behind wrappers.
  func policy(
    steps: Int, wrappers: WrapperConfiguration, by learner: OnPolicyProbeTests.Learner,
    _ ppo: PPO.Configuration, _ a2c: A2C.Configuration
  ) throws -> (policy: ActorCriticPolicy, wrappers: FrozenWrappers) {
    switch learner {
    case .ppo, .ppoSharedTrunk, .ppoClippedValue:
      try policy(steps: steps, wrappers: wrappers, make(ppo, steps))
    case .a2c, .a2cAdam: try policy(steps: steps, wrappers: wrappers, make(a2c, steps))
    }
  }

  private func make(
    _ configuration: PPO.Configuration, _ steps: Int
  ) -> (EnvironmentSpec, Int) throws -> PPO {
    { spec, lanes in
      try PPO(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: .single)
    }
  }

  private func make(
    _ configuration: A2C.Configuration, _ steps: Int
  ) -> (EnvironmentSpec, Int) throws -> A2C {
    { spec, lanes in
      try A2C(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: .single)
    }
  }
}

extension ActorCriticPolicy {
  /// The learned values of observations of 32-bit numbers: the last column of the outputs.
  mutating func values(of observations: [[Float]]) -> [Float] {
    values(ofRows: ProbeTraining.rows(observations), count: observations.count)
  }

  mutating func values(ofRows rows: [UInt8], count: Int) -> [Float] {
    let outputs = outputs(for: rows, count: count)
    let width = outputs.count / count
    return (1...count).map { outputs[$0 * width - 1] }
  }
}
