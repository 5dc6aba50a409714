import RLCore
import Testing

@Suite struct EpisodeSeedsTests {
  @Test func everyEpisodeOfEveryLaneHasItsOwnSeed() {
    var seen: Set<UInt64> = []
    for run in 0..<3 as Range<UInt64> {
      for lane in 0..<20 {
        for episode in 0..<50 {
          seen.insert(EpisodeSeeds.training(run: run, lane: lane, episode: episode))
        }
      }
      for episode in 0..<1000 { seen.insert(EpisodeSeeds.evaluation(run: run, episode: episode)) }
    }
    #expect(seen.count == 6000)
    #expect(seen.allSatisfy { $0 < 1 << 53 })
  }

  /// A changed derivation would change every recorded run; the numbers are of a restatement in
  /// Python with unbounded integers.
  @Test func theDerivationIsFixed() {
    #expect(EpisodeSeeds.training(run: 0, lane: 0, episode: 0) == 9_006_688_093_594_982)
    #expect(EpisodeSeeds.training(run: 7, lane: 3, episode: 41) == 8_334_727_672_973_790)
    #expect(EpisodeSeeds.evaluation(run: 0, episode: 0) == 2_446_756_946_863_623)
    #expect(EpisodeSeeds.evaluation(run: 7, episode: 99) == 7_111_795_869_296_416)
  }
}
