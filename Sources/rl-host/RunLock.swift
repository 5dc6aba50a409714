import RLSystem
import RLTraining

/// The right to write to a run's folder, which one process has at a time: this one, until the last
/// holder of the object lets it go.
final class RunLock {
  private let lock: FileLock

  private init(folder: String) throws(FileError) { lock = try FileLock(folder: folder) }

  /// - Throws: `Failure` (73) when another process has it, `FileError`.
  static func take(_ directory: RunDirectory) throws -> RunLock {
    do { return try RunLock(folder: directory.path) } catch {
      throw error.kind == .locked ? inUse(directory, status: error.exitStatus) : error
    }
  }

  private static func inUse(_ directory: RunDirectory, status: Int32) -> any Error {
    // one that is about to go on has not noted its own number yet
    let noted = (try? directory.manifest())?.pid
    let pid = noted.flatMap { ProcessNumber.isRunning($0) ? $0 : nil }
    let holder = pid.map { "process \($0)" } ?? "another process"
    return Failure(
      ExitStatus(code: status),
      "\(directory.path): \(holder) is making this run; wait for it"
        + (pid.map { ", or stop it with kill -INT \($0)" } ?? ""))
  }
}
