import RLSystem
import Testing

@Suite struct ContinuedFileTests {
  private func bytes(_ path: String) throws -> [UInt8] {
    try FileReader.bytes(of: path, limit: 1 << 20)
  }

  @Test func whatIsBehindThePlaceIsCutAway() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/log"
    let first = try AppendingFile(creating: path)
    try first.append(Array("one\ntwo\nthr".utf8))
    let size = try first.size()
    #expect(size == 11)
    let second = try AppendingFile(continuing: path, at: 8)
    try second.append(Array("three\n".utf8))
    #expect(try bytes(path) == Array("one\ntwo\nthree\n".utf8))
  }

  @Test func fromTheStartItMayBeMissing() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/log"
    try AppendingFile(continuing: path, at: 0).append([65, 10])
    try AppendingFile(continuing: path, at: 0).append([66, 10])
    #expect(try bytes(path) == [66, 10])
  }

  @Test(arguments: [1, 3, 5, 100])
  func aPlaceWhereNoLineEndsIsDamage(size: Int) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/log"
    try AppendingFile(creating: path).append(Array("one\n".utf8))
    let error = #expect(throws: FileError.self) {
      _ = try AppendingFile(continuing: path, at: size)
    }
    #expect(error?.kind == .damaged)
    #expect(try bytes(path) == Array("one\n".utf8))
  }

  @Test func aMissingFileIsNotMadeInTheMiddle() throws {
    let folder = TemporaryFolder()
    let error = #expect(throws: FileError.self) {
      _ = try AppendingFile(continuing: folder.path + "/log", at: 4)
    }
    #expect(error?.kind == .missing)
  }
}
