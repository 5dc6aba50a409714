import Foundation
import RLTestSupport
import RLTraining
import Testing

/// Every call with `RLHOST_CHAOS=1`, as `make chaos-checkpoint` runs it; otherwise some.
private let isLong = ProcessInfo.processInfo.environment["RLHOST_CHAOS"] != nil

@Suite(.serialized) struct CheckpointFaultTests {
  @Test(arguments: CheckpointTrial.Mode.allCases)
  func killedAtAnyCallTheOldOrTheNewCheckpointIsThereWhole(mode: CheckpointTrial.Mode) throws {
    let trial = try CheckpointTrial(mode)
    var call = 1
    var seen: [Int: Int] = [:]
    while try trial.run(["FAULT_AT": "\(call)", "FAULT_KILL": "1"]).isKilled {
      let read = try #require(try CheckpointStore.load(trial.place), "killed at call \(call)")
      let index = trial.trainings.prefix(2).firstIndex { $0.equals(read.checkpoint) }
      seen[try #require(index, "killed at call \(call)"), default: 0] += 1
      try expectToGoOn(trial, from: read.checkpoint, at: call)
      call += isLong ? 1 : 9
    }
    #expect(call > 90, "the calls of a write were not counted")
    if mode == .grow { #expect(seen.count == 2) }
    if isLong { print("\(mode.rawValue): killed at each of \(call - 1) calls, held \(seen)") }
  }

  /// A new process continues, and clears away what the killed one left.
  private func expectToGoOn(
    _ trial: borrowing CheckpointTrial, from checkpoint: Checkpoint, at call: Int
  ) throws {
    let store = CheckpointStore(folder: trial.place, keep: 1, continuing: checkpoint)
    var training = trial.trainings[1]
    if checkpoint.step == trial.trainings[1].step {
      _ = training.capture()
      training.advance()
    }
    store.begin(training.capture())
    #expect(store.wait()?.step == training.step, "after call \(call)")
    let read = try #require(try CheckpointStore.load(trial.place))
    #expect(training.equals(read.checkpoint), "after call \(call)")
    let left = try FileManager.default.contentsOfDirectory(atPath: trial.place)
    #expect(left.allSatisfy { !$0.hasPrefix(".") }, "after call \(call)")
  }

  @Test(arguments: CheckpointTrial.Mode.allCases, [ENOSPC, EIO, EACCES])
  func anyCallThatFailsIsReportedAndNothingIsLost(
    mode: CheckpointTrial.Mode, code: Int32
  ) throws {
    let trial = try CheckpointTrial(mode)
    let count = try trial.callCount()
    let (first, third) = (trial.trainings[0].step, trial.trainings[2].step)
    for call in stride(from: isLong ? 1 : 1 + Int(code) % 20, through: count, by: isLong ? 1 : 20) {
      let end = try trial.run(["FAULT_AT": "\(call)", "FAULT_ERRNO": "\(code)"])
      try #require(end.lines.count == 4, "call \(call): \(end.lines)")
      #expect(end.lines[0] == "written \(first)")
      #expect(end.lines[1].hasPrefix("failed 1: /"), "call \(call): \(end.lines)")
      #expect(end.lines[1].contains("cannot "), "call \(call): \(end.lines)")
      let holds = ["holds \(first)", "holds \(trial.trainings[1].step)"]
      #expect(holds.contains(end.lines[2]), "call \(call): \(end.lines)")
      #expect(end.lines[3] == "written \(third)", "call \(call): \(end.lines)")
      let read = try #require(try CheckpointStore.load(trial.place))
      #expect(trial.trainings[2].equals(read.checkpoint), "call \(call)")
    }
    if isLong { print("\(mode.rawValue): error \(code) at each of \(count) calls reported") }
  }

  @Test(arguments: [
    ["FAULT_CALL": "link", "FAULT_ERRNO": "\(EXDEV)"],
    ["FAULT_CALL": "link", "FAULT_ERRNO": "\(EPERM)"],
    ["FAULT_CALL": "link", "FAULT_ERRNO": "\(EMLINK)"],
    ["FAULT_CALL": "renameat2", "FAULT_ERRNO": "\(EINVAL)"],
    ["FAULT_CALL": "write", "FAULT_SHORT": "1"],
    ["FAULT_CALL": "write", "FAULT_ERRNO": "\(EINTR)", "FAULT_AT": "7"],
    ["FAULT_CALL": "read", "FAULT_SHORT": "1"],
  ])
  func whatAFileSystemMayDoIsNoFailure(faults: [String: String]) throws {
    for mode in CheckpointTrial.Mode.allCases {
      let trial = try CheckpointTrial(mode)
      let end = try trial.run(faults)
      #expect(end.lines.count == 4 && end.lines[2] == "holds \(trial.trainings[1].step)")
      #expect(end.lines[1] == "written \(trial.trainings[1].step)")
      let read = try #require(try CheckpointStore.load(trial.place))
      #expect(trial.trainings[2].equals(read.checkpoint))
    }
  }
}
