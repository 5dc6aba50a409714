import Glibc

/// A file that could not be read or written. `description` says what, where and what to do.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What failed, as finely as an exit status needs it.
  public enum Kind: Sendable, Equatable {
    /// There is no such input, or it may not be read (exit status 66).
    case missing
    /// The input is not a regular file (66).
    case notRegular
    /// The input is not what it should be: too large, or not text (65).
    case damaged
    /// The file could not be created (73).
    case cannotCreate
    /// Reading or writing failed on the way (74).
    case cannotWrite
    /// Another process holds the lock (73).
    case locked
  }

  public var kind: Kind
  public var path: String
  public var reason: String  // the system's words, or ours
  public var advice: String

  public init(_ kind: Kind, path: String, reason: String, advice: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
    self.advice = advice
  }

  public var description: String { "\(path): \(reason); \(advice)" }

  /// The sysexits status for this failure: 65, 66, 73 or 74.
  public var exitStatus: Int32 {
    switch kind {
    case .damaged: 65
    case .missing, .notRegular: 66
    case .cannotCreate, .locked: 73
    case .cannotWrite: 74
    }
  }
}

extension FileError {
  /// The error for the current `errno`.
  static func system(_ kind: Kind, path: String, action: String, code: Int32 = errno) -> FileError {
    FileError(
      kind, path: path, reason: "cannot \(action): \(errorText(code))",
      advice: advice(for: code))
  }

  private static func advice(for code: Int32) -> String {
    switch code {
    case ENOENT: "check the path"
    case EACCES, EPERM: "check the permissions of the file and of its folder"
    case ENOSPC, EDQUOT: "free some space, or write elsewhere"
    case EROFS: "the file system is read-only: write elsewhere"
    case ENOTDIR: "a part of the path is not a folder"
    case EISDIR: "the path is a folder: name a file"
    case ENAMETOOLONG: "use a shorter name"
    case EMFILE, ENFILE: "too many open files: raise `ulimit -n`"
    default: "check the path and the disk"
    }
  }
}

/// The system's words for an error code.
func errorText(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
