import Glibc

/// The exclusive use of a folder, held until the value goes away or the process ends.
public struct FileLock: ~Copyable {
  private let file: Descriptor

  /// Takes the lock of `folder`, through a file `.lock` in it.
  ///
  /// - Throws: `FileError`: `locked` when another process has it.
  public init(folder: String) throws(FileError) {
    let path = folder + "/.lock"
    guard let file = Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o666) else {
      throw .system(.cannotCreate, path: path, action: "create")
    }
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .system(.cannotWrite, path: path, action: "lock") }
      throw FileError(
        .locked, path: folder, reason: "is in use by another process",
        advice: "wait for it, or choose another folder")
    }
    self.file = file
  }
}
