import Foundation
import RLSystem
import Testing

@Suite struct FolderContentsTests {
  @Test func removesATreeAndFollowsNoLink() throws {
    let folder = TemporaryFolder()
    let manager = FileManager.default
    let outside = try write([1], to: folder.path + "/outside")
    try manager.createDirectory(
      atPath: folder.path + "/tree/a/b", withIntermediateDirectories: true)
    _ = try write([2], to: folder.path + "/tree/a/b/file")
    for (name, target) in [("tree/a/file", outside), ("tree/folder", folder.path)] {
      try manager.createSymbolicLink(
        atPath: "\(folder.path)/\(name)", withDestinationPath: target)
    }
    #expect(try Folder.names(in: folder.path) == ["outside", "tree"])
    try Folder.remove(folder.path + "/tree")
    try Folder.remove(folder.path + "/tree")
    #expect(try Folder.names(in: folder.path) == ["outside"])
    try Folder.remove(outside)
    #expect(try Folder.names(in: folder.path) == [])
    #expect(throws: FileError.self) { try Folder.names(in: folder.path + "/tree") }
  }

  @Test func namesAreGivenAndExchangedInOneStep() throws {
    let folder = TemporaryFolder()
    let a = try write([1], to: folder.path + "/a")
    let b = try write([2], to: folder.path + "/b")
    #expect(try NewFile.link(a, as: folder.path + "/c"))
    #expect(throws: FileError.self) { try NewFile.link(a, as: b) }
    #expect(throws: FileError.self) { try NewFile.write([3], to: b) }
    if try FileRename.exchange(a, with: b) {
      #expect(try FileReader.bytes(of: a, limit: 9) == [2])
      #expect(try FileReader.bytes(of: b, limit: 9) == [1])
    }
    try FileRename.move(folder.path + "/c", to: a)
    #expect(try FileReader.bytes(of: a, limit: 9) == [1])
    #expect(throws: FileError.self) { try FileRename.move(folder.path + "/c", to: a) }
    try FileFlush.file(a)
    try FileFlush.folder(folder.path)
    #expect(throws: FileError.self) { try FileFlush.file(folder.path + "/c") }
    #expect(throws: FileError.self) { try FileFlush.folder(a) }
  }

  @Test func anOpenFolderGivesOnlyItsOwnRegularFiles() throws {
    let folder = TemporaryFolder()
    let manager = FileManager.default
    let file = try write([1, 2, 3], to: folder.path + "/file")
    try manager.createDirectory(atPath: folder.path + "/inner", withIntermediateDirectories: false)
    for (name, target) in [("link", file), ("inner/link", "../file"), ("way", "inner")] {
      try manager.createSymbolicLink(
        atPath: "\(folder.path)/\(name)", withDestinationPath: target)
    }
    defer { try? Folder.remove(folder.path + "/inner") }
    let open = try OpenFolder(folder.path)
    #expect(try open.bytes(of: "file", size: 3) == [1, 2, 3])
    #expect(try open.bytes(of: "file", limit: 3) == [1, 2, 3])
    #expect(try open.size(of: "file") == 3)
    for refused in ["link", "inner", "none"] {
      do {
        _ = try open.size(of: refused)
        Issue.record("\(refused) was taken")
      } catch { #expect(error.path == "\(folder.path)/\(refused)") }
    }
    for size in [2, 4] {
      do {
        _ = try open.bytes(of: "file", size: size)
        Issue.record("\(size) bytes were taken")
      } catch { #expect(error.kind == .damaged) }
    }
    do {
      _ = try open.folder("way")
      Issue.record("a link to a folder was taken")
    } catch { #expect(error.kind == .damaged) }
  }

  @Test func valuesAreAppendedFromTheirBytes() {
    var words: [UInt64] = [7]
    words.append(littleEndian: [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255])
    #expect(words == [7, 1, .max])
    var floats: [Float] = []
    floats.append(littleEndian: [0, 0, 128, 63])
    floats.append(littleEndian: [])
    #expect(floats == [1])
  }

  private func write(_ bytes: [UInt8], to path: String) throws -> String {
    try NewFile.write(bytes, to: path)
    return path
  }
}
