import RLCore
import RLSystem

/// The folder in which a run's checkpoints lie, and what is called how in it.
struct CheckpointPlace: Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  /// Steps that have a name.
  static let steps = 0...999_999_999_999

  var latestPath: String { path + "/LATEST" }
  var bestPath: String { path + "/BEST" }

  static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// The step that `name` is the name of.
  static func step(of name: some StringProtocol) -> Int? {
    guard name.utf8.count == 12, name.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int(name)
  }

  func path(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  /// The steps of the checkpoints that are there, good or not, in ascending order.
  func steps() throws(FileError) -> [Int] {
    try Folder.names(in: path).compactMap { Self.step(of: $0) }
  }

  /// The step that `LATEST` or `BEST` names; `nil` without such a file.
  ///
  /// - Throws: `FileError` when it cannot be read, or does not name a step.
  func step(namedIn file: String) throws(FileError) -> Int? {
    guard PathKind(of: file) != .missing else { return nil }
    let text = try FileReader.text(of: file, limit: 64)
    guard text.utf8.last == 10, let step = Self.step(of: text.dropLast()) else {
      throw FileError(
        .damaged, path: file, reason: "does not name a checkpoint", advice: "remove the file")
    }
    return step
  }

  func write(step: Int, in file: String) throws(FileError) {
    try AtomicFile.write(Self.name(ofStep: step) + "\n", to: file)
  }

  /// Takes checkpoints out of sight in one step each, so that none is ever seen half removed.
  func retire(_ steps: some Sequence<Int>) throws(FileError) {
    for step in steps {
      try FileRename.move(path(ofStep: step), to: unusedName(".trash", step: step))
    }
  }

  /// Removes what writers leave that were interrupted, and what has been retired.
  ///
  /// - Returns: why the first that is still there could not be removed; the others are gone.
  func sweep() throws(FileError) -> FileError? {
    var failure: FileError?
    for name in try Folder.names(in: path) where Self.isLeftover(name) {
      do throws(FileError) { try Folder.remove("\(path)/\(name)") } catch {
        failure = failure ?? error
      }
    }
    return failure
  }

  private static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".tmp-") || name.hasPrefix(".trash-")
      || (name.hasPrefix(".rl-host-") && name.hasSuffix(".tmp"))
  }

  /// A path for what is not in place, of this process and this moment.
  func unusedName(_ prefix: String, step: Int) -> String {
    "\(path)/\(prefix)-\(Self.name(ofStep: step))-\(ProcessNumber.own)-"
      + "\(MonotonicClock.nanoseconds())"
  }
}
