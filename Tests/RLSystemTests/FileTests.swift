import Glibc
import RLSystem
import Testing

@Suite struct FileTests {
  @Test func writesReadsAndReplacesLeavingNothingElse() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/policy"
    for size in [0, 1, 3_000_000] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicFile.write(bytes, to: path)
      #expect(try FileReader.bytes(of: path, limit: size) == bytes)
    }
    #expect(folder.names == ["policy"])
  }

  @Test func aFailedWriteKeepsTheOldFileAndLeavesNothingElse() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.path + "/policy"
      try AtomicFile.write("old", to: path)
      // a disk that is full after 100 bytes
      var limit = rlimit(rlim_cur: 100, rlim_max: 100)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      signal(SIGXFSZ, SIG_IGN)
      do throws(FileError) {
        try AtomicFile.write([UInt8](repeating: 1, count: 200), to: path)
        preconditionFailure("the write should fail")
      } catch {
        precondition(error.kind == .cannotWrite && error.exitStatus == 74, error.description)
      }
      let kept = try FileReader.text(of: path, limit: 10)
      precondition(kept == "old", "the old file changed")
      precondition(folder.names == ["policy"], "something is left")
    }
  }

  @Test func refusesAFolderADeviceAndAMissingFolderAsTargets() {
    let folder = TemporaryFolder()
    for path in [folder.path, "/dev/null", folder.path + "/none/policy"] {
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.kind == .cannotCreate)
      #expect(error?.exitStatus == 73)
      #expect(error?.description.hasPrefix(path + ": ") == true)
    }
    #expect(folder.names.isEmpty)
  }

  @Test func replacesASymbolicLinkAndNotItsTarget() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("target", to: folder.path + "/target")
    #expect(unsafe symlink("target", folder.path + "/link") == 0)
    try AtomicFile.write("new", to: folder.path + "/link")
    #expect(try FileReader.text(of: folder.path + "/target", limit: 10) == "target")
    #expect(try FileReader.text(of: folder.path + "/link", limit: 10) == "new")
  }

  @Test func writesIntoTheWorkingFolder() throws {
    let name = "rl-system-\(getpid()).tmp"
    defer { unsafe unlink(name) }
    try AtomicFile.write("here", to: name)
    #expect(try FileReader.text(of: name, limit: 4) == "here")
  }

  @Test func readingSaysWhatIsWrong() throws {
    let folder = TemporaryFolder()
    let pipe = folder.path + "/pipe"
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let big = folder.path + "/big"
    try AtomicFile.write([255, 254, 253], to: big)
    let cases: [(String, FileError.Kind, Int32)] = [
      (folder.path + "/none", .missing, 66), (folder.path, .notRegular, 66),
      ("/dev/zero", .notRegular, 66), (pipe, .notRegular, 66), (big, .damaged, 65),
    ]
    for (path, kind, status) in cases {
      let error = #expect(throws: FileError.self) { try FileReader.bytes(of: path, limit: 2) }
      #expect(error?.kind == kind)
      #expect(error?.exitStatus == status)
    }
    #expect(throws: FileError.self) { try FileReader.text(of: big, limit: 3) }
    let missing = #expect(throws: FileError.self) { try FileReader.bytes(of: "none", limit: 2) }
    #expect(missing?.description == "none: cannot open: No such file or directory; check the path")
  }

  @Test func aFolderIsLockedOnce() async throws {
    let folder = TemporaryFolder()
    do {
      let lock = try FileLock(folder: folder.path)
      let error = #expect(throws: FileError.self) { _ = try FileLock(folder: folder.path) }
      #expect(error?.kind == .locked)
      _ = consume lock
    }
    _ = try FileLock(folder: folder.path)
  }
}
