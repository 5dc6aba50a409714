import RLAgents
import RLCore
import Testing

/// Captures applied one after the other give the whole state at each moment.
@Suite struct ReplayCaptureTests {
  private static func toy(lanes: Int, isMasked: Bool) -> ToyEnvironment {
    ToyEnvironment(
      lanes: lanes, choices: 3, isMasked: isMasked, ending: .truncated, length: { 1 + 4 * $0 },
      reward: { step, choice in Float(10 * step + choice) })
  }

  /// Records `count` steps with arbitrary choices and masks.
  private static func record(
    _ count: Int, _ toy: inout ToyEnvironment, _ ring: inout ReplayBuffer,
    _ random: inout RandomStream
  ) {
    for _ in 0..<count {
      for lane in toy.batch.choices.indices {
        toy.batch.choices[lane] = Int32(random.index(below: 3))
      }
      for i in toy.batch.masks.indices { toy.batch.masks[i] = UInt8(random.index(below: 2)) }
      toy.step()
      ring.append(toy.batch)
      toy.advance()
    }
  }

  @Test(arguments: [1, 2, 5, 40], [false, true])
  func successiveCapturesGiveTheWholeState(lanes: Int, isMasked: Bool) {
    var random = RandomStream(seed: UInt64(lanes))
    for capacity in [lanes, 3 * lanes, 50 * lanes] {
      var toy = Self.toy(lanes: lanes, isMasked: isMasked)
      var ring = ReplayBuffer(toy.spec, lanes: lanes, capacity: capacity)
      var assembled = AssembledState()
      for moment in 0..<30 {
        // nothing, a few steps, or about a whole turn of the ring
        let steps = moment % 7 == 3 ? 0 : random.index(below: moment % 3 == 0 ? 60 : 6)
        Self.record(steps, &toy, &ring, &random)
        assembled.apply(ring.capture())
        #expect(assembled.state == ring.saveState())
      }
    }
  }

  @Test(arguments: [1, 3])
  func afterARestoreOnlyNewRowsCount(lanes: Int) throws {
    var random = RandomStream(seed: 5)
    var toy = Self.toy(lanes: lanes, isMasked: true)
    var first = ReplayBuffer(toy.spec, lanes: lanes, capacity: 30)
    Self.record(25, &toy, &first, &random)
    var ring = ReplayBuffer(toy.spec, lanes: lanes, capacity: 30)
    Self.record(7, &toy, &ring, &random)
    try ring.restore(first.saveState())
    var assembled = AssembledState(first.saveState())
    let empty = ring.capture()
    #expect(empty.columns.allSatisfy { $0.ranges.isEmpty })
    assembled.apply(empty)
    for _ in 0..<8 {
      #expect(assembled.state == ring.saveState())
      Self.record(random.index(below: 9), &toy, &ring, &random)
      assembled.apply(ring.capture())
    }
    #expect(assembled.state == ring.saveState())
  }

  @Test func onlyTheRowsThatChangedAreCopied() {
    var random = RandomStream(seed: 2)
    var toy = ToyEnvironment(length: { _ in 1_000_000 }, reward: { _, _ in 1 })
    var ring = ReplayBuffer(toy.spec, lanes: 1, capacity: 1000)
    Self.record(900, &toy, &ring, &random)
    _ = ring.capture()
    Self.record(10, &toy, &ring, &random)
    // ten transitions, and the observation that the last one led to
    #expect(ring.capture().columns.allSatisfy { $0.ranges == [900..<911] })
    Self.record(100, &toy, &ring, &random)
    #expect(ring.capture().columns.allSatisfy { $0.ranges == [0..<9, 910..<1002] })
  }

  @Test func manyLanesMakeFewRanges() {
    var random = RandomStream(seed: 2)
    var toy = Self.toy(lanes: 1024, isMasked: false)
    var ring = ReplayBuffer(toy.spec, lanes: 1024, capacity: 10 * 1024)
    Self.record(8, &toy, &ring, &random)
    let column = ring.capture().columns[0]
    #expect(column.ranges.count == 1)
  }

  @Test func aTransitionWhereNothingWasWrittenIsRefused() throws {
    var random = RandomStream(seed: 2)
    var toy = Self.toy(lanes: 2, isMasked: false)
    var ring = ReplayBuffer(toy.spec, lanes: 2, capacity: 40)
    Self.record(5, &toy, &ring, &random)
    var state = ring.saveState()
    guard case .bytes(var kinds)? = state["kinds"] else { throw StateError(reason: "no kinds") }
    kinds[kinds.count - 1] = 1
    state["kinds"] = .bytes(kinds)
    let before = ring
    #expect(throws: StateError.self) { try ring.restore(state) }
    #expect(ring == before)
  }
}
