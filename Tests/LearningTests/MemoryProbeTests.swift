import RLAgents
import RLCore
import RLParallel
import RLWrappers
import Testing

/// The memory probe without memory, and with the last four observations stacked: the cue is three
/// steps back when the question comes.
@Suite struct MemoryProbeTests {
  private static let gamma: Float = 0.9
  private static let steps = 60_000

  private var stacked: WrapperConfiguration {
    var wrappers = WrapperConfiguration()
    wrappers.frameStack = 4
    return wrappers
  }

  private func ppo(_ spec: EnvironmentSpec, _ lanes: Int) throws -> PPO {
    var configuration = PPO.Configuration()
    configuration.hidden = [32]
    configuration.gamma = Self.gamma
    configuration.nSteps = 128
    configuration.learningRate = .linear(from: 2e-3)
    return try PPO(
      spec: spec, lanes: lanes, configuration: configuration, plannedSteps: Self.steps, seed: 1,
      pool: .single)
  }

  private func a2c(_ spec: EnvironmentSpec, _ lanes: Int) throws -> A2C {
    var configuration = A2C.Configuration()
    configuration.hidden = [32]
    configuration.gamma = Self.gamma
    configuration.nSteps = 16
    configuration.learningRate = .linear(from: 3e-3)
    return try A2C(
      spec: spec, lanes: lanes, configuration: configuration, plannedSteps: Self.steps, seed: 1,
      pool: .single)
  }

  private func dqn(_ spec: EnvironmentSpec, _ lanes: Int) throws -> DQN {
    var configuration = DQN.Configuration()
    configuration.hidden = [32]
    configuration.gamma = Self.gamma
    configuration.learningRate = .constant(3e-3)
    configuration.batchSize = 32
    configuration.bufferSize = 5000
    configuration.trainFrequency = 2
    configuration.targetUpdateInterval = 40
    configuration.epsilonEnd = 0.1
    return try DQN(
      spec: spec, lanes: lanes, configuration: configuration, plannedSteps: Self.steps, seed: 1,
      pool: .single)
  }

  /// Values of the first observations, over both cues, and of the question, without memory: what the
  /// policy answers may be more often right for one cue, and is then as often wrong for the other.
  private func expectMemoryless(_ policy: ActorCriticPolicy) throws {
    var policy = policy
    let values = policy.values(of: [[-1, 0], [1, 0], [0, 1]])
    let first = 0.5 * Self.gamma * Self.gamma * Self.gamma
    #expect(abs((values[0] + values[1]) / 2 - first) < 0.1, "\(values)")
    #expect(abs(values[2] - 0.5) < 0.1, "\(values)")
    let mean = try ProbeTraining("Memory-v0").meanReturn(of: policy)
    #expect(abs(mean - 0.5) < 0.12, "\(mean)")
  }

  @Test func withoutMemoryPPOLearnsOneHalf() throws {
    try expectMemoryless(ProbeTraining("Memory-v0").policy(steps: Self.steps, ppo))
  }

  @Test func withoutMemoryA2CLearnsOneHalf() throws {
    try expectMemoryless(ProbeTraining("Memory-v0").policy(steps: Self.steps, a2c))
  }

  /// The return is 1, and so is the value but for three discounts.
  private func expectFull(_ policy: ActorCriticPolicy, _ wrappers: FrozenWrappers) throws {
    var policy = policy
    let probe = try ProbeTraining("Memory-v0")
    #expect(try probe.meanReturn(of: policy, behind: wrappers) == 1)
    let rows = wrappers.show(ProbeTraining.rows([[-1, 0], [1, 0]]), count: 2)
    for value in policy.values(ofRows: rows, count: 2) {
      #expect(abs(value - Self.gamma * Self.gamma * Self.gamma) < 0.08, "\(value)")
    }
  }

  @Test func withStackedFramesPPOAnswers() throws {
    let (policy, wrappers) = try ProbeTraining("Memory-v0").policy(
      steps: Self.steps, wrappers: stacked, ppo)
    try expectFull(policy, wrappers)
  }

  @Test func withStackedFramesA2CAnswers() throws {
    let (policy, wrappers) = try ProbeTraining("Memory-v0").policy(
      steps: Self.steps, wrappers: stacked, a2c)
    try expectFull(policy, wrappers)
  }

  @Test func withStackedFramesDQNAnswers() throws {
    let (policy, wrappers) = try ProbeTraining("Memory-v0").policy(
      steps: Self.steps, wrappers: stacked, dqn)
    #expect(try ProbeTraining("Memory-v0").meanReturn(of: policy, behind: wrappers) == 1)
  }
}
