import RLSystem
import Testing

@Suite struct FolderTests {
  @Test func foldersAboveAreMadeToo() throws {
    let folder = TemporaryFolder()
    try Folder.create(folder.path + "/a/b/c")
    try Folder.create(folder.path + "/a/b/c")
    #expect(try !Folder.createNew(folder.path + "/a/b/c"))
    #expect(try Folder.createNew(folder.path + "/a/b/d"))
    #expect(folder.names == ["a"])
  }

  @Test(arguments: ["/file", "/file/below"])
  func aFileInTheWayIsTold(path: String) throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("", to: folder.path + "/file")
    let error = #expect(throws: FileError.self) { try Folder.create(folder.path + path) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.reason.contains("Not a directory") == true)
  }

  @Test func aMissingParentIsTold() throws {
    let folder = TemporaryFolder()
    let error = #expect(throws: FileError.self) {
      try Folder.createNew(folder.path + "/none/new")
    }
    #expect(error?.path == folder.path + "/none/new")
    #expect(error?.reason.contains("No such file or directory") == true)
  }
}
