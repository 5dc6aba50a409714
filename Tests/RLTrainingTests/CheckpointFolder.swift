import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

/// Some checkpoints of a toy training, and the training as it was at each.
struct CheckpointFolder: ~Copyable {
  let folder: TemporaryFolder
  let trainings: [ToyTraining]  // oldest first

  init(count: Int, seed: UInt64) throws {
    let folder = try TemporaryFolder(isInMemory: true)
    var trainings: [ToyTraining] = []
    let store = toyStore(folder.path, keep: count)
    var training = ToyTraining(seed: seed)
    for number in 0..<count {
      training.advance()
      store.begin(training.capture(), isBest: number == 0)
      try #require(store.wait()?.step == training.step)
      trainings.append(training)
    }
    self.folder = folder
    self.trainings = trainings
  }

  var path: String { folder.path }

  /// The folder's path of checkpoint `number`, from 0.
  func path(of number: Int) -> String {
    let digits = "\(trainings[number].step)"
    return "\(path)/\(String(repeating: "0", count: 12 - digits.count))\(digits)"
  }

  /// Paths of all files of checkpoint `number`.
  func files(of number: Int) throws -> [String] {
    let folder = path(of: number)
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      .filter { $0 != "columns" }.map { "\(folder)/\($0)" }
  }

  /// Loads, and says which checkpoint came back whole.
  ///
  /// - Returns: its number and the words about others; `nil` when all were refused as damaged.
  func load() throws -> (number: Int, skipped: [String])? {
    let read: (checkpoint: Checkpoint, skipped: [String])
    do {
      read = try #require(try CheckpointStore.load(path))
    } catch let error as FileError where error.kind == .damaged {
      return nil
    }
    let number = try #require(trainings.firstIndex { $0.step == read.checkpoint.step })
    try #require(trainings[number].equals(read.checkpoint), "another state was accepted")
    return (number, read.skipped)
  }
}
