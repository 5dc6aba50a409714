import RLCore
import RLTraining
import Testing

@Suite struct EpisodeTableTests {
  private func episode(
    terminated: Bool = true, truncated: Bool = false, metrics: [Double] = []
  ) -> EpisodeRecord {
    EpisodeRecord(
      lane: 2, index: 7, seed: 99, episodeReturn: -1.5, length: 12, terminated: terminated,
      truncated: truncated, metrics: metrics)
  }

  @Test func theHeaderNamesTheColumnsTheMetricsQuotedWhereTheyMustBe() {
    let header = EpisodeTable.trainingHeader(metrics: ["plain", "a,b", "q\"", "two\nlines"])
    #expect(
      header
        == "step,lane,index,return,length,end,seed,plain,\"a,b\",\"q\"\"\",\"two\nlines\"\r\n")
  }

  @Test func aRowHasAFieldForEachColumn() {
    let row = EpisodeTable.trainingRow(episode(metrics: [0.1, .nan, .infinity]), step: 400)
    #expect(row == "400,2,7,-1.5,12,terminated,99,0.1,,inf\r\n")
  }

  @Test func numbersAreSpeltInFull() {
    var long = episode()
    (long.seed, long.index, long.lane, long.length) = (.max, 0, 10, 1_000_200)
    let row = EpisodeTable.trainingRow(long, step: .max)
    #expect(
      row == "9223372036854775807,10,0,-1.5,1000200,terminated,18446744073709551615\r\n")
  }

  @Test(arguments: [(true, false, "terminated"), (false, true, "truncated"), (true, true, "both")])
  func theEndSaysWhichFlagsWereUp(terminated: Bool, truncated: Bool, end: String) {
    let row = EpisodeTable.trainingRow(
      episode(terminated: terminated, truncated: truncated), step: 1)
    #expect(row == "1,2,7,-1.5,12,\(end),99\r\n")
  }
}
