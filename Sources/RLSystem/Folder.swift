import Glibc

/// Folders.
public enum Folder {
  /// The working folder of this process; `nil` when it has none any more.
  public static var working: String? {
    guard let text = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// Creates `path` and the folders above it that are missing.
  ///
  /// - Throws: `FileError`. A folder that is there is no error.
  public static func create(_ path: String) throws(FileError) {
    if path.isEmpty || isFolder(path) { return }
    if let slash = path.lastIndex(of: "/") { try create(String(path[..<slash])) }
    // another process may have been faster
    guard try createNew(path) || isFolder(path) else {
      throw .system(.cannotCreate, path: path, action: "create the folder", code: ENOTDIR)
    }
  }

  /// Creates `path`, whose parent is there.
  ///
  /// - Returns: whether it is new; `false` when something of that name was there.
  /// - Throws: `FileError`.
  public static func createNew(_ path: String) throws(FileError) -> Bool {
    if unsafe mkdir(path, 0o777) == 0 { return true }
    guard errno == EEXIST else {
      throw .system(.cannotCreate, path: path, action: "create the folder")
    }
    return false
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
