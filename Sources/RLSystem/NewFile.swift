import Glibc

/// Files that are new.
public enum NewFile {
  /// Writes `bytes` to a new file and waits until they are on the disk. Its name is on the disk
  /// when its folder is flushed too.
  ///
  /// - Throws: `FileError`, also when something of that name is there; a part of the file may be
  ///   left.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    guard let file = Descriptor.open(path, flags, mode: 0o666) else {
      throw .system(.cannotCreate, path: path, action: "create")
    }
    let written = unsafe bytes.withUnsafeBytes { unsafe file.write($0) }
    guard written else { throw .system(.cannotWrite, path: path, action: "write") }
    guard fsync(file.number) == 0 else {
      throw .system(.cannotWrite, path: path, action: "flush")
    }
  }

  /// Gives the file at `existing` another name.
  ///
  /// - Returns: `false` where that cannot be: another file system, one without links, or one whose
  ///   count of links is at its end. A copy does the same.
  /// - Throws: `FileError`.
  public static func link(_ existing: String, as path: String) throws(FileError) -> Bool {
    if unsafe Glibc.link(existing, path) == 0 { return true }
    if [EXDEV, EPERM, EMLINK, ENOSYS, EOPNOTSUPP].contains(errno) { return false }
    throw .system(.cannotCreate, path: path, action: "link")
  }
}
