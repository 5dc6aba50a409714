import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

/// A store of small pages.
func toyStore(
  _ folder: String, keep: Int = 3, continuing: Checkpoint? = nil
) -> CheckpointStore {
  CheckpointStore(
    folder: folder, keep: keep, continuing: continuing, pageBytes: ToyTraining.pageBytes)
}

@Suite struct CheckpointStoreTests {
  @Test func manyRandomCapturesGiveTheWholeState() throws {
    for seed in 0..<10 {
      let folder = try TemporaryFolder(isInMemory: true)
      let place = "\(folder.path)/checkpoints"
      var training = ToyTraining(seed: UInt64(seed))
      var store = toyStore(place)
      for round in 0..<12 {
        training.advance()
        store.begin(training.capture(), isBest: round == 3)
        #expect(store.wait()?.step == training.step)
        let read = try #require(try CheckpointStore.load(place))
        #expect(read.skipped.isEmpty)
        #expect(training.equals(read.checkpoint))
        // a new process goes on from what was read
        if round % 3 == 2 { store = toyStore(place, continuing: read.checkpoint) }
      }
    }
  }

  @Test func aFolderWithoutCheckpointsHasNone() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    #expect(try CheckpointStore.load("\(folder.path)/none") == nil)
    #expect(try CheckpointStore.load(folder.path) == nil)
  }

  @Test func beginReturnsBeforeTheWriteAndItsOutcomeIsTakenOnce() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = CheckpointStore(folder: "\(folder.path)/checkpoints")
    #expect(!store.isBusy)
    #expect(store.poll() == nil)
    #expect(store.wait() == nil)
    var training = ToyTraining(seed: 1)
    store.begin(training.capture())
    #expect(store.isBusy)
    var outcome = store.poll()
    while outcome == nil { outcome = store.poll() }
    #expect(outcome?.step == 0)
    #expect(!store.isBusy)
    #expect(store.poll() == nil)
  }

  @Test func unchangedPagesAreTheSameFileAndChangedOnesAreNot() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let place = "\(folder.path)/checkpoints"
    let store = CheckpointStore(folder: place)
    let rowBytes = 1 << 18  // four rows a page
    let fill = ColumnChanges(
      name: "replay", kind: .bytes, rowBytes: rowBytes, rowCount: 10, ranges: [0..<10],
      bytes: (0..<10).flatMap { [UInt8](repeating: UInt8($0 + 1), count: rowBytes) })
    let change = ColumnChanges(
      name: "replay", kind: .bytes, rowBytes: rowBytes, rowCount: 10, ranges: [5..<6],
      bytes: [UInt8](repeating: 99, count: rowBytes))
    store.begin(.init(step: 1, capture: .init(state: .init(), columns: [fill])))
    #expect(store.wait()?.step == 1)
    store.begin(.init(step: 2, capture: .init(state: .init(), columns: [change])))
    #expect(store.wait()?.step == 2)
    let shared = try (0..<3).map { page in
      let name = "columns/replay.00000\(page)"
      return try inode("\(place)/000000000001/\(name)") == inode("\(place)/000000000002/\(name)")
    }
    #expect(shared == [true, false, true])
    let old = try #require(try CheckpointStore.load(place)).checkpoint.state
    #expect(try old.bytes("replay", count: 10 * rowBytes)[5 * rowBytes] == 99)
  }

  @Test func aColumnOfAnotherShapeBeginsAgainFromZeros() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = CheckpointStore(folder: folder.path)
    for (step, count) in [(1, 4), (2, 6)] {
      let changes = ColumnChanges(
        name: "x", kind: .integers, rowBytes: 4, rowCount: count, ranges: [step..<step + 1],
        bytes: [7, 0, 0, 0])
      store.begin(.init(step: step, capture: .init(state: .init(), columns: [changes])))
      #expect(store.wait()?.step == step)
    }
    let state = try #require(try CheckpointStore.load(folder.path)).checkpoint.state
    #expect(state["x"] == .integers([0, 0, 7, 0, 0, 0]))
  }
}

private func inode(_ path: String) throws -> Int {
  try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
}
