import Glibc

/// A folder held open, whose files are read without following a link out of it.
public struct OpenFolder: ~Copyable {
  public let path: String
  private let folder: Descriptor

  /// Opens `path`, whose last part must be a folder itself, not a link to one.
  ///
  /// - Throws: `FileError`.
  public init(_ path: String) throws(FileError) {
    guard let folder = Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else {
      throw Self.unopened(path)
    }
    self.path = path
    self.folder = folder
  }

  private init(_ path: String, in parent: borrowing Descriptor, name: String) throws(FileError) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
    guard let folder = parent.open(name, flags) else { throw Self.unopened(path) }
    self.path = path
    self.folder = folder
  }

  /// The folder called `name` in this one.
  ///
  /// - Throws: `FileError`, also when it is a link.
  public func folder(_ name: String) throws(FileError) -> OpenFolder {
    try OpenFolder("\(path)/\(name)", in: folder, name: name)
  }

  /// Bytes of the regular file called `name`.
  ///
  /// - Throws: `FileError` when it is missing, a link or special.
  public func size(of name: String) throws(FileError) -> Int {
    var size = 0
    _ = try open(name, size: &size)
    return size
  }

  /// The contents of the regular file called `name`.
  ///
  /// The size is checked before memory is taken for it.
  ///
  /// - Throws: `FileError` when it is missing, a link, special, does not have `size` bytes, or
  ///   cannot be read.
  public func bytes(of name: String, size: Int) throws(FileError) -> [UInt8] {
    try bytes(of: name, sizes: size...size)
  }

  /// The contents of the regular file called `name`, of at most `limit` bytes.
  ///
  /// - Throws: `FileError`, as for a file whose size is known.
  public func bytes(of name: String, limit: Int) throws(FileError) -> [UInt8] {
    try bytes(of: name, sizes: 0...limit)
  }

  private func bytes(of name: String, sizes: ClosedRange<Int>) throws(FileError) -> [UInt8] {
    var size = 0
    let file = try open(name, size: &size)
    guard sizes.contains(size) else {
      let expected = sizes.count == 1 ? "\(sizes.lowerBound)" : "at most \(sizes.upperBound)"
      throw damaged(name, "has \(size) bytes, should have \(expected)")
    }
    var failure: Int32?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      if let read = unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer)) {
        count = read
      } else {
        failure = errno
      }
    }
    if let failure {
      throw .system(.cannotWrite, path: "\(path)/\(name)", action: "read", code: failure)
    }
    guard bytes.count == size else { throw damaged(name, "changed in size while it was read") }
    return bytes
  }

  private func open(_ name: String, size: inout Int) throws(FileError) -> Descriptor {
    let place = "\(path)/\(name)"
    // without O_NONBLOCK, opening a pipe waits for its other end
    guard let file = folder.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
      if errno == ELOOP { throw damaged(name, "is a link") }
      throw .system(.missing, path: place, action: "open")
    }
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw .system(.missing, path: place, action: "examine")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw damaged(name, "is not a regular file") }
    size = Int(status.st_size)
    return file
  }

  private func damaged(_ name: String, _ reason: String) -> FileError {
    FileError(
      .damaged, path: "\(path)/\(name)", reason: reason, advice: "restore the file from a copy")
  }

  private static func unopened(_ path: String) -> FileError {
    guard errno == ELOOP || errno == ENOTDIR else {
      return .system(.missing, path: path, action: "open the folder")
    }
    return FileError(
      .damaged, path: path, reason: "is not a folder", advice: "restore the folder from a copy")
  }
}

extension Descriptor {
  /// Opens what is called `name` in this folder; `nil` on failure, with `errno` set.
  fileprivate func open(_ name: String, _ flags: Int32) -> Descriptor? {
    while true {
      let opened = unsafe openat(number, name, flags | O_CLOEXEC, 0)
      if opened >= 0 { return Descriptor(owning: opened) }
      if errno != EINTR { return nil }
    }
  }
}
