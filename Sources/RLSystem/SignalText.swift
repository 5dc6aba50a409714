import Glibc

/// Text that the handler of a signal can write: made before, and kept as long as the process.
enum SignalText {
  /// Copies `text` to where it stays.
  ///
  /// - Returns: its address, 0 where there is no memory for it.
  static func keep(_ text: String) -> UInt { unsafe UInt(bitPattern: strdup(text)) }

  /// Writes the text at `address`, unless it is 0, to the standard error. Allocates nothing, takes no
  /// lock and leaves `errno` as it was.
  static func write(_ address: UInt) {
    guard let text = unsafe UnsafePointer<CChar>(bitPattern: address) else { return }
    let saved = errno
    _ = unsafe Glibc.write(STDERR_FILENO, text, strlen(text))
    errno = saved
  }
}
