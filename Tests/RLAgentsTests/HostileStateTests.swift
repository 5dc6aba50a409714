import RLAgents
import RLCore
import RLParallel
import Testing

@Suite struct HostileStateTests {
  private func agent() throws -> DQN {
    var configuration = DQN.Configuration()
    configuration.hidden = [4]
    configuration.bufferSize = 32
    configuration.batchSize = 4
    configuration.learningStarts = 100
    return try DQN(
      spec: Self.spec, lanes: 1, configuration: configuration, plannedSteps: 100, seed: 1,
      pool: .single)
  }

  /// Observations that are indices: 1, 2 or 3.
  private static let spec = EnvironmentSpec(
    id: "Index-v0",
    observation: Space([Leaf(kind: .discrete(count: 3, start: 1), element: .i32)]),
    action: Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)]))

  private func saved() throws -> SavedState {
    var agent = try agent()
    var batch = StepBatch(Self.spec, lanes: 1)
    batch.observations[0] = 1
    batch.nextObservations[0] = 3
    for _ in 0..<6 {
      agent.act(&batch)
      agent.observe(batch)
      _ = try agent.learn()
    }
    return agent.saveState()
  }

  @Test func whatWasWrittenIsTakenBackThoughUnwrittenRowsAreOutsideTheSpace() throws {
    var agent = try agent()
    try agent.restore(saved())
    #expect(agent.replay.count == 6)
  }

  @Test(arguments: [0, 4, 255])
  func anObservationOutsideItsSpaceIsRefused(value: UInt8) throws {
    var state = try saved()
    guard case .bytes(var rows)? = state["replay.observations"] else {
      Issue.record("no observations")
      return
    }
    rows[8] = value
    state["replay.observations"] = .bytes(rows)
    var agent = try agent()
    #expect(throws: StateError.self) { try agent.restore(state) }
  }

  @Test(arguments: [[UInt64(1) << 61, 0, 0], [6, 0, 7], [600, 0, 4], [6, 0, 1 << 63]])
  func countersThatContradictEachOtherAreRefused(counters: [UInt64]) throws {
    var state = try saved()
    state["counters"] = .words(counters)
    var agent = try agent()
    #expect(throws: StateError.self) { try agent.restore(state) }
  }

  @Test func anEmptyRingAfterStepsIsRefused() throws {
    var state = try saved()
    state["counters"] = .words([6, 0, 6])
    var agent = try agent()
    try agent.restore(state)
    guard case .bytes(let kinds)? = state["replay.kinds"] else {
      Issue.record("no kinds")
      return
    }
    state["replay.kinds"] = .bytes(kinds.map { _ in 0 })
    #expect(throws: StateError.self) { try agent.restore(state) }
  }

  @Test(arguments: [-1, 2, Int32.max])
  func anActionOutsideItsSpaceIsRefused(value: Int32) throws {
    var state = try saved()
    guard case .integers(var choices)? = state["replay.choices"] else {
      Issue.record("no choices")
      return
    }
    choices[2] = value
    state["replay.choices"] = .integers(choices)
    var agent = try agent()
    #expect(throws: StateError.self) { try agent.restore(state) }
  }
}
