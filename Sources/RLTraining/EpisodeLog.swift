public import RLCore
public import RLSystem

/// `episodes.csv`: a row for each training episode that ended (`EpisodeTable`).
///
/// Rows are collected and written together, whole rows at a time; `write` sends what is left.
public struct EpisodeLog: ~Copyable {
  private let file: AppendingFile
  private let metricCount: Int
  private var waiting: [UInt8] = []
  private static let batchBytes = 1 << 15

  /// - Throws: `FileError`, also when `path` is there.
  public init(creating path: String, metrics: [EnvironmentSpec.Metric]) throws(FileError) {
    try self.init(AppendingFile(creating: path), metrics, isNew: true)
  }

  /// Continues the log after its first `size` bytes; from 0 on with its header.
  ///
  /// - Throws: `FileError`, also when it is shorter.
  public init(
    continuing path: String, at size: Int, metrics: [EnvironmentSpec.Metric]
  ) throws(FileError) {
    try self.init(AppendingFile(continuing: path, at: size), metrics, isNew: size == 0)
  }

  private init(
    _ file: consuming AppendingFile, _ metrics: [EnvironmentSpec.Metric], isNew: Bool
  ) throws(FileError) {
    if isNew {
      try file.append(Array(EpisodeTable.trainingHeader(metrics: metrics.map(\.name)).utf8))
    }
    self.file = file
    metricCount = metrics.count
  }

  /// The bytes that it has, without those that wait to be written.
  public func size() throws(FileError) -> Int { try file.size() }

  public mutating func append(_ episode: EpisodeRecord, step: Int) throws(FileError) {
    precondition(episode.metrics.count == metricCount, "an episode with other metrics")
    EpisodeTable.append(episode, step: step, to: &waiting)
    if waiting.count >= Self.batchBytes { try write() }
  }

  /// Writes the rows collected so far.
  public mutating func write() throws(FileError) {
    if waiting.isEmpty { return }
    // first forgotten: rows of which a part was written must not be written again
    var rows: [UInt8] = []
    swap(&rows, &waiting)
    try file.append(rows)
    rows.removeAll(keepingCapacity: true)
    swap(&rows, &waiting)
  }

  /// Writes the rows collected so far and waits until everything is on the disk.
  public mutating func flush() throws(FileError) {
    try write()
    try file.flush()
  }
}
