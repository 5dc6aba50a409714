import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

@Suite struct DQNTests {
  /// A configuration whose network is one linear layer: with observation 0, Q is its bias.
  private var linear: DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = []
    configuration.learningStarts = 0
    configuration.trainFrequency = 1
    configuration.batchSize = 4
    configuration.bufferSize = 16
    configuration.gamma = 0.5
    configuration.targetUpdateInterval = 1000
    return configuration
  }

  private func agent(
    _ configuration: DQN.Configuration, spec: EnvironmentSpec = ToyEnvironment.spec(choices: 2),
    lanes: Int = 1, seed: UInt64 = 0, pool: WorkerPool = .single
  ) throws -> DQN {
    try DQN(
      spec: spec, lanes: lanes, configuration: configuration, plannedSteps: 1000, seed: seed,
      pool: pool)
  }

  /// `agent` with the biases of its linear networks set.
  private func setBiases(_ agent: inout DQN, online: [Float], target: [Float]) throws {
    var state = agent.saveState()
    for (prefix, biases) in [("online", online), ("target", target)] {
      var network = agent.online
      try network.load(
        tensors: [
          .init(
            name: "0.weight", shape: [biases.count, 1],
            values: Array(repeating: 0, count: biases.count)),
          .init(name: "0.bias", shape: [biases.count], values: biases),
        ], prefix: "")
      state.merge(network.saveState(), prefix: prefix)
    }
    try agent.restore(state)
  }

  /// The mean loss of the first update when every transition is: observe 0, choose `choice`, get
  /// `reward`, observe 0 again.
  private func firstLoss(
    _ configuration: DQN.Configuration, online: [Float], target: [Float], choice: Int32 = 0,
    reward: Float = 0, terminated: Bool = false, truncated: Bool = false, masks: [UInt8]? = nil
  ) throws -> Double? {
    let spec = ToyEnvironment.spec(choices: online.count, isMasked: masks != nil)
    var agent = try agent(configuration, spec: spec)
    try setBiases(&agent, online: online, target: target)
    var step = StepBatch(spec, lanes: 1)
    step.choices[0] = choice
    step.rewards[0] = reward
    step.terminated[0] = terminated
    step.truncated[0] = truncated
    if let masks { step.nextMasks = masks }
    agent.observe(step)
    #expect(try agent.learn() == 1)
    return agent.takeMetrics()["train/loss"]
  }

  // Huber: e^2/2 up to 1, then |e| - 1/2. Online Q = (1, 2), target Q = (5, 3), gamma = 1/2.
  @Test func theTargetIsRewardPlusDiscountedMaximumOfTheTargetNetwork() throws {
    // y = 0.25 + 5/2, e = 1 - 2.75
    let loss = try firstLoss(linear, online: [1, 2], target: [5, 3], reward: 0.25)
    #expect(loss == 1.25)
  }

  @Test func aSteadyGradientMovesTheValueByTheScheduledLearningRate() throws {
    var configuration = linear
    configuration.learningRate = .linear(from: 0.2)
    let spec = ToyEnvironment.spec(choices: 2)
    var agent = try DQN(
      spec: spec, lanes: 1, configuration: configuration, plannedSteps: 4, seed: 0, pool: .single)
    try setBiases(&agent, online: [0, 0], target: [0, 0])
    var step = StepBatch(spec, lanes: 1)
    step.rewards[0] = 100  // far in Huber's linear part: Adam's steps are the learning rate
    step.terminated[0] = true
    var values: [Float] = []
    for rate in [0.15, 0.1, 0.05, 0] {
      agent.observe(step)
      #expect(try agent.learn() == 1)
      var tape = agent.online.makeTape(rows: 1)
      agent.online.forward(&tape, rows: 1, pool: .single)
      values.append(tape.output[0])
      let told = try #require(agent.takeMetrics()["train/learning_rate"])
      #expect(abs(told - rate) < 1e-7)
    }
    let expected: [Float] = [0.15, 0.25, 0.3, 0.3]
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(values[3] == values[2])
  }

  @Test func doubleQTakesTheActionFromTheOnlineNetwork() throws {
    var configuration = linear
    configuration.doubleQ = true
    // a* = 1, y = 3/2, e = -1/2
    #expect(try firstLoss(configuration, online: [1, 2], target: [5, 3]) == 0.125)
  }

  @Test func aTerminatedStepDoesNotBootstrap() throws {
    // y = 0.5, e = 1/2
    let loss = try firstLoss(
      linear, online: [1, 2], target: [5, 3], reward: 0.5, terminated: true)
    #expect(loss == 0.125)
  }

  @Test func aTruncatedStepBootstraps() throws {
    let loss = try firstLoss(
      linear, online: [1, 2], target: [5, 3], reward: 0.25, truncated: true)
    #expect(loss == 1.25)
  }

  @Test func bothFlagsAtOnceDoNotBootstrap() throws {
    let loss = try firstLoss(
      linear, online: [1, 2], target: [5, 3], reward: 0.5, terminated: true, truncated: true)
    #expect(loss == 0.125)
  }

  @Test func forbiddenChoicesAreNoPartOfTheMaximum() throws {
    // only action 1 is allowed: y = 3/2, e = -1/2
    let loss = try firstLoss(linear, online: [1, 2], target: [5, 3], masks: [0, 1])
    #expect(loss == 0.125)
  }

  @Test func forbiddenChoicesAreNotSelectedByDoubleQ() throws {
    var configuration = linear
    configuration.doubleQ = true
    // online prefers 1, which is forbidden: a* = 0, y = 5/2, e = -3/2
    #expect(try firstLoss(configuration, online: [1, 2], target: [5, 3], masks: [1, 0]) == 1)
  }

  @Test func theTargetMovesAtItsIntervalAndNotInBetween() throws {
    var configuration = linear
    configuration.targetUpdateInterval = 10
    var agent = try agent(configuration)
    var toy = ToyEnvironment(length: { _ in 5 }, reward: { _, choice in Float(choice) })
    var before = agent.target
    for step in 1...40 {
      let online = agent.online
      try toy.train(&agent, iterations: 1)
      if step % 10 == 0 {
        #expect(agent.target == online)
        #expect(agent.target != before)
      } else {
        #expect(agent.target == before)
      }
      before = agent.target
    }
  }

  @Test func aSoftTargetMovesByTau() throws {
    var configuration = linear
    configuration.targetUpdateInterval = 1
    configuration.tau = 0.25
    configuration.learningStarts = 1000
    var agent = try agent(configuration)
    try setBiases(&agent, online: [8, 0], target: [0, 0])
    agent.observe(StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1))
    #expect(agent.target.tensors(prefix: "")[1].values[0] == 2)
    agent.observe(StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1))
    #expect(agent.target.tensors(prefix: "")[1].values[0] == 3.5)
  }

  @Test func burstsComeEveryTrainFrequencyStepsAfterTheStart() throws {
    var configuration = linear
    configuration.learningStarts = 20
    configuration.trainFrequency = 8
    configuration.gradientSteps = 3
    var agent = try agent(configuration, lanes: 4)
    var toy = ToyEnvironment(lanes: 4, length: { _ in 5 }, reward: { _, _ in 1 })
    var updates: [Int] = []
    for _ in 0..<10 {
      toy.step()
      agent.observe(toy.batch)
      updates.append(try agent.learn())
      toy.advance()
    }
    // steps 4, 8, ... 40; due at multiples of 8 above 20
    #expect(updates == [0, 0, 0, 0, 0, 3, 0, 3, 0, 3])
  }

  @Test func epsilonFallsLinearlyOverItsShareOfTheRun() throws {
    var configuration = linear
    configuration.explorationFraction = 0.5
    configuration.epsilonEnd = 0.1
    var agent = try agent(configuration)
    #expect(agent.epsilon == 1)
    let step = StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1)
    for _ in 0..<250 { agent.observe(step) }
    #expect(abs(agent.epsilon - 0.55) < 1e-6)
    for _ in 0..<500 { agent.observe(step) }
    #expect(agent.epsilon == 0.1)
  }

  @Test func randomChoicesComeAsOftenAsEpsilonSays() throws {
    var configuration = linear
    configuration.epsilonStart = 0.3
    configuration.epsilonEnd = 0.3
    configuration.bufferSize = 1000
    var agent = try agent(configuration, lanes: 1000)
    try setBiases(&agent, online: [0, 1], target: [0, 0])
    var step = StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1000)
    var zeros = 0
    for _ in 0..<20 {
      agent.act(&step)
      zeros += step.choices.count { $0 == 0 }
    }
    // half of 30 % of 20,000, standard deviation 50
    #expect(abs(zeros - 3000) < 200)
  }

  @Test func noForbiddenChoiceIsEverTaken() throws {
    let spec = ToyEnvironment.spec(choices: 4, isMasked: true)
    var configuration = linear
    configuration.epsilonStart = 0.5
    configuration.epsilonEnd = 0.5
    configuration.bufferSize = 64
    var agent = try agent(configuration, spec: spec, lanes: 64)
    var step = StepBatch(spec, lanes: 64)
    var random = RandomStream(seed: 4)
    for _ in 0..<50 {
      for lane in 0..<64 {
        for i in 0..<4 { step.masks[4 * lane + i] = UInt8(random.index(below: 2)) }
        step.masks[4 * lane + random.index(below: 4)] = 1
      }
      agent.act(&step)
      for lane in 0..<64 { #expect(step.masks[4 * lane + Int(step.choices[lane])] == 1) }
    }
  }

  @Test func unsupportedSpacesAreRefusedByName() {
    let spec = EnvironmentSpec(
      id: "Arm-v0",
      observation: Space([Leaf(kind: .box(low: [0], high: [1]), element: .f32, shape: [1])]),
      action: Space([Leaf(kind: .box(low: [-1], high: [1]), element: .f32, shape: [1])]))
    let error = #expect(throws: ConfigurationError.self) { try agent(linear, spec: spec) }
    #expect(error?.reason.contains("Arm-v0 has Box(1) f32") == true)
  }

  @Test func anAgentThatDoesNotFitInMemoryIsRefused() throws {
    let entry = try AlgorithmCatalog.entry(named: "dqn")
    let spec = ToyEnvironment.spec(choices: 2)
    func make(_ settings: [(key: String, value: ConfigurationValue)]) throws -> any Agent {
      try entry.makeAgent(
        spec: spec, lanes: 1, configuration: entry.configure(settings), steps: 100, seed: 0,
        pool: .single, memoryLimit: 1 << 30)
    }
    _ = try make([("bufferSize", .integer(1000))])
    for setting in [
      ("bufferSize", ConfigurationValue.integer(1_000_000_000)),
      ("hidden", .list([.integer(65_536), .integer(65_536)])),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try make([setting]) }
      #expect(error?.reason.contains("1024 MiB of memory") == true)
    }
  }

  @Test func divergenceStopsTheRun() throws {
    var agent = try agent(linear)
    var step = StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1)
    step.rewards[0] = .infinity
    agent.observe(step)
    #expect(throws: DivergenceError.self) { try agent.learn() }
  }
}
