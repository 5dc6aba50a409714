public import RLCore

/// A policy's results over a fixed number of episodes.
public struct Evaluation: Sendable {
  /// Of the episodes' lengths, in steps.
  public struct Lengths: Sendable, Equatable {
    public var mean: Double
    public var min: Int
    public var max: Int
  }

  /// Ordered by index. Where an episode ran is no part of the result: `lane` is 0.
  public let episodes: [EpisodeRecord]
  public let deterministic: Bool
  public let seed: UInt64
  public let returns: ReturnStatistics
  public let lengths: Lengths
  /// The environment's declared metrics, in its order.
  public let metricNames: [String]
  /// The mean of each metric over the episodes that report it; those that none reports are absent.
  public let metrics: Metrics
  public let steps: Int  // of the episodes, together
  public let wallSeconds: Double

  /// The result of `episodes`: at least one, in any order. `seed` also seeds the bootstrap.
  public init(
    episodes: [EpisodeRecord], metricNames: [String], deterministic: Bool, seed: UInt64,
    wallSeconds: Double
  ) {
    precondition(!episodes.isEmpty, "an evaluation needs at least one episode")
    let ordered = episodes.sorted { $0.index < $1.index }.map(withoutLane)
    self.episodes = ordered
    self.deterministic = deterministic
    self.seed = seed
    self.metricNames = metricNames
    self.wallSeconds = wallSeconds
    returns = ReturnStatistics(ordered.map(\.episodeReturn), seed: seed)
    steps = ordered.reduce(0) { $0 + $1.length }
    lengths = Lengths(
      mean: Double(steps) / Double(ordered.count), min: ordered.map(\.length).min() ?? 0,
      max: ordered.map(\.length).max() ?? 0)
    metrics = metricMeans(ordered, names: metricNames)
  }

  /// The share of successful episodes, from the reserved metric `success`; `nil` without it.
  public var successRate: Double? { metrics["success"] }

  public var stepsPerSecond: Double { wallSeconds > 0 ? Double(steps) / wallSeconds : 0 }
}

private func withoutLane(_ episode: EpisodeRecord) -> EpisodeRecord {
  var episode = episode
  episode.lane = 0
  return episode
}

private func metricMeans(_ episodes: [EpisodeRecord], names: [String]) -> Metrics {
  var means = Metrics()
  for (index, name) in names.enumerated() {
    let values = episodes.map { $0.metrics[index] }.filter { !$0.isNaN }
    if !values.isEmpty { means.append(name, values.reduce(0, +) / Double(values.count)) }
  }
  return means
}
