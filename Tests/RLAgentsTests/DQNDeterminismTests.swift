import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

@Suite struct DQNDeterminismTests {
  private var configuration: DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [32, 32]
    configuration.learningRate = .constant(1e-3)
    configuration.learningStarts = 40
    configuration.bufferSize = 500
    configuration.targetUpdateInterval = 30
    configuration.doubleQ = true
    return configuration
  }

  private func run(
    seed: UInt64 = 0, pool: WorkerPool = .single, iterations: Int = 200
  ) throws -> (agent: DQN, toy: ToyEnvironment) {
    var toy = ToyEnvironment(
      lanes: 4, choices: 3, ending: .truncated, length: { 3 + $0 },
      reward: { step, choice in step % 3 == choice ? 1 : 0 })
    var agent = try DQN(
      spec: toy.spec, lanes: 4, configuration: configuration, plannedSteps: 800, seed: seed,
      pool: pool)
    try toy.train(&agent, iterations: iterations)
    return (agent, toy)
  }

  @Test func equalSeedsGiveEqualBits() throws {
    let first = try run().agent
    #expect(first.updates > 100)
    #expect(try run().agent.saveState() == first.saveState())
  }

  // Recorded from a build that knew no option but double Q.
  @Test func optionsThatAreOffChangeNoBit() throws {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for parameter in try run().agent.online.parameters {
      hash = (hash ^ UInt64(parameter.bitPattern)) &* 0x0000_0100_0000_01B3
    }
    #expect(hash == 18_124_179_736_199_526_430)
  }

  @Test func otherSeedsGiveOtherBits() throws {
    #expect(try run(seed: 1).agent.online != run(seed: 2).agent.online)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let two = try run(pool: WorkerPool(threads: 2)).agent
    #expect(try run().agent.saveState() == two.saveState())
  }

  @Test func aRestoredAgentGoesOnWithTheSameBits() throws {
    var (agent, toy) = try run(iterations: 101)
    var other = try DQN(
      spec: toy.spec, lanes: 4, configuration: configuration, plannedSteps: 800, seed: 999,
      pool: .single)
    try other.restore(agent.saveState())
    var otherToy = toy
    try toy.train(&agent, iterations: 99)
    try otherToy.train(&other, iterations: 99)
    #expect(agent.saveState() == other.saveState())
    #expect(agent.takeMetrics() == other.takeMetrics())
    #expect(try run(iterations: 200).agent.online == other.online)
  }

  @Test(arguments: ["online.parameters", "random", "counters", "replay.kinds", "report"])
  func aStateWithoutAnEntryIsRefused(name: String) throws {
    var (agent, _) = try run(iterations: 10)
    var state = agent.saveState()
    #expect(state[name] != nil)
    state[name] = nil
    #expect(throws: StateError.self) { try agent.restore(state) }
  }

  @Test func anExportedPolicyActsAsTheAgentsOwn() throws {
    let (agent, toy) = try run()
    var policy: any Policy = agent.policy
    let export = policy.export()
    #expect(export.tensors.map(\.name).prefix(2) == ["q_net.q_net.0.weight", "q_net.q_net.0.bias"])
    #expect(export.tensors[0].shape == [32, 1])
    var loaded: any Policy = try AlgorithmCatalog.entry(named: "dqn").loadPolicy(
      observation: toy.spec.observation, action: toy.spec.action.space, tensors: export.tensors,
      attributes: export.attributes, pool: .single)
    #expect(
      loaded.outputs(for: toy.batch.observations, count: 4)
        == policy.outputs(for: toy.batch.observations, count: 4))
    #expect(loaded.export() == export)
  }

  @Test func aPolicyWithOtherShapesIsRefused() throws {
    let (agent, toy) = try run(iterations: 1)
    let export = agent.policy.export()
    let entry = try AlgorithmCatalog.entry(named: "dqn")
    let wrong = Space([Leaf(kind: .discrete(count: 5, start: 0), element: .i32)])
    let error = #expect(throws: StateError.self) {
      try entry.loadPolicy(
        observation: toy.spec.observation, action: wrong, tensors: export.tensors,
        attributes: export.attributes, pool: .single)
    }
    #expect(error?.reason.contains("q_net.q_net.4.weight") == true)
    var attributes = export.attributes
    attributes["hidden"] = "99999999999,2"
    #expect(throws: StateError.self) {
      try entry.loadPolicy(
        observation: toy.spec.observation, action: toy.spec.action.space, tensors: export.tensors,
        attributes: attributes, pool: .single)
    }
  }
}
