import Glibc

/// A file that only grows: what was written stays whatever happens later.
public struct AppendingFile: ~Copyable {
  public let path: String
  private let file: Descriptor

  /// Creates `path`.
  ///
  /// - Throws: `FileError`, also when something of that name is there.
  public init(creating path: String) throws(FileError) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW
    guard let file = Descriptor.open(path, flags, mode: 0o666) else {
      throw .system(.cannotCreate, path: path, action: "create")
    }
    self.path = path
    self.file = file
  }

  /// Appends `bytes`, in one write where the system takes them whole.
  ///
  /// - Throws: `FileError`; then a part of the bytes may be there.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    let written = unsafe bytes.withUnsafeBytes { unsafe file.write($0) }
    guard written else { throw .system(.cannotWrite, path: path, action: "write") }
  }

  /// Waits until everything is on the disk.
  ///
  /// - Throws: `FileError` when the disk did not take it.
  public func flush() throws(FileError) {
    guard fsync(file.number) == 0 else {
      throw .system(.cannotWrite, path: path, action: "flush")
    }
  }
}
