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

  /// Continues `path` after its first `size` bytes; what is beyond them is cut away. From 0 bytes on it is
  /// made where it is missing.
  ///
  /// - Throws: `FileError`: `damaged` when it has fewer bytes, or no line ends there.
  public init(continuing path: String, at size: Int) throws(FileError) {
    let file = try Self.openForContinuing(path, isNew: size == 0)
    try Self.check(file, path: path, size: size)
    guard ftruncate(file.number, size) == 0 else {
      throw .system(.cannotWrite, path: path, action: "cut")
    }
    self.path = path
    self.file = file
  }

  /// The bytes that it has.
  ///
  /// - Throws: `FileError` when the system does not tell.
  public func size() throws(FileError) -> Int {
    guard let size = Self.status(of: file)?.st_size else {
      throw .system(.cannotWrite, path: path, action: "examine")
    }
    return Int(size)
  }

  private static func openForContinuing(
    _ path: String, isNew: Bool
  ) throws(FileError) -> Descriptor {
    let flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | (isNew ? O_CREAT : 0)
    guard let file = Descriptor.open(path, flags, mode: 0o666) else {
      throw .system(isNew ? .cannotCreate : .missing, path: path, action: "open")
    }
    guard status(of: file).map({ $0.st_mode & S_IFMT == S_IFREG }) == true else {
      throw FileError(.notRegular, path: path, reason: "is not a regular file", advice: "remove it")
    }
    return file
  }

  private static func check(
    _ file: borrowing Descriptor, path: String, size: Int
  ) throws(FileError) {
    if size == 0 { return }
    var last: UInt8 = 0
    guard unsafe pread(file.number, &last, 1, size - 1) == 1, last == UInt8(ascii: "\n") else {
      throw FileError(
        .damaged, path: path, reason: "has no line that ends after \(size) bytes",
        advice: "restore the file as it was written")
    }
  }

  private static func status(of file: borrowing Descriptor) -> stat? {
    var status = stat()
    return unsafe fstat(file.number, &status) == 0 ? status : nil
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
