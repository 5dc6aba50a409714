public import RLSystem

/// `metrics.jsonl`: one JSON object a line, appended with one write a record.
///
/// A process that dies while it writes leaves at most an unterminated last line, which `read`
/// ignores.
public struct MetricsLog: ~Copyable {
  private let file: AppendingFile

  /// - Throws: `FileError`, also when `path` is there.
  public init(creating path: String) throws(FileError) {
    file = try AppendingFile(creating: path)
  }

  /// Continues the log after its first `size` bytes.
  ///
  /// - Throws: `FileError`, also when it is shorter.
  public init(continuing path: String, at size: Int) throws(FileError) {
    file = try AppendingFile(continuing: path, at: size)
  }

  /// The bytes that it has.
  public func size() throws(FileError) -> Int { try file.size() }

  public func append(_ record: MetricsRecord) throws(FileError) {
    try file.append(Array((record.json + "\n").utf8))
  }

  /// Waits until everything is on the disk.
  public func flush() throws(FileError) { try file.flush() }

  /// The records of a log, in order.
  ///
  /// - Throws: `FileError`: no such file, or a line that is no record, with its number.
  public static func read(_ path: String) throws(FileError) -> [MetricsRecord] {
    let bytes = try FileReader.bytes(of: path, limit: 1 << 30)
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    var records: [MetricsRecord] = []
    for line in bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      guard let record = MetricsRecord(json: line) else {
        throw FileError(
          .damaged, path: path, reason: "line \(records.count + 1) is not a metrics record",
          advice: "restore the file, or delete the line")
      }
      records.append(record)
    }
    return records
  }
}
