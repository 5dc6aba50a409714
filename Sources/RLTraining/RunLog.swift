public import RLCore
public import RLSystem

/// The logs of a run: writes records and evaluations to `metrics.jsonl`, episodes to
/// `episodes.csv`.
///
/// An observer that does more, such as showing progress or saving the best policy, owns one and
/// passes its calls on.
public struct RunLog: TrainingObserver, ~Copyable {
  private let metrics: MetricsLog
  private var episodes: EpisodeLog

  /// Creates both files.
  ///
  /// - Throws: `FileError`, also when one is there.
  public init(in run: RunDirectory, spec: EnvironmentSpec) throws(FileError) {
    let metrics = try MetricsLog(creating: run.metricsPath)
    let episodes = try EpisodeLog(creating: run.episodesPath, metrics: spec.metrics)
    self.metrics = metrics
    self.episodes = episodes
  }

  /// Continues both files as they were when `state` was saved: what was written since is cut away.
  /// `nil` cuts everything, for a run that starts over.
  ///
  /// - Throws: `FileError` when one is shorter than it was, `StateError`.
  public init(in run: RunDirectory, spec: EnvironmentSpec, continuing state: SavedState?) throws {
    let sizes = try Self.sizes(state)
    let metrics = try MetricsLog(continuing: run.metricsPath, at: sizes[0])
    let episodes = try EpisodeLog(
      continuing: run.episodesPath, at: sizes[1], metrics: spec.metrics)
    self.metrics = metrics
    self.episodes = episodes
  }

  private static func sizes(_ state: SavedState?) throws(StateError) -> [Int] {
    guard let state else { return [0, 0] }
    let sizes = try state.words("sizes", count: 2)
    guard sizes.allSatisfy({ $0 < 1 << 62 }) else {
      throw StateError(reason: "the size of a log is out of range")
    }
    return sizes.map { Int($0) }
  }

  /// How far the files go, for a checkpoint; rows that wait are written first.
  public mutating func saveState() throws(FileError) -> SavedState {
    try episodes.write()
    let sizes = [try metrics.size(), try episodes.size()]
    return SavedState(entries: ["sizes": .words(sizes.map { UInt64($0) })])
  }

  public mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws(FileError) {
    try episodes.append(episode, step: step)
  }

  public mutating func logged(_ record: TrainingRecord) throws(FileError) {
    try episodes.write()
    try metrics.append(MetricsRecord(record))
  }

  public mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws(FileError) {
    try metrics.append(MetricsRecord(evaluation, step: step))
  }

  /// Writes what is collected and waits until both files are on the disk: for the run's end.
  public mutating func flush() throws(FileError) {
    try episodes.flush()
    try metrics.flush()
  }
}
