public import RLCore
public import RLEnvironments
public import RLSystem

/// A golden trace: what an environment answered to known seeds and actions, to the last bit.
///
/// `Tests/Plugins/golden/README.md` describes the file. It is checked whole when it is read, and its
/// lines are taken apart again when they are asked for, so that it takes little more memory than
/// the file.
public struct Trace: Sendable {
  /// Numbers at the end of a snapshot that are noted now and then.
  public struct State: Sendable, Equatable {
    public var element: Element
    public var count: Int
  }

  /// Episodes with the same options.
  public struct Variant: Sendable, Equatable {
    public var options: [String: String]
    public var declaration: Declaration
    public var state: State?
  }

  /// One episode.
  public struct Episode: Sendable, Equatable {
    public var seed: UInt64?  // nil: the lane's generator goes on
    public var variant: Int
    /// Its lines: a reset, then steps, with states between.
    public var records: Range<Int>
  }

  /// A line of an episode, taken apart.
  public enum Record: Sendable, Equatable {
    case reset(ExactEnvironment.Answer)
    case step(action: [UInt8], ExactEnvironment.Answer)
    case state([UInt8])
  }

  /// The file as the user named it.
  public let path: String
  public let environmentID: String
  public let source: String?
  public let variants: [Variant]
  public let episodes: [Episode]
  public let steps: Int

  private let bytes: [UInt8]
  private let lines: [Range<Int>]  // of the records

  /// Reads the trace at `path`.
  ///
  /// - Throws: `FileError`: missing, not a regular file, or damaged, with the line.
  public init(path: String) throws(FileError) {
    try self.init(FileReader.bytes(of: path, limit: Self.largestFile), path: path)
  }

  /// Reads a trace from memory; `path` is for messages.
  ///
  /// - Throws: `FileError` of kind `damaged`, with the line.
  public init(_ bytes: [UInt8], path: String) throws(FileError) {
    var reader = TraceReader(bytes, path: path)
    try reader.read()
    self.path = path
    self.bytes = bytes
    environmentID = reader.environmentID
    source = reader.source
    variants = reader.variants
    episodes = reader.episodes
    lines = reader.records
    steps = reader.steps
  }

  /// Line `index` of an episode of `variant`.
  public func record(_ index: Int, _ variant: Variant) -> Record {
    do throws(TraceFault) {
      return try TraceLine(bytes[lines[index]]).record(variant)
    } catch {
      preconditionFailure("the line was accepted when the trace was read: \(error)")
    }
  }

  /// The first word of every trace.
  public static let mark = "rlenv-trace"

  static let version = "1"
  private static let largestFile = 1 << 30  // bytes
}

/// What is wrong with a line.
struct TraceFault: Error, Equatable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
