import Glibc

extension Folder {
  /// The names in a folder, sorted, `.` and `..` left out. Names that are not UTF-8 are left out.
  ///
  /// - Throws: `FileError` when it is not a folder or cannot be read.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let folder = Descriptor.open(path, O_RDONLY | O_DIRECTORY) else {
      throw .system(.missing, path: path, action: "open the folder")
    }
    return try names(in: folder, path: path).compactMap { String(validating: $0, as: UTF8.self) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file, or a folder with everything in it; links are removed, not followed.
  ///
  /// - Throws: `FileError`; then a part may be gone. Nothing of that name is no error.
  public static func remove(_ path: String) throws(FileError) {
    try remove(Array(path.utf8), in: AT_FDCWD, path: path)
  }

  private static func remove(
    _ name: [UInt8], in parent: Int32, path: String
  ) throws(FileError) {
    let text = name.map { CChar(bitPattern: $0) } + [0]
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let number = unsafe openat(parent, text, flags, 0)
    if number >= 0 {
      let folder = Descriptor(owning: number)
      for inner in try names(in: folder, path: path) {
        try remove(inner, in: folder.number, path: path)
      }
      guard unsafe unlinkat(parent, text, AT_REMOVEDIR) == 0 || errno == ENOENT else {
        throw .system(.cannotWrite, path: path, action: "remove the folder")
      }
      return
    }
    guard [ENOTDIR, ELOOP, ENOENT].contains(errno) else {
      throw .system(.cannotWrite, path: path, action: "open the folder")
    }
    guard unsafe unlinkat(parent, text, 0) == 0 || errno == ENOENT else {
      throw .system(.cannotWrite, path: path, action: "remove")
    }
  }

  /// The names in an open folder, as bytes.
  static func names(
    in folder: borrowing Descriptor, path: String
  ) throws(FileError) -> [[UInt8]] {
    // the stream closes its descriptor, so it gets one of its own
    let number = unsafe openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard number >= 0, let stream = unsafe fdopendir(number) else {
      let code = errno
      if number >= 0 { close(number) }
      throw .system(.cannotWrite, path: path, action: "open the folder", code: code)
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { field in
        unsafe Array(field.prefix { $0 != 0 })
      }
      if name != [46] && name != [46, 46] { names.append(name) }
    }
    guard errno == 0 else { throw .system(.cannotWrite, path: path, action: "list the folder") }
    return names
  }
}
