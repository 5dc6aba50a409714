import CFuzz
import RLWrappers
import Testing

@Suite struct WrapperAllocationTests {
  /// In the first steps arrays grow to what the episodes need.
  @Test func playingBehindEveryWrapperAllocatesNothing() throws {
    for settings in Everything.each + [Everything.all] {
      var play = try WrappedPlay(WrappedPlay.subjects[0], try wrappers(settings))
      try play.begin()
      try play.go(steps: 60)
      var blocks: UInt64 = 0
      for _ in 0..<100 {
        play.choose()
        let start = allocation_meter_thread_blocks()
        try play.environment.step(&play.batch)
        try play.environment.advance(&play.batch)
        blocks += allocation_meter_thread_blocks() - start
      }
      #expect(blocks == 0, "\(settings)")
    }
  }
}
