public import RLCore

/// The episodes that ended last, at most `capacity` of them.
///
/// Nothing is allocated after `init`.
public struct RecentEpisodes: Sendable {
  private let capacity: Int
  private let metricCount: Int
  private var returns: [Double]  // [capacity] a ring
  private var lengths: [Double]  // [capacity]
  private var metrics: [Double]  // [capacity, metricCount]
  /// Episodes seen since the start.
  public private(set) var total = 0

  /// Remembers 100 episodes, as the field's "return of the last 100 episodes" asks.
  public init(metricCount: Int, capacity: Int = 100) {
    self.capacity = capacity
    self.metricCount = metricCount
    returns = Array(repeating: 0, count: capacity)
    lengths = Array(repeating: 0, count: capacity)
    metrics = Array(repeating: .nan, count: capacity * metricCount)
  }

  public mutating func append(_ episode: EpisodeRecord) {
    let slot = total % capacity
    returns[slot] = episode.episodeReturn
    lengths[slot] = Double(episode.length)
    for metric in 0..<metricCount {
      metrics[slot * metricCount + metric] = episode.metrics[metric]
    }
    total += 1
  }

  /// Episodes remembered.
  public var count: Int { min(total, capacity) }

  /// The mean undiscounted return; `nil` before the first episode.
  public var returnMean: Double? { mean(of: returns) }

  /// The mean length in steps; `nil` before the first episode.
  public var lengthMean: Double? { mean(of: lengths) }

  /// The mean of the `index`-th metric over the episodes that report it; `nil` when none does.
  public func metricMean(_ index: Int) -> Double? {
    var sum = 0.0
    var reported = 0
    for slot in 0..<count {
      let value = metrics[slot * metricCount + index]
      if value.isNaN { continue }
      sum += value
      reported += 1
    }
    return reported == 0 ? nil : sum / Double(reported)
  }

  private func mean(of ring: [Double]) -> Double? {
    count == 0 ? nil : ring[..<count].reduce(0, +) / Double(count)
  }
}

extension RecentEpisodes {
  /// Everything, to the last bit.
  public func saveState() -> SavedState {
    SavedState(entries: [
      "total": .words([UInt64(total)]), "returns": .words(returns.map(\.bitPattern)),
      "lengths": .words(lengths.map(\.bitPattern)), "metrics": .words(metrics.map(\.bitPattern)),
    ])
  }

  /// Continues from what was saved.
  ///
  /// - Throws: `StateError` when it is of another number of metrics, or damaged.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    let total = try state.words("total", count: 1)[0]
    guard total < 1 << 62 else { throw StateError(reason: "the count of episodes is damaged") }
    let saved = (
      try state.words("returns", count: capacity), try state.words("lengths", count: capacity),
      try state.words("metrics", count: capacity * metricCount)
    )
    self.total = Int(total)
    returns = saved.0.map(Double.init(bitPattern:))
    lengths = saved.1.map(Double.init(bitPattern:))
    metrics = saved.2.map(Double.init(bitPattern:))
  }
}
