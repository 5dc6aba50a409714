import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

@Suite struct CheckpointKeepTests {
  @Test func theLastOnesAndTheBestStay() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = toyStore(folder.path, keep: 2)
    var training = ToyTraining(seed: 1)
    var steps: [Int] = []
    for number in 0..<6 {
      training.advance()
      steps.append(training.step)
      store.begin(training.capture(), isBest: number == 1)
      #expect(store.wait()?.step == training.step)
    }
    #expect(try kept(folder.path) == [steps[1], steps[4], steps[5]])
    #expect(try text(of: folder.path + "/LATEST") == name(steps[5]) + "\n")
    #expect(try text(of: folder.path + "/BEST") == name(steps[1]) + "\n")
    #expect(training.equals(try #require(try CheckpointStore.load(folder.path)).checkpoint))
  }

  @Test func aDamagedNameOfTheBestEndsNothing() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = toyStore(folder.path, keep: 2)
    var training = ToyTraining(seed: 4)
    for number in 0..<5 {
      training.advance()
      store.begin(training.capture(), isBest: number == 0 || number == 4)
      #expect(store.wait()?.step == training.step)
      if number == 1 { _ = try folder.write("garbage", to: "BEST") }
    }
    #expect(try kept(folder.path).count == 2)
    #expect(try text(of: folder.path + "/BEST") == name(training.step) + "\n")
  }

  @Test func whatInterruptedWritersLeftIsRemovedAndNothingElse() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let manager = FileManager.default
    let outside = try folder.write("outside", to: "outside")
    for name in [".tmp-000000000007-1-2", ".trash-000000000003-1-2"] {
      let inner = "\(folder.path)/\(name)/columns"
      try manager.createDirectory(atPath: inner, withIntermediateDirectories: true)
      try manager.createSymbolicLink(atPath: inner + "/link", withDestinationPath: outside)
    }
    _ = try folder.write("half", to: ".rl-host-12-3.tmp")
    _ = try folder.write("mine", to: ".notes")
    let store = toyStore(folder.path)
    var training = ToyTraining(seed: 2)
    training.advance()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step)
    let left = try manager.contentsOfDirectory(atPath: folder.path)
    #expect(Set(left) == [".notes", "LATEST", name(training.step), "outside"])
  }

  @Test func aRunThatGoesOnFromAnOlderCheckpointLeavesNoLaterOne() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = toyStore(folder.path)
    var training = ToyTraining(seed: 3)
    training.advance()
    store.begin(training.capture())
    _ = store.wait()
    let early = try #require(try CheckpointStore.load(folder.path)).checkpoint
    var other = training
    for _ in 0..<2 {
      training.advance()
      store.begin(training.capture())
      _ = store.wait()
    }
    let later = toyStore(folder.path, continuing: early)
    // the same random numbers as the run above, but one step of the two
    other.advance()
    later.begin(other.capture())
    #expect(later.wait()?.step == other.step)
    #expect(try kept(folder.path) == [early.step, other.step])
    #expect(other.equals(try #require(try CheckpointStore.load(folder.path)).checkpoint))
  }

  @Test func aCheckpointOfTheSameStepIsReplaced() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = toyStore(folder.path, keep: 1)
    for value in [UInt8(1), 2, 3] {
      let column = ColumnChanges(
        name: "x", kind: .bytes, rowBytes: 1, rowCount: 9,
        ranges: [Int(value)..<Int(value) + 1], bytes: [value])
      let state = SavedState(entries: ["y": .bytes([value])])
      store.begin(.init(step: 50, capture: .init(state: state, columns: [column])))
      #expect(store.wait()?.step == 50)
    }
    let state = try #require(try CheckpointStore.load(folder.path)).checkpoint.state
    #expect(state["x"] == .bytes([0, 1, 2, 3, 0, 0, 0, 0, 0]))
    #expect(state["y"] == .bytes([3]))
    #expect(try kept(folder.path) == [50])
  }

  @Test func oneCheckpointsFolderIsWholeWithoutTheOthers() throws {
    let checkpoints = try CheckpointFolder(count: 3, seed: 6)
    let copy = try TemporaryFolder(isInMemory: true)
    let source = checkpoints.path(of: 1)
    let target = copy.path + "/" + URL(filePath: source).lastPathComponent
    try FileManager.default.copyItem(atPath: source, toPath: target)
    let read = try #require(try CheckpointStore.load(copy.path))
    #expect(checkpoints.trainings[1].equals(read.checkpoint))
    #expect(read.skipped.isEmpty)
  }

  private func kept(_ folder: String) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0) }.sorted()
  }

  private func name(_ step: Int) -> String {
    String(repeating: "0", count: 12 - "\(step)".count) + "\(step)"
  }
}
