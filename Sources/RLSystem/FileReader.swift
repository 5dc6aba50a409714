import Glibc

/// Whole files, read with a limit.
public enum FileReader {
  /// The bytes of a regular file.
  ///
  /// The size is checked before memory is taken for it. Folders, devices and pipes are refused.
  ///
  /// - Throws: `FileError`: missing, not a regular file, larger than `limit` bytes, or changed in
  ///   size while it was read.
  public static func bytes(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    var size = 0
    let file = try Descriptor.openRegular(path, size: &size)
    guard size <= limit else {
      throw FileError(
        .damaged, path: path, reason: "has \(size) bytes, more than the \(limit) allowed here",
        advice: "check that it is the right file")
    }
    var failure: Int32?
    // room for one byte more, so that a file that grows is noticed
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      let room = unsafe UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[...size])
      if let read = unsafe file.read(into: room) { count = read } else { failure = errno }
    }
    if let failure { throw .system(.cannotWrite, path: path, action: "read", code: failure) }
    guard bytes.count == size else {
      throw FileError(
        .cannotWrite, path: path, reason: "changed in size while it was read",
        advice: "wait until its writer has finished")
    }
    return bytes
  }

  /// The bytes that a regular file has.
  ///
  /// - Throws: `FileError`: missing, or not a regular file.
  public static func size(of path: String) throws(FileError) -> Int {
    var size = 0
    _ = try Descriptor.openRegular(path, size: &size)
    return size
  }

  /// The text of a regular UTF-8 file.
  ///
  /// - Throws: `FileError`, also when the text is not valid UTF-8.
  public static func text(of path: String, limit: Int) throws(FileError) -> String {
    guard let text = String(validating: try bytes(of: path, limit: limit), as: UTF8.self) else {
      throw FileError(
        .damaged, path: path, reason: "is not valid UTF-8", advice: "save it as UTF-8 text")
    }
    return text
  }

  /// The first bytes of a regular file, at most `count`.
  ///
  /// - Throws: `FileError`: missing, or not a regular file.
  public static func start(of path: String, count: Int) throws(FileError) -> [UInt8] {
    var size = 0
    let file = try Descriptor.openRegular(path, size: &size)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
    }
    return bytes
  }
}
