import Foundation
import RLCore
import RLSystem
import RLTraining
import Testing

@Suite struct CheckpointRecorderTests {
  private let capture = StateCapture(state: SavedState(entries: ["training.x": .words([1])]))

  private func recorder(_ folder: String, seconds: Double = 0) -> CheckpointRecorder {
    CheckpointRecorder(CheckpointStore(folder: folder), seconds: seconds, facts: ["a": "b"])
  }

  @Test func withoutAClockOnlyOccasionsAndWishesCount() throws {
    let folder = try TemporaryFolder()
    var recorder = recorder(folder.path + "/checkpoints")
    let occasions: [CheckpointOccasion] = [.iteration, .due, .best, .stop, .end]
    let answers = occasions.map { recorder.wants($0, step: 1) }
    #expect(answers == [false, true, true, true, true])
    // a wish is not forgotten
    let asked = [true, false].map { recorder.wants(.iteration, step: 1, isAsked: $0) }
    #expect(asked == [true, true])
    _ = try recorder.take(capture, .iteration, step: 2, logs: [])
    let news = try recorder.wait()
    let path = folder.path + "/checkpoints/000000000002"
    #expect(news == [.written(step: 2, path: path, isAnswer: true)])
    #expect(recorder.newest?.step == 2)
    let later = recorder.wants(.iteration, step: 3)
    #expect(!later)
  }

  @Test func aStepThatIsSavedIsNotSavedAgainUnlessItTurnsOutTheBest() throws {
    let folder = try TemporaryFolder()
    var recorder = recorder(folder.path)
    _ = try recorder.take(capture, .end, step: 8, logs: [])
    let occasions: [CheckpointOccasion] = [.iteration, .due, .best, .stop, .end]
    let answers = occasions.map { recorder.wants($0, step: 8, isAsked: true) }
    #expect(answers == [false, false, true, false, false])
    _ = try recorder.take(capture, .best, step: 8, logs: [])
    _ = try recorder.wait()
    #expect(try CheckpointStore.load(folder.path)?.checkpoint.facts == ["a": "b"])
  }

  @Test func theClockAsksOnceItsTimeHasPassed() throws {
    let folder = try TemporaryFolder()
    var recorder = recorder(folder.path, seconds: 1e-9)
    while !recorder.wants(.iteration, step: 1) {}
    var patient = self.recorder(folder.path, seconds: 1e9)
    let wants = patient.wants(.iteration, step: 1)
    #expect(!wants)
  }

  @Test func aStopTriesThreeTimesThenSaysWhatFailed() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a file where the folder should be", to: "checkpoints")
    var recorder = recorder(file)
    let error = #expect(throws: CheckpointError.self) {
      try recorder.take(capture, .stop, step: 2, logs: [])
    }
    #expect(error?.description.contains(file) == true)
    #expect(recorder.newest == nil)
  }

  @Test func aFailureIsToldAndTriedAgain() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in the way", to: "checkpoints")
    var recorder = recorder(file)
    for step in 1...2 {
      _ = try recorder.take(capture, .due, step: step, logs: [])
      let news = try recorder.wait()
      guard case .failed(let error)? = news.first else {
        Issue.record("\(news)")
        return
      }
      #expect(error.path.hasPrefix(file))
      // the step is not saved, so another try may come at once
      let again = recorder.wants(.due, step: step)
      #expect(again)
    }
    try FileManager.default.removeItem(atPath: file)
    _ = try recorder.take(capture, .due, step: 3, logs: [])
    let news = try recorder.wait()
    #expect(news == [.written(step: 3, path: file + "/000000000003", isAnswer: false)])
  }
}
