import RLCore

/// The returns of a policy's episodes, in a few numbers.
public struct ReturnStatistics: Sendable, Equatable {
  /// A 95 % confidence interval.
  public struct Interval: Sendable, Equatable {
    public var low: Double
    public var high: Double
  }

  public let mean: Double
  public let std: Double  // of the population, as numpy's default
  public let median: Double
  /// The interquartile mean: `floor(n / 4)` values dropped at each end (Agarwal et al. 2021).
  public let iqm: Double
  /// The percentile bootstrap of the interquartile mean over episodes.
  public let ci95: Interval
  public let min: Double
  public let max: Double

  /// - Parameters:
  ///   - returns: at least one.
  ///   - seed: of the bootstrap.
  public init(_ returns: [Double], seed: UInt64) {
    precondition(!returns.isEmpty, "statistics need at least one return")
    let sorted = returns.sorted()
    let mean = average(sorted[...])
    self.mean = mean
    std = average(sorted.map { ($0 - mean) * ($0 - mean) }[...]).squareRoot()
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    iqm = interquartileMean(sorted)
    ci95 = bootstrap(sorted, seed: seed)
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }
}

private func average(_ values: ArraySlice<Double>) -> Double {
  values.reduce(0, +) / Double(values.count)
}

private func interquartileMean(_ sorted: [Double]) -> Double {
  let cut = sorted.count / 4
  return average(sorted[cut..<sorted.count - cut])
}

private func bootstrap(_ values: [Double], seed: UInt64) -> ReturnStatistics.Interval {
  var stream = RandomStream(seed: seed, purpose: "bootstrap")
  let means = (0..<2000).map { _ in
    interquartileMean(values.map { _ in values[stream.index(below: values.count)] }.sorted())
  }.sorted()
  return .init(low: means[50], high: means[1949])
}
