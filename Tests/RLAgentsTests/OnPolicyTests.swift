import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// What PPO and A2C do with a rollout, and how they are configured.
@Suite struct OnPolicyTests {
  private var small: PPO.Configuration {
    var configuration = PPO.Configuration()
    configuration.nSteps = 8
    configuration.batchSize = 12
    configuration.nEpochs = 2
    configuration.hidden = [8]
    return configuration
  }

  private func agent(
    _ configuration: PPO.Configuration, spec: EnvironmentSpec = ToyEnvironment.spec(choices: 3),
    lanes: Int = 4, plannedSteps: Int = 1000
  ) throws -> PPO {
    try PPO(
      spec: spec, lanes: lanes, configuration: configuration, plannedSteps: plannedSteps, seed: 3,
      pool: .single)
  }

  private func toy(lanes: Int = 4, isMasked: Bool = false) -> ToyEnvironment {
    ToyEnvironment(
      lanes: lanes, choices: 3, isMasked: isMasked, ending: .truncated, length: { 3 + $0 },
      reward: { step, choice in step % 3 == choice ? 1 : 0 })
  }

  // 32 rows in batches of 12 are 3 steps of the optimizer a pass, the last over 8 rows.
  @Test func anUpdateComesWhenEveryStepIsInAndTakesTheRestAsASmallerBatch() throws {
    var (agent, toy) = (try agent(small), toy())
    var updates: [Int] = []
    for _ in 0..<17 {
      let before = agent.updates
      try toy.train(&agent, iterations: 1)
      updates.append(agent.updates - before)
    }
    #expect(
      updates == Array(repeating: 0, count: 7) + [6] + Array(repeating: 0, count: 7) + [6, 0])
    #expect(agent.takeMetrics()["train/n_updates"] == 4)
  }

  @Test func schedulesGoByTheEndOfTheRollout() throws {
    var configuration = small
    configuration.learningRate = .linear(from: 0.01)
    configuration.clipRange = .linear(from: 0.4)
    configuration.clipRangeVf = .linear(from: 2)
    var (agent, toy) = (try agent(configuration, plannedSteps: 128), toy())
    for remaining in [0.75, 0.5, 0.25, 0, 0] {
      try toy.train(&agent, iterations: 8)
      let metrics = agent.takeMetrics()
      #expect(abs((metrics["train/learning_rate"] ?? .nan) - 0.01 * remaining) < 1e-8)
      #expect(abs((metrics["train/clip_range"] ?? .nan) - 0.4 * remaining) < 1e-6)
      #expect(abs((metrics["train/clip_range_vf"] ?? .nan) - 2 * remaining) < 1e-6)
    }
  }

  @Test func aLearningRateOfZeroChangesNothing() throws {
    var configuration = small
    configuration.learningRate = .linear(from: 0.01)
    var (agent, toy) = (try agent(configuration, plannedSteps: 32), toy())
    let before = agent.policy.network
    try toy.train(&agent, iterations: 8)
    #expect(agent.updates == 6)
    #expect(agent.policy.network == before)
  }

  // The first batch has ratios of 1; a large step then leaves the old policy far behind.
  @Test func anUpdateStopsBeforeTheStepThatFindsTooLargeADivergence() throws {
    var configuration = small
    configuration.learningRate = .constant(0.5)
    configuration.targetKL = 0.01
    var (agent, toy) = (try agent(configuration), toy())
    try toy.train(&agent, iterations: 8)
    #expect(agent.updates == 1)
    let metrics = agent.takeMetrics()
    #expect(metrics["train/n_updates"] == 1)
    #expect((metrics["train/approx_kl"] ?? 0) > 0.015 / 2)
  }

  @Test func beforeAnUpdateThereIsNothingToSay() throws {
    var (agent, toy) = (try agent(small), toy())
    #expect(agent.takeMetrics().entries.isEmpty)
    try toy.train(&agent, iterations: 9)
    #expect(agent.takeMetrics()["train/value_loss"] != nil)
    #expect(agent.takeMetrics().entries.isEmpty)
  }

  @Test func noForbiddenChoiceIsEverTaken() throws {
    let spec = ToyEnvironment.spec(choices: 3, isMasked: true)
    var (agent, toy) = (try agent(small, spec: spec), toy(isMasked: true))
    var random = RandomStream(seed: 4)
    var forbidden = 0
    for _ in 0..<100 {
      for lane in 0..<4 {
        for i in 0..<3 { toy.batch.masks[3 * lane + i] = UInt8(random.index(below: 2)) }
        toy.batch.masks[3 * lane + random.index(below: 3)] = 1
      }
      agent.act(&toy.batch)
      for lane in 0..<4 {
        forbidden += toy.batch.masks[3 * lane + Int(toy.batch.choices[lane])] == 0 ? 1 : 0
      }
      toy.step()
      agent.observe(toy.batch)
      _ = try agent.learn()
      toy.advance()
    }
    #expect(forbidden == 0)
    #expect(agent.updates > 0)
  }

  // The value of a step that is cut off counts; that of one that ends the task does not.
  @Test(arguments: [(false, Float(1.5)), (true, 1)])
  func onlyATruncatedStepBootstraps(terminated: Bool, expected: Float) throws {
    var configuration = small
    configuration.nSteps = 1
    configuration.gamma = 0.5
    configuration.hidden = []
    var agent = try agent(configuration, lanes: 2)
    // V = 1 everywhere
    var network = agent.policy.network
    try network.load(
      tensors: network.tensors.map { tensor in
        let value: Float = tensor.name == "value_net.bias" ? 1 : 0
        return .init(
          name: tensor.name, shape: tensor.shape, values: tensor.values.map { _ in value })
      })
    var state = agent.saveState()
    state.merge(network.saveState(), prefix: "network")
    try agent.restore(state)
    var step = StepBatch(ToyEnvironment.spec(choices: 3), lanes: 2)
    agent.act(&step)
    step.rewards = [1, 1]
    step.terminated = [terminated, terminated]
    step.truncated = [true, true]
    agent.observe(step)
    _ = try agent.learn()
    #expect(agent.returns == [expected, expected])
  }

  @Test func divergenceStopsTheRunAndLeavesTheParameters() throws {
    var (agent, toy) = (try agent(small), toy())
    try toy.train(&agent, iterations: 7)
    let before = agent.policy.network
    toy.step()
    toy.batch.rewards[1] = .infinity
    agent.act(&toy.batch)
    agent.observe(toy.batch)
    #expect(throws: DivergenceError.self) { try agent.learn() }
    #expect(agent.policy.network == before)
  }

  @Test func anAgentThatDoesNotFitInMemoryIsRefused() throws {
    for name in ["ppo", "a2c"] {
      let entry = try AlgorithmCatalog.entry(named: name)
      func make(_ settings: [(key: String, value: ConfigurationValue)]) throws -> any Agent {
        try entry.makeAgent(
          spec: ToyEnvironment.spec(choices: 2), lanes: 8, configuration: entry.configure(settings),
          steps: 100, seed: 0, pool: .single, memoryLimit: 1 << 30)
      }
      _ = try make([("nSteps", .integer(100))])
      for setting in [
        ("nSteps", ConfigurationValue.integer(50_000_000)),
        ("hidden", .list([.integer(65_536), .integer(65_536)])),
      ] {
        let error = #expect(throws: ConfigurationError.self) { try make([setting]) }
        #expect(error?.field == "nSteps")
        #expect(error?.reason.contains("1024 MiB of memory") == true)
      }
    }
  }
}
