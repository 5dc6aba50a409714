import RLCore
import Testing

@Suite struct RandomStreamTests {
  /// xoshiro256++ from the state 1, 2, 3, 4: the first outputs of its authors' C code.
  @Test func equalsTheReferenceImplementation() throws {
    var stream = try RandomStream(words: [1, 2, 3, 4])
    let expected: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
    ]
    #expect(expected.map { _ in stream.next() } == expected)
  }

  @Test func purposesAndSeedsNameDifferentStreams() {
    var seen: Set<UInt64> = []
    for seed in 0..<50 as Range<UInt64> {
      for purpose in ["exploration", "replay", "weights", "a", "b", ""] {
        var stream = RandomStream(seed: seed, purpose: purpose)
        seen.insert(stream.next())
      }
    }
    #expect(seen.count == 300)
  }

  @Test func uniformValuesFillTheirIntervalEvenly() {
    var stream = RandomStream(seed: 3)
    var cells = Array(repeating: 0, count: 10)
    for _ in 0..<100_000 { cells[Int(stream.uniform() * 10)] += 1 }
    // chi-squared with 9 degrees of freedom is below 27.9 with probability 0.999
    let chi = cells.reduce(0.0) { $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000 }
    #expect(chi < 27.9)
  }

  @Test func indicesStayInRangeAndReachEveryValue() {
    var stream = RandomStream(seed: 5)
    var seen: Set<Int> = []
    for _ in 0..<1000 { seen.insert(stream.index(below: 7)) }
    #expect(seen == Set(0..<7))
  }

  @Test func savedWordsContinueTheStream() throws {
    var stream = RandomStream(seed: 11)
    _ = stream.next()
    var copy = try RandomStream(words: stream.words)
    #expect((0..<10).map { _ in stream.next() } == (0..<10).map { _ in copy.next() })
  }

  @Test func damagedWordsAreRefused() {
    #expect(throws: StateError.self) { try RandomStream(words: [0, 0, 0, 0]) }
    #expect(throws: StateError.self) { try RandomStream(words: [1, 2, 3]) }
  }
}
