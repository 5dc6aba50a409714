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
