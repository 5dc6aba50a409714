import Glibc
import Synchronization

/// Files that are there whole or not at all.
public enum AtomicFile {
  /// Writes `bytes` to `path`, replacing a file that is there.
  ///
  /// The bytes go to a temporary file in the same folder, which is flushed to the disk and renamed;
  /// then the folder is flushed. So at every moment, a crash included, `path` names the old file
  /// or the new one. A symbolic link is replaced, not followed; devices and folders are refused.
  ///
  /// - Throws: `FileError`; then `path` is as it was, and no temporary file is left.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try refuseSpecial(path)
    let folder = parent(of: path)
    var temporary = ""
    let file = try create(&temporary, in: folder, for: path)
    do throws(FileError) {
      let written = unsafe bytes.withUnsafeBytes { unsafe file.write($0) }
      guard written else { throw .system(.cannotWrite, path: path, action: "write") }
      guard fsync(file.number) == 0 else {
        throw .system(.cannotWrite, path: path, action: "flush")
      }
      guard unsafe rename(temporary, path) == 0 else {
        throw .system(.cannotCreate, path: path, action: "put the file in place")
      }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    try flushFolder(folder, for: path)
  }

  /// Writes UTF-8 text; otherwise like the bytes.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  private static let counter = Atomic<UInt64>(0)

  /// A new file of an unused name in `folder`.
  private static func create(
    _ name: inout String, in folder: String, for path: String
  ) throws(FileError) -> Descriptor {
    while true {
      let number = counter.add(1, ordering: .relaxed).newValue
      name = "\(folder)/.rl-host-\(getpid())-\(number).tmp"
      if let file = Descriptor.open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666) {
        return file
      }
      guard errno == EEXIST else { throw .system(.cannotCreate, path: path, action: "create") }
    }
  }

  /// A rename would put a file in the place of a device such as `/dev/null`.
  private static func refuseSpecial(_ path: String) throws(FileError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || kind == S_IFLNK else {
      throw FileError(
        .cannotCreate, path: path,
        reason: kind == S_IFDIR ? "is a folder" : "is not a regular file", advice: "name a file")
    }
  }

  private static func flushFolder(_ folder: String, for path: String) throws(FileError) {
    guard let opened = Descriptor.open(folder, O_RDONLY | O_DIRECTORY) else {
      throw .system(.cannotWrite, path: path, action: "open the folder of")
    }
    // some file systems cannot flush a folder and say EINVAL
    guard fsync(opened.number) == 0 || errno == EINVAL else {
      throw .system(.cannotWrite, path: path, action: "flush the folder of")
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
