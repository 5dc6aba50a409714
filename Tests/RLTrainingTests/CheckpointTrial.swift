import Foundation
import RLTestSupport
import RLTraining
import Testing

/// The program that writes three checkpoints, run with faults.
struct CheckpointTrial: ~Copyable {
  enum Mode: String, CaseIterable, Sendable {
    /// The second checkpoint is of a later step than the first.
    case grow
    /// The second checkpoint is of the first one's step.
    case `repeat`
  }

  /// How the program ended, and the lines it wrote.
  struct End {
    var isKilled: Bool
    var lines: [String]
  }

  let folder: TemporaryFolder
  /// The training after the first, the second and the third checkpoint.
  let trainings: [ToyTraining]
  private let mode: Mode

  init(_ mode: Mode) throws {
    folder = try TemporaryFolder(isInMemory: true)
    self.mode = mode
    var training = ToyTraining(seed: 7)
    training.advance()
    _ = training.capture()
    var trainings = [training]
    if mode == .grow { training.advance() }
    trainings.append(training)
    training.advance()
    trainings.append(training)
    self.trainings = trainings
  }

  var place: String { folder.path + "/checkpoints" }

  /// Runs the program in a new folder, with the variables of `Tests/Faults/file_faults.c`.
  func run(_ faults: [String: String]) throws -> End {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    let process = Process()
    process.executableURL = URL(filePath: Self.binary)
    process.arguments = [folder.path, mode.rawValue]
    process.environment = faults.merging(["LD_PRELOAD": try Self.shim()]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return End(
      isKilled: process.terminationReason == .uncaughtSignal,
      lines: text.split(separator: "\n").map(String.init))
  }

  /// The calls of which a run without faults consists.
  func callCount() throws -> Int {
    var low = 1
    var high = 4096
    while low < high {
      let middle = (low + high) / 2
      let isReached = try run(["FAULT_AT": "\(middle)", "FAULT_KILL": "1"]).isKilled
      if isReached { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  private static func shim() throws -> String {
    try PluginBuild.compile(source: "Tests/Faults/file_faults.c", name: "file-faults")
  }

  /// The binary beside the one that runs the tests.
  private static let binary: String = {
    let tests = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
    let beside = tests + "/checkpoint-trial"
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside : PluginBuild.root + "/.build/release/checkpoint-trial"
  }()
}
