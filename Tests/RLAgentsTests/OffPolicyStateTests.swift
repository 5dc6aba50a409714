import CFuzz
import RLAgents
import RLCore
import RLParallel
import Testing

/// States that are not what the agent saved, and what a step costs.
@Suite struct OffPolicyStateTests {
  private static let names = ["ddpg", "td3", "sac"]

  private func make(
    _ name: String, _ settings: [(key: String, value: ConfigurationValue)] = [],
    lanes: Int = 2, pool: WorkerPool = .single
  ) throws -> any Agent {
    let entry = try AlgorithmCatalog.entry(named: name)
    let common: [(key: String, value: ConfigurationValue)] = [
      ("hidden", .list([.integer(4), .integer(5)])), ("bufferSize", .integer(40)),
      ("batchSize", .integer(6)), ("learningStarts", .integer(4)),
    ]
    return try entry.makeAgent(
      spec: RandomEnvironment(action: RandomEnvironment.controls, lanes: lanes).spec, lanes: lanes,
      configuration: entry.configure(common + settings), steps: 1000, seed: 1, pool: pool)
  }

  /// With everything that is optional in a state.
  private func trained(_ name: String) throws -> (any Agent, RandomEnvironment) {
    var environment = RandomEnvironment(action: RandomEnvironment.controls, lanes: 2)
    var settings: [(key: String, value: ConfigurationValue)] = [("prioritized", .bool(true))]
    settings.append(
      name == "sac" ? ("useSDE", .bool(true)) : ("noiseType", .text("ornstein-uhlenbeck")))
    var agent = try make(name, settings)
    try environment.train(&agent, iterations: 9)
    return (agent, environment)
  }

  private func expectRefused(_ name: String, _ change: (inout SavedState) -> Void) throws {
    var (agent, _) = try trained(name)
    let before = agent.saveState()
    var state = before
    change(&state)
    #expect(state != before)
    #expect(throws: StateError.self) { try agent.restore(state) }
    #expect(agent.saveState() == before)
  }

  @Test(arguments: names)
  func aStateWithoutAnEntryOrWithAnotherLengthIsRefused(name: String) throws {
    let entries = try trained(name).0.saveState().entries
    #expect(entries.count > 20)
    for (entry, value) in entries where value != .bytes([]) && value != .integers([]) {
      try expectRefused(name) { $0[entry] = nil }
      try expectRefused(name) { $0[entry] = .words([1, 1, 1, 1, 1]) }
      try expectRefused(name) { $0[entry] = .floats([]) }
    }
  }

  @Test(
    arguments: names,
    [[UInt64(1) << 61, 0, 0], [18, 0, 19], [600, 0, 4], [18, 0, 1 << 63], [18, 1 << 62, 18]])
  func countersThatContradictEachOtherAreRefused(name: String, counters: [UInt64]) throws {
    try expectRefused(name) { $0["experience.counters"] = .words(counters) }
  }

  @Test(arguments: names, [Float(1.01), -2, .infinity, .nan])
  func aControlOutsideItsBoundsIsRefused(name: String, value: Float) throws {
    try expectRefused(name) { state in
      guard case .floats(var controls)? = state["experience.replay.controls"] else { return }
      controls[1] = value
      state["experience.replay.controls"] = .floats(controls)
    }
  }

  @Test(arguments: names)
  func anObservationOutsideItsSpaceIsRefused(name: String) throws {
    try expectRefused(name) { state in
      guard case .bytes(var rows)? = state["experience.replay.observations"] else { return }
      rows[12 + 8] = 9
      state["experience.replay.observations"] = .bytes(rows)
    }
  }

  @Test(arguments: names)
  func streamsOfZerosAndAnEmptyRingAreRefused(name: String) throws {
    try expectRefused(name) {
      $0["experience.random"] = .words(Array(repeating: 0, count: 12))
    }
    try expectRefused(name) { state in
      guard case .bytes(let kinds)? = state["experience.replay.kinds"] else { return }
      state["experience.replay.kinds"] = .bytes(kinds.map { _ in 0 })
    }
  }

  // Numbers may be anything: they end the run with an error, never with a trap.
  @Test(
    arguments: names,
    ["actor.parameters", "critics.0.online.parameters", "experience.replay.rewards"])
  func numbersThatAreNoneAreTakenAndEndTheRun(name: String, entry: String) throws {
    var (agent, environment) = try trained(name)
    var state = agent.saveState()
    guard case .floats(let values)? = state[entry] else {
      Issue.record("no \(entry)")
      return
    }
    state[entry] = .floats(values.map { _ in .nan })
    try agent.restore(state)
    #expect(throws: DivergenceError.self) { try environment.train(&agent, iterations: 6) }
  }

  @Test(arguments: [
    ("ddpg", "noiseType", ConfigurationValue.text("normal")),
    ("ddpg", "noiseType", .text("ornstein-uhlenbeck")), ("td3", "nSteps", .integer(3)),
    ("td3", "prioritized", .bool(true)), ("sac", "nSteps", .integer(1)),
    ("sac", "prioritized", .bool(true)), ("sac", "useSDE", .bool(true)),
    ("sac", "entCoef", .number(0.1)),
  ])
  func nothingAllocatesAfterTheFirstUpdate(
    name: String, key: String, value: ConfigurationValue
  ) throws {
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 2)] {
      var environment = RandomEnvironment(action: RandomEnvironment.controls, lanes: 3)
      let agent = try make(name, [(key, value)], lanes: 3, pool: pool)
      try expectNoBlocks(agent, &environment)
    }
  }

  private func expectNoBlocks(
    _ agent: consuming some Agent, _ environment: inout RandomEnvironment
  ) throws {
    var agent = agent
    try environment.train(&agent, iterations: 5)
    var blocks: [UInt64] = [0, 0, 0]
    for _ in 0..<12 {
      let start = allocation_meter_thread_blocks()
      agent.act(&environment.batch)
      let acted = allocation_meter_thread_blocks()
      environment.step()
      let stepped = allocation_meter_thread_blocks()
      agent.observe(environment.batch)
      let observed = allocation_meter_thread_blocks()
      _ = try agent.learn()
      blocks[0] += acted - start
      blocks[1] += observed - stepped
      blocks[2] += allocation_meter_thread_blocks() - observed
      environment.advance()
    }
    #expect(blocks == [0, 0, 0])
  }
}
