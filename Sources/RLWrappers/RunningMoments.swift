/// The mean and the variance of all that was seen so far, of each of some columns.
///
/// Batches are joined by the parallel algorithm (Chan, Golub & LeVeque 1979, equations 2.1), as in
/// Gymnasium and Stable-Baselines3: at first mean 0, variance 1 and a count of 1e-4.
struct RunningMoments: Sendable, Equatable {
  private(set) var mean: [Double]
  private(set) var variance: [Double]  // of the population
  private(set) var count = 1e-4  // rows

  init(columns: Int) {
    mean = Array(repeating: 0, count: columns)
    variance = Array(repeating: 1, count: columns)
  }

  /// Continues from what was saved; `nil` unless it can be.
  init?(mean: [Double], variance: [Double], count: Double) {
    guard mean.count == variance.count, mean.allSatisfy(\.isFinite), count.isFinite, count > 0,
      variance.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { return nil }
    self.mean = mean
    self.variance = variance
    self.count = count
  }

  /// Takes a batch in.
  ///
  /// - Parameters:
  ///   - rows: how many, at least one.
  ///   - batchMean: of each column.
  ///   - squares: the sum of the squared differences from it, of each column.
  mutating func join(rows: Int, mean batchMean: [Double], squares: [Double]) {
    precondition(batchMean.count == mean.count && squares.count == mean.count, "other columns")
    for k in mean.indices { join(k, rows: rows, mean: batchMean[k], squares: squares[k]) }
    count += Double(rows)
  }

  /// Takes a batch of one column in.
  mutating func join(rows: Int, mean batchMean: Double, squares: Double) {
    precondition(mean.count == 1, "other columns")
    join(0, rows: rows, mean: batchMean, squares: squares)
    count += Double(rows)
  }

  private mutating func join(_ k: Int, rows: Int, mean batchMean: Double, squares: Double) {
    let added = Double(rows)
    let total = count + added
    let delta = batchMean - mean[k]
    let sum = variance[k] * count + squares + delta * delta * count * added / total
    mean[k] += delta * added / total
    variance[k] = sum / total
  }
}
