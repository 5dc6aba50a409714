import Glibc

/// The standard output, kept for the program's own answers.
///
/// Descriptor 1 becomes a second standard error: what a plugin prints goes there and never
/// between the answers.
public struct ProtectedOutput: Sendable {
  private let descriptor: Int32
  private let wasTerminal: Bool  // one that is gone does not say so any more

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    wasTerminal = Terminal.isTerminal(descriptor)
  }

  /// Takes the standard output away from everybody else. To be called once, before any plugin
  /// is loaded.
  ///
  /// - Throws: `FileError` when no descriptor is left.
  public static func take() throws(FileError) -> ProtectedOutput {
    openMissingStandardFiles()
    let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
      throw .system(.cannotWrite, path: "standard output", action: "duplicate")
    }
    return ProtectedOutput(descriptor: descriptor)
  }

  /// Whether the answers go to a terminal.
  public var isTerminal: Bool { Terminal.isTerminal(descriptor) }

  /// Columns of the terminal that the answers go to, 80 if they go elsewhere.
  public var width: Int { Terminal.width(descriptor) }

  /// Whether to colour the answers.
  public func usesColour(_ choice: Terminal.ColourChoice) -> Bool {
    Terminal.usesColour(choice, on: descriptor)
  }

  /// Writes all of `text`. When the reader of a pipe has left (`| head`), the process ends
  /// without a word, with the status of SIGPIPE (141).
  ///
  /// - Throws: `FileError` when it cannot be written, such as on a full disk.
  public func write(_ text: String) throws(FileError) {
    if try !offer(text) { exit(128 + SIGPIPE) }
  }

  /// Writes all of `text`, unless the reader of a pipe has left. What a terminal that is gone does
  /// not take is dropped.
  ///
  /// - Returns: `false` when nobody reads any more: time for a clean end.
  /// - Throws: `FileError` when it cannot be written, such as on a full disk.
  public func offer(_ text: String) throws(FileError) -> Bool {
    var text = text
    let written = text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
    if written { return true }
    if errno == EPIPE { return false }
    if wasTerminal, errno == EIO { return true }
    throw .system(.cannotWrite, path: "standard output", action: "write")
  }

  /// Whoever starts the program may have closed 0, 1 or 2; the next file opened would take its
  /// place.
  private static func openMissingStandardFiles() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDWR)
    }
  }
}

/// Writes all of `text` to the standard error; what cannot be written is dropped.
///
/// - Returns: whether it could be written.
@discardableResult
public func writeError(_ text: String) -> Bool {
  var text = text
  return text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
}
