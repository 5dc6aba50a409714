import Glibc

/// An open file, closed with its owner.
struct Descriptor: ~Copyable {
  let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens `path`; `nil` on failure, with `errno` set.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Descriptor? {
    while true {
      let number = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
      if number >= 0 { return Descriptor(owning: number) }
      if errno != EINTR { return nil }
    }
  }

  /// Opens a regular file for reading, and tells its size.
  static func openRegular(_ path: String, size: inout Int) throws(FileError) -> Descriptor {
    // without O_NONBLOCK, opening a pipe waits for its other end
    guard let file = open(path, O_RDONLY | O_NONBLOCK) else {
      throw .system(.missing, path: path, action: "open")
    }
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw .system(.missing, path: path, action: "examine")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file"
      throw FileError(.notRegular, path: path, reason: "is \(kind)", advice: "name a file")
    }
    size = Int(status.st_size)
    return file
  }

  /// Reads until `buffer` is full or the file ends.
  ///
  /// - Returns: how many bytes were read, or `nil` with `errno` set.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var position = 0
    while position < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[position...])
      let count = unsafe Glibc.read(number, rest.baseAddress, rest.count)
      if count == 0 { break }
      if count > 0 {
        position += count
      } else if errno != EINTR {
        return nil
      }
    }
    return position
  }

  /// Writes everything.
  ///
  /// - Returns: whether it could; otherwise `errno` is set.
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe writeAll(bytes, to: number)
  }
}

/// Writes everything to an open file, through short writes and interruptions.
///
/// - Returns: whether it could; otherwise `errno` is set.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var position = 0
  while position < bytes.count {
    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
    let count = unsafe write(descriptor, rest.baseAddress, rest.count)
    if count >= 0 {
      position += count
    } else if errno == EAGAIN {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      unsafe poll(&waiting, 1, -1)
    } else if errno != EINTR {
      return false
    }
  }
  return true
}
