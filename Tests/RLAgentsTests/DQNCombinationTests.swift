import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// Every combination of the options on a masked toy with three lanes.
@Suite struct DQNCombinationTests {
  private static let combinations = Array(0..<64)

  /// Bit `i` of `number` turns an option on.
  private static func configuration(_ number: Int) -> DQN.Configuration {
    func has(_ bit: Int) -> Bool { number >> bit & 1 == 1 }
    var configuration = DQN.Configuration()
    configuration.hidden = number % 3 == 0 ? [] : number % 3 == 1 ? [12] : [16, 20]
    configuration.learningStarts = 20
    configuration.bufferSize = 60
    configuration.batchSize = 16
    configuration.targetUpdateInterval = 12
    configuration.doubleQ = has(0)
    configuration.dueling = has(1)
    configuration.nSteps = has(2) ? 3 : 1
    configuration.prioritized = has(3)
    configuration.tau = has(4) ? 0.3 : 1
    configuration.loss = has(5) ? .squared : .huber
    configuration.activation = has(4) == has(5) ? .relu : .tanh
    configuration.optimizer = has(5) ? .rmsprop : .adam
    return configuration
  }

  private func toy() -> ToyEnvironment {
    var toy = ToyEnvironment(
      lanes: 3, choices: 4, isMasked: true, ending: .truncated, length: { 3 + 2 * $0 },
      reward: { step, choice in step % 3 == choice ? 1 : 0 })
    for lane in 0..<3 { toy.batch.masks[4 * lane + lane] = 0 }
    return toy
  }

  private func agent(_ number: Int, seed: UInt64 = 1, threads: Int = 1) throws -> DQN {
    try DQN(
      spec: toy().spec, lanes: 3, configuration: Self.configuration(number), plannedSteps: 600,
      seed: seed, pool: threads == 1 ? .single : WorkerPool(oversubscribing: threads))
  }

  @Test(arguments: combinations)
  func interruptedOrNotAndOnAnyThreadsTheBitsAreTheSame(number: Int) throws {
    var whole = try agent(number)
    var toy = toy()
    try toy.train(&whole, iterations: 57)
    var later = toy

    // as whole and as assembled from captures, into agents with other weights
    var assembled = AssembledState()
    var captured = try agent(number)
    var capturedToy = self.toy()
    for iterations in [1, 20, 6, 30] {
      try capturedToy.train(&captured, iterations: iterations)
      assembled.apply(captured.capture())
      #expect(assembled.state == captured.saveState())
    }
    #expect(assembled.state == whole.saveState())
    var resumed = try agent(number, seed: 77, threads: 2)
    try resumed.restore(assembled.state)

    try toy.train(&whole, iterations: 40)
    try later.train(&resumed, iterations: 40)
    #expect(whole.updates > 50)
    #expect(resumed.saveState() == whole.saveState())
    #expect(resumed.takeMetrics() == whole.takeMetrics())

    var after = AssembledState(assembled.state)
    after.apply(resumed.capture())
    #expect(after.state == resumed.saveState())
    resumed.captureAnew()
    var anew = AssembledState()
    anew.apply(resumed.capture())
    #expect(anew.state == resumed.saveState())
  }

  @Test(arguments: combinations)
  func aPolicyIsRebuiltFromItsExport(number: Int) throws {
    var agent = try agent(number)
    var toy = toy()
    try toy.train(&agent, iterations: 20)
    var policy = agent.policy
    let export = policy.export()
    #expect(export.attributes["dueling"] == (agent.configuration.dueling ? "true" : nil))
    var loaded = try QPolicy(
      observation: toy.spec.observation, action: toy.spec.action, tensors: export.tensors,
      attributes: export.attributes, pool: .single)
    #expect(loaded.export() == export)
    #expect(
      loaded.outputs(for: toy.batch.observations, count: 3)
        == policy.outputs(for: toy.batch.observations, count: 3))
  }

  @Test func forbiddenChoicesAreNeverTakenWithEveryOption() throws {
    var agent = try agent(15)
    var toy = toy()
    for _ in 0..<60 {
      try toy.train(&agent, iterations: 1)
      for lane in 0..<3 { #expect(toy.batch.choices[lane] != Int32(lane)) }
    }
  }

  @Test(arguments: ["priorities.leaves", "priorities.largest"])
  func damagedPrioritiesAreRefused(name: String) throws {
    var agent = try agent(8)
    var toy = toy()
    try toy.train(&agent, iterations: 20)
    let state = agent.saveState()
    guard case .floats(let values)? = state[name] else { throw StateError(reason: "no \(name)") }
    for wrong in [Float.nan, -1, .infinity, 1e30] {
      var damaged = state
      damaged[name] = .floats([wrong] + values.dropFirst())
      if name == "priorities.largest", wrong == 1e30 { continue }
      #expect(throws: StateError.self) { try agent.restore(damaged) }
    }
    // a priority where no transition starts
    var shifted = state
    shifted[name] = .floats(values.map { _ in 0 })
    #expect(throws: StateError.self) { try agent.restore(shifted) }
  }

  @Test func anUnreadableDuelingAttributeIsRefused() throws {
    let agent = try agent(2)
    let export = agent.policy.export()
    for value in ["false", "", "yes"] {
      var attributes = export.attributes
      attributes["dueling"] = value
      #expect(throws: StateError.self) {
        try QPolicy(
          observation: toy().spec.observation, action: toy().spec.action, tensors: export.tensors,
          attributes: attributes, pool: .single)
      }
    }
  }
}
