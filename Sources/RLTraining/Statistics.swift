import RLCore

/// The returns of a policy's episodes, in a few numbers.
public struct ReturnStatistics: Sendable, Equatable {
  /// A 95 % confidence interval.
  public struct Interval: Sendable, Equatable {
    public var low: Double
    public var high: Double
  }

  public let mean: Double
  public let std: Double  // of the sample itself, divided by n (NumPy's and SB3's default)
  public let median: Double
  /// The interquartile mean: of the middle half (Agarwal et al. 2021).
  public let iqm: Double
  /// The percentile bootstrap of the interquartile mean over the episodes.
  public let ci95: Interval
  public let min: Double
  public let max: Double

  /// - Parameters:
  ///   - returns: one or more finite numbers, in any order.
  ///   - seed: of the bootstrap; the same seed and values give the same bits.
  ///   - resamples: how many samples the bootstrap draws.
  public init(_ returns: [Double], seed: UInt64, resamples: Int = 2000) {
    precondition(!returns.isEmpty, "statistics need at least one return")
    precondition(returns.allSatisfy(\.isFinite), "statistics of returns that are not finite")
    let sorted = returns.sorted()
    let mean = Self.mean(sorted[...])
    self.mean = mean
    std = (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
    median = Self.quantile(0.5, ofSorted: sorted)
    iqm = Self.interquartileMean(ofSorted: sorted)
    ci95 = Self.bootstrapInterval(sorted, seed: seed, resamples: resamples)
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// The mean of what is left when ⌊n/4⌋ numbers are cut from each end:
  /// `scipy.stats.trim_mean(x, 0.25)`.
  private static func interquartileMean(ofSorted sorted: [Double]) -> Double {
    let cut = sorted.count / 4
    return mean(sorted[cut..<(sorted.count - cut)])
  }

  /// The quantile by linear interpolation between neighbours (Hyndman & Fan 1996, type 7; NumPy's
  /// default).
  private static func quantile(_ q: Double, ofSorted sorted: [Double]) -> Double {
    let position = q * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return sorted[below] }
    return sorted[below] + (sorted[below + 1] - sorted[below]) * (position - Double(below))
  }

  /// The percentile interval (Efron & Tibshirani 1993, section 13.3) of the IQM under resampling
  /// with replacement.
  private static func bootstrapInterval(
    _ sorted: [Double], seed: UInt64, resamples: Int
  ) -> Interval {
    precondition(resamples > 0, "a bootstrap needs resamples")
    var random = RandomStream(seed: seed, purpose: "bootstrap")
    var multiplicities = [Int](repeating: 0, count: sorted.count)
    var means: [Double] = []
    for _ in 0..<resamples {
      for index in multiplicities.indices { multiplicities[index] = 0 }
      for _ in sorted { multiplicities[random.index(below: sorted.count)] += 1 }
      means.append(interquartileMean(ofSorted: sorted, multiplicities))
    }
    means.sort()
    return Interval(
      low: quantile(0.025, ofSorted: means), high: quantile(0.975, ofSorted: means))
  }

  /// The IQM of a sample that has `sorted[i]` as often as `multiplicities[i]` says.
  private static func interquartileMean(
    ofSorted sorted: [Double], _ multiplicities: [Int]
  ) -> Double {
    let cut = sorted.count / 4
    let kept = cut..<(sorted.count - cut)
    var sum = 0.0
    var start = 0
    for (value, multiplicity) in zip(sorted, multiplicities) where multiplicity > 0 {
      let own = (start..<(start + multiplicity)).clamped(to: kept)
      sum += value * Double(own.count)
      start += multiplicity
    }
    return sum / Double(kept.count)
  }
}
