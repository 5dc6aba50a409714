import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

/// The checkpoint that a write would go on from is lost while the training runs.
@Suite struct CheckpointBaseTests {
  /// A store with a few checkpoints of `training` in `folder`.
  private func begun(_ folder: String, _ training: inout ToyTraining) throws -> CheckpointStore {
    let store = toyStore(folder)
    for _ in 0..<4 {
      training.advance()
      store.begin(training.capture())
      #expect(store.wait()?.step == training.step)
    }
    return store
  }

  /// The next write fails, the whole one after it succeeds.
  private func expectMended(
    _ store: CheckpointStore, _ training: inout ToyTraining, sourceLocation: SourceLocation
  ) throws {
    for _ in 0..<10 where !store.needsWhole {
      training.advance()
      store.begin(training.capture())
      _ = store.wait()
    }
    #expect(store.needsWhole, sourceLocation: sourceLocation)
    training.advance()
    training.captureAnew()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step, sourceLocation: sourceLocation)
    #expect(!store.needsWhole, sourceLocation: sourceLocation)
    let loaded = try #require(try CheckpointStore.load(store.folder))
    #expect(training.equals(loaded.checkpoint), sourceLocation: sourceLocation)
  }

  @Test func aFolderThatIsRemovedIsWrittenAnew() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    var training = ToyTraining(seed: 11)
    let path = folder.path + "/checkpoints"
    let store = try begun(path, &training)
    try FileManager.default.removeItem(atPath: path)
    try expectMended(store, &training, sourceLocation: #_sourceLocation)
  }

  @Test func aCheckpointThatIsRemovedIsReplacedByAWholeOne() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    var training = ToyTraining(seed: 12)
    let store = try begun(folder.path, &training)
    let newest = try #require(try CheckpointStore.load(folder.path)).checkpoint.path
    try FileManager.default.removeItem(atPath: newest)
    try expectMended(store, &training, sourceLocation: #_sourceLocation)
  }

  @Test func aDamagedPageIsReplacedFromMemory() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    var training = ToyTraining(seed: 13)
    let store = try begun(folder.path, &training)
    let newest = try #require(try CheckpointStore.load(folder.path)).checkpoint.path
    for name in try FileManager.default.contentsOfDirectory(atPath: newest + "/columns") {
      let file = try FileHandle(forUpdating: URL(filePath: "\(newest)/columns/\(name)"))
      let first = try file.read(upToCount: 1)?.first ?? 0
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data([first ^ 1]))
      try file.close()
    }
    try expectMended(store, &training, sourceLocation: #_sourceLocation)
  }

  @Test func aFolderThatIsAwayForAWhileCountsAsLost() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    var training = ToyTraining(seed: 14)
    let store = try begun(folder.path, &training)
    training.advance()
    let capture = training.capture()
    let manager = FileManager.default
    try manager.moveItem(atPath: folder.path, toPath: folder.path + "-away")
    _ = manager.createFile(atPath: folder.path, contents: Data())
    store.begin(capture)
    #expect(store.wait()?.step == nil)
    #expect(store.needsWhole)
    try manager.removeItem(atPath: folder.path)
    try manager.moveItem(atPath: folder.path + "-away", toPath: folder.path)
    training.captureAnew()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step)
    #expect(training.equals(try #require(try CheckpointStore.load(folder.path)).checkpoint))
  }
}
