import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// What each of DQN's options does to the first update, in numbers, for linear networks: with
/// observation 0, Q is their bias.
@Suite struct DQNOptionTests {
  private var linear: DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = []
    configuration.learningStarts = 0
    configuration.trainFrequency = 1
    configuration.batchSize = 1
    configuration.bufferSize = 16
    configuration.gamma = 0.5
    configuration.targetUpdateInterval = 1000
    return configuration
  }

  /// An agent whose linear networks have the biases given.
  private func agent(
    _ configuration: DQN.Configuration, online: [Float], target: [Float], seed: UInt64 = 0
  ) throws -> DQN {
    var agent = try DQN(
      spec: ToyEnvironment.spec(choices: 2), lanes: 1, configuration: configuration,
      plannedSteps: 1000, seed: seed, pool: .single)
    var state = agent.saveState()
    for (prefix, biases) in [("online", online), ("target", target)] {
      var network = agent.online
      var tensors = network.tensors(prefix: "")
      for i in tensors.indices { tensors[i].values = tensors[i].values.map { _ in 0 } }
      if configuration.dueling {
        tensors[1].values = [biases[0]]
        tensors[3].values = Array(biases[1...])
      } else {
        tensors[1].values = biases
      }
      try network.load(tensors: tensors, prefix: "")
      state.merge(network.saveState(), prefix: prefix)
    }
    try agent.restore(state)
    return agent
  }

  /// Sets the priority of each row that starts a transition.
  private func setPriorities(_ agent: inout DQN, to priority: (Int) -> Float) throws {
    var state = agent.saveState()
    let rows = agent.replay.rowsPerLane
    state["priorities.leaves"] = .floats(
      (0..<rows).map { agent.replay.isTransition($0) ? priority($0) : 0 })
    try agent.restore(state)
  }

  private func step(
    reward: Float, choice: Int32 = 0, terminated: Bool = false, truncated: Bool = false
  ) -> StepBatch {
    var step = StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1)
    step.choices[0] = choice
    step.rewards[0] = reward
    step.terminated[0] = terminated
    step.truncated[0] = truncated
    return step
  }

  /// The loss of one update on the oldest of the recorded transitions, which alone has a priority
  /// that counts.
  private func loss(
    of steps: [StepBatch], _ configuration: DQN.Configuration, online: [Float], target: [Float]
  ) throws -> Double? {
    var configuration = configuration
    configuration.prioritized = true
    configuration.learningStarts = steps.count - 1
    var agent = try agent(configuration, online: online, target: target)
    for (index, step) in steps.enumerated() {
      agent.observe(step)
      if index + 1 < steps.count { #expect(try agent.learn() == 0) }
    }
    try setPriorities(&agent) { $0 == 0 ? 1 : 1e-30 }
    #expect(try agent.learn() == 1)
    return agent.takeMetrics()["train/loss"]
  }

  // Online Q = (1, 2), target Q = (5, 3), gamma = 1/2; Huber: e^2/2 up to 1, then |e| - 1/2.
  @Test func threeStepsAddThreeRewardsAndThenBootstrap() throws {
    var configuration = linear
    configuration.nSteps = 3
    // y = 1 + 2/2 + 4/4 + 5/8, e = 1 - 3.625
    let steps = [step(reward: 1), step(reward: 2), step(reward: 4), step(reward: 100)]
    #expect(try loss(of: steps, configuration, online: [1, 2], target: [5, 3]) == 2.125)
  }

  @Test func aTerminationCutsTheReturnAndTheBootstrap() throws {
    var configuration = linear
    configuration.nSteps = 3
    // y = 1 + 2/2, e = -1
    let steps = [step(reward: 1), step(reward: 2, terminated: true), step(reward: 100)]
    #expect(try loss(of: steps, configuration, online: [1, 2], target: [5, 3]) == 0.5)
  }

  @Test func aTruncationCutsTheReturnAndBootstrapsWithItsPowerOfGamma() throws {
    var configuration = linear
    configuration.nSteps = 3
    // y = 1 + 2/2 + 5/4, e = -2.25
    let steps = [step(reward: 1), step(reward: 2, truncated: true), step(reward: 100)]
    #expect(try loss(of: steps, configuration, online: [1, 2], target: [5, 3]) == 1.75)
  }

  @Test func doubleQAndThreeStepsGoTogether() throws {
    var configuration = linear
    configuration.nSteps = 3
    configuration.doubleQ = true
    // a* = 1: y = 1 + 2/2 + 4/4 + 3/8, e = 1 - 3.375
    let steps = [step(reward: 1), step(reward: 2), step(reward: 4)]
    #expect(try loss(of: steps, configuration, online: [1, 2], target: [5, 3]) == 1.875)
  }

  @Test func aDuelingTargetIsMadeOfBothStreams() throws {
    var configuration = linear
    configuration.dueling = true
    // V = 1, A = (1, 3): Q = (0, 2); target V = 4, A = (8, 6): Q = (5, 3); y = 5/2, e = 0 - 5/2
    let loss = try loss(
      of: [step(reward: 0)], configuration, online: [1, 1, 3], target: [4, 8, 6])
    #expect(loss == 2)
  }

  @Test func theWeightOfImportanceMultipliesTheLoss() throws {
    var configuration = linear
    configuration.prioritized = true
    configuration.batchSize = 2
    configuration.priorityBetaStart = 1
    configuration.learningStarts = 1
    var losses: [Double] = []
    for seed in 0..<8 {
      var agent = try agent(configuration, online: [0, 0], target: [0, 0], seed: UInt64(seed))
      agent.observe(step(reward: 3, terminated: true))
      #expect(try agent.learn() == 0)
      agent.observe(step(reward: 7, choice: 1, terminated: true))
      try setPriorities(&agent) { $0 == 0 ? 0.25 : 0.75 }
      #expect(try agent.learn() == 1)
      losses.append(agent.takeMetrics()["train/loss"] ?? .nan)
    }
    // the second half of the sum is the second transition's; the first half is of both
    let both = (1 * 2.5 + 1.0 / 3 * 6.5) / 2
    #expect(losses.allSatisfy { abs($0 - both) < 1e-6 || $0 == 6.5 })
    #expect(losses.contains { $0 < 3 } && losses.contains(6.5))
  }

  @Test func anUpdateSetsThePrioritiesFromItsErrors() throws {
    var configuration = linear
    configuration.prioritized = true
    configuration.batchSize = 2
    configuration.learningStarts = 1
    var agent = try agent(configuration, online: [0, 0], target: [0, 0])
    agent.observe(step(reward: 3, terminated: true))
    #expect(try agent.learn() == 0)
    agent.observe(step(reward: 7, choice: 1, terminated: true))
    #expect(try agent.learn() == 1)
    // 3 and 7 to the power of 0.6; rows 1 and 3 hold final observations
    let leaves = (0..<4).map { agent.priorities?.tree[$0] ?? .nan }
    #expect(abs(leaves[0] - 1.933_182) < 1e-5 && abs(leaves[2] - 3.214_096) < 1e-5)
    #expect(leaves[1] == 0 && leaves[3] == 0)
  }
}
