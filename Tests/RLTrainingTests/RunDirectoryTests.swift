import Foundation
import RLSystem
import RLTraining
import Synchronization
import Testing

@Suite struct RunDirectoryTests {
  @Test func itsNameSaysEnvironmentAlgorithmSeedAndUTCTime() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(
      in: folder.path + "/deep/runs", env: "CartPole-v1", algo: "dqn", seed: 7)
    let pattern = /CartPole-v1-dqn-s7-\d{8}T\d{6}Z/
    #expect(run.id.wholeMatch(of: pattern) != nil)
    #expect(run.path == folder.path + "/deep/runs/" + run.id)
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path).isEmpty)
  }

  @Test func runsThatStartAtOnceGetFoldersOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    let root = folder.path + "/runs"
    let paths = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 20) { _ in
      let run = try? RunDirectory.create(in: root, env: "e", algo: "a", seed: 0)
      paths.withLock { $0.append(run?.path ?? "failed") }
    }
    let all = paths.withLock { $0 }
    #expect(!all.contains("failed"))
    #expect(Set(all).count == 20)
  }

  @Test func aNameThatIsTakenIsRefusedAndWhatIsThereStays() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(in: folder.path, name: "mine", env: "e", algo: "a", seed: 0)
    try run.write(configuration: "seed: 1\n")
    let error = #expect(throws: FileError.self) {
      try RunDirectory.create(in: folder.path, name: "mine", env: "e", algo: "a", seed: 0)
    }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.path == folder.path + "/mine")
    #expect(error?.description.contains("never overwritten") == true)
    #expect(try text(of: run.configurationPath) == "seed: 1\n")
  }

  @Test(arguments: ["", ".", "..", ".hidden", "a/b", "../outside"])
  func whatIsNoFoldersNameIsRefused(name: String) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) {
      try RunDirectory.create(in: folder.path, name: name, env: "e", algo: "a", seed: 0)
    }
    #expect(error?.kind == .cannotCreate)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aRootThatIsAFileIsToldByPathAndReason() throws {
    let folder = try TemporaryFolder()
    let root = try folder.write("", to: "file")
    for path in [root, root + "/below"] {
      let error = #expect(throws: FileError.self) {
        try RunDirectory.create(in: path, env: "e", algo: "a", seed: 0)
      }
      #expect(error?.kind == .cannotCreate)
      #expect(error?.path.hasPrefix(root) == true)
      #expect(error?.reason.contains("Not a directory") == true)
    }
  }

  @Test func anEnvironmentsIdCannotLeadOutOfTheRoot() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(
      in: folder.path, env: "../a b/$(c)é", algo: "dqn", seed: 0)
    #expect(run.id.hasPrefix("_.._a_b___c___"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [run.id])
  }
}
