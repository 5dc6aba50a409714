import Glibc
import RLSystem
import Testing

@Suite struct AppendingFileTests {
  @Test func itGrowsByWhatIsAppended() throws {
    let folder = TemporaryFolder()
    let file = try AppendingFile(creating: folder.path + "/log")
    for line in ["one\n", "", "two\n"] { try file.append(Array(line.utf8)) }
    try file.flush()
    #expect(try FileReader.text(of: folder.path + "/log", limit: 100) == "one\ntwo\n")
  }

  @Test func whatIsThereIsNotOpened() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/log"
    try AtomicFile.write("old", to: path)
    let error = #expect(throws: FileError.self) { _ = try AppendingFile(creating: path) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.description.contains("File exists") == true)
    #expect(try FileReader.text(of: path, limit: 100) == "old")
  }

  @Test func aFullDiskIsToldAndWhatWasWrittenStays() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.path + "/log"
      let file = try AppendingFile(creating: path)
      try file.append([UInt8](repeating: 1, count: 60))
      // a disk that is full after 100 bytes
      var limit = rlimit(rlim_cur: 100, rlim_max: 100)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      signal(SIGXFSZ, SIG_IGN)
      do throws(FileError) {
        try file.append([UInt8](repeating: 2, count: 60))
        preconditionFailure("the write should fail")
      } catch {
        precondition(error.kind == .cannotWrite && error.path == path, error.description)
      }
      let bytes = try FileReader.bytes(of: path, limit: 100)
      precondition(Array(bytes[..<60]) == [UInt8](repeating: 1, count: 60))
    }
  }
}
