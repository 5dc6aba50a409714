import Glibc

/// What a path names, links followed.
public enum PathKind: Sendable, Equatable {
  case missing
  case file
  case folder
  /// A device, a pipe, a socket.
  case special

  public init(of path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .special
    }
  }
}
