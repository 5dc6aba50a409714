private import CSystem
import Glibc

/// New names for files and folders, given in one step.
public enum FileRename {
  /// Renames; a file, or an empty folder, of the new name is replaced.
  ///
  /// - Throws: `FileError`; then nothing has changed.
  public static func move(_ path: String, to target: String) throws(FileError) {
    guard unsafe rename(path, target) == 0 else {
      throw .system(.cannotCreate, path: target, action: "rename to this")
    }
  }

  /// Exchanges the names of two files or folders.
  ///
  /// - Returns: `false` where the file system cannot do it in one step; then nothing has changed.
  /// - Throws: `FileError`; then nothing has changed.
  public static func exchange(_ path: String, with other: String) throws(FileError) -> Bool {
    if unsafe csystem_exchange(path, other) == 0 { return true }
    if [EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) { return false }
    throw .system(.cannotCreate, path: other, action: "exchange with \(path)")
  }
}
