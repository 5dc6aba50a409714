import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

@Suite struct CheckpointSpaceTests {
  @Test(.enabled(if: SmallDisk.isPermitted, "needs the right to mount a file system"))
  func aFullDiskIsReportedAndTheOldCheckpointStays() throws {
    let disk = try SmallDisk(kilobytes: 512)
    let place = "\(disk.path)/checkpoints"
    let store = CheckpointStore(
      folder: place, keep: 1, continuing: nil, pageBytes: ToyTraining.pageBytes)
    var training = ToyTraining(seed: 3)
    training.advance()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step)
    let kept = training
    disk.fill()
    for round in 1...3 {
      training.advance()
      store.begin(training.capture())
      let failure = try #require(store.wait()?.failure)
      #expect(failure.consecutive == round)
      #expect(failure.error.description.contains("No space left on device; free some space"))
      let read = try #require(try CheckpointStore.load(place))
      #expect(kept.equals(read.checkpoint))
    }
    disk.free()
    training.advance()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step)
    let read = try #require(try CheckpointStore.load(place))
    #expect(training.equals(read.checkpoint))
  }

  @Test func aPlaceThatCannotBeAFolderIsReportedUntilItIsMended() throws {
    let folder = try TemporaryFolder(isInMemory: true)
    let place = try folder.write("in the way", to: "checkpoints")
    let store = CheckpointStore(folder: place)
    var training = ToyTraining(seed: 4)
    for round in 1...2 {
      training.advance()
      store.begin(training.capture())
      let failure = try #require(store.wait()?.failure)
      #expect(failure.consecutive == round)
      #expect(failure.error.exitStatus == 73)
      #expect(failure.error.description.hasPrefix("\(place): cannot create the folder: "))
    }
    try FileManager.default.removeItem(atPath: place)
    training.advance()
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step)
    #expect(training.equals(try #require(try CheckpointStore.load(place)).checkpoint))
    training.advance()
    store.begin(training.capture(), syncing: ["\(folder.path)/no-such-log"])
    #expect(store.wait()?.failure?.consecutive == 1)
  }
}

/// A file system of its own in memory, taken away with its owner.
private struct SmallDisk: ~Copyable {
  private let folder: TemporaryFolder

  init(kilobytes: Int) throws {
    let folder = try TemporaryFolder()
    let size = "size=\(kilobytes)k"
    try #require(Self.run("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder.path]))
    self.folder = folder
  }

  deinit { _ = Self.run("umount", [folder.path]) }

  var path: String { folder.path }

  /// Leaves no space.
  func fill() {
    let piece = Data(repeating: 1, count: 4096)
    _ = FileManager.default.createFile(atPath: "\(path)/filler", contents: nil)
    guard let file = FileHandle(forWritingAtPath: "\(path)/filler") else { return }
    while (try? file.write(contentsOf: piece)) != nil {}
    try? file.close()
  }

  /// Gives the space back.
  func free() { try? FileManager.default.removeItem(atPath: "\(path)/filler") }

  static let isPermitted: Bool = {
    guard let folder = try? TemporaryFolder(),
      run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path])
    else { return false }
    return run("umount", [folder.path])
  }()

  private static func run(_ command: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
