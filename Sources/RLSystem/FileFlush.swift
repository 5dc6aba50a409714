import Glibc

/// Waiting until files and folders are on the disk.
public enum FileFlush {
  /// Flushes a file that other descriptors have written.
  ///
  /// - Throws: `FileError` when it is not there, or the disk did not take it.
  public static func file(_ path: String) throws(FileError) {
    guard let file = Descriptor.open(path, O_RDONLY | O_NONBLOCK) else {
      throw .system(.cannotWrite, path: path, action: "open")
    }
    guard fsync(file.number) == 0 else {
      throw .system(.cannotWrite, path: path, action: "flush")
    }
  }

  /// Flushes the names in a folder.
  ///
  /// - Throws: `FileError` when it is not there, or the disk did not take it.
  public static func folder(_ path: String) throws(FileError) {
    guard let folder = Descriptor.open(path, O_RDONLY | O_DIRECTORY) else {
      throw .system(.cannotWrite, path: path, action: "open the folder")
    }
    // some file systems cannot flush a folder and say EINVAL
    guard fsync(folder.number) == 0 || errno == EINVAL else {
      throw .system(.cannotWrite, path: path, action: "flush the folder")
    }
  }
}
