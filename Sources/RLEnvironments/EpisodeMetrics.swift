internal import RLCore

/// The metrics of each lane's running episode, reduced as they come.
///
/// An episode's values are those of its reset and of its steps; what is not finite counts as nothing
/// said.
@safe final class EpisodeMetrics {
  /// Where the plugin writes, `[lanes, M]`.
  let raw: Column<Double>
  private let reductions: [EnvironmentSpec.Metric.Reduction]
  private let values: Column<Double>  // [lanes, M] reduced so far; NaN = nothing yet
  private let counts: Column<Int>  // [lanes, M] values so far

  init(_ metrics: [EnvironmentSpec.Metric], lanes: Int) {
    reductions = metrics.map(\.reduction)
    raw = Column(lanes * metrics.count, filledWith: .nan)
    values = Column(lanes * metrics.count, filledWith: .nan)
    counts = Column(lanes * metrics.count, filledWith: 0)
  }

  var isEmpty: Bool { reductions.isEmpty }

  /// Forgets what a lane has said.
  func begin(lane: Int) {
    for k in lane * reductions.count..<(lane + 1) * reductions.count {
      values[k] = .nan
      counts[k] = 0
    }
  }

  /// Adds what the lanes of the last call have said.
  func fold(_ lanes: LaneList) {
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      for (index, reduction) in reductions.enumerated() {
        let k = lane * reductions.count + index
        let value = raw[k]
        guard value.isFinite else { continue }
        values[k] = counts[k] == 0 ? value : Self.combine(values[k], value, reduction)
        counts[k] += 1
      }
    }
  }

  private static func combine(
    _ old: Double, _ new: Double, _ reduction: EnvironmentSpec.Metric.Reduction
  ) -> Double {
    switch reduction {
    case .last: new
    case .sum, .mean: old + new
    case .min: Swift.min(old, new)
    case .max: Swift.max(old, new)
    }
  }

  /// What a lane has said so far: the reduced values and how many were reduced.
  func running(lane: Int) -> (values: [Double], counts: [Int]) {
    let range = lane * reductions.count..<(lane + 1) * reductions.count
    return (range.map { values[$0] }, range.map { counts[$0] })
  }

  /// Continues from what `running` told.
  func resume(lane: Int, values: ArraySlice<Double>, counts: ArraySlice<Int>) {
    let start = lane * reductions.count
    for (k, value) in values.enumerated() { self.values[start + k] = value }
    for (k, count) in counts.enumerated() { self.counts[start + k] = count }
  }

  /// One value per metric; NaN = the environment said nothing.
  func result(lane: Int) -> [Double] {
    reductions.indices.map { index in
      let k = lane * reductions.count + index
      return reductions[index] == .mean ? values[k] / Double(counts[k]) : values[k]
    }
  }
}
