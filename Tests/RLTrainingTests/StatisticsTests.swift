import RLSystem
import RLTraining
import Testing

@Suite struct StatisticsTests {
  /// Sums are added in another order than NumPy's: a few units in the last place.
  private static let tolerance = 1e-13

  @Test func equalNumPysAndSciPysFigures() throws {
    let text = try FileReader.text(of: golden("statistics.txt"), limit: 1 << 16)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == 18)
    for index in stride(from: 0, to: lines.count, by: 2) {
      let values = try lines[index].map { try #require(Double($0)) }
      let seed = try #require(UInt64(lines[index + 1][0]))
      let resamples = try #require(Int(lines[index + 1][1]))
      let expected = try lines[index + 1].dropFirst(2).map { try #require(Double($0)) }
      let own = ReturnStatistics(values, seed: seed, resamples: resamples)
      let figures = [
        own.mean, own.std, own.median, own.iqm, own.ci95.low, own.ci95.high, own.min, own.max,
      ]
      let scale = values.reduce(0) { max($0, abs($1)) }
      for (figure, expected) in zip(figures, expected) {
        #expect(abs(figure - expected) <= Self.tolerance * scale, "sample \(index / 2)")
      }
    }
  }

  @Test func theOrderOfTheValuesDoesNotMatterAndTheSeedDoes() {
    let values = (0..<50).map { Double(($0 * 37) % 50) * 1.1 }
    let one = ReturnStatistics(values, seed: 1)
    #expect(ReturnStatistics(values.reversed(), seed: 1) == one)
    #expect(ReturnStatistics(values, seed: 2).ci95 != one.ci95)
    #expect(ReturnStatistics(values, seed: 2).iqm == one.iqm)
  }

  @Test func equalValuesHaveAnIntervalOfOnePoint() {
    let own = ReturnStatistics([Double](repeating: 500, count: 100), seed: 0)
    #expect(own.ci95.low == 500 && own.ci95.high == 500)
    #expect(own.std == 0)
  }

  /// The interval should hold the true value in about 95 of 100 samples; the IQM of a uniform
  /// distribution is its middle.
  @Test func theIntervalCoversTheTruth() {
    var state: UInt64 = 5
    var covered = 0
    for seed in 0..<300 {
      let values = (0..<60).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53
      }
      let interval = ReturnStatistics(values, seed: UInt64(seed), resamples: 500).ci95
      if interval.low <= 0.5, 0.5 <= interval.high { covered += 1 }
    }
    #expect((270...297).contains(covered), "\(covered) of 300")
  }
}
