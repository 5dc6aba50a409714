// Writes three checkpoints of a toy training: `checkpoint-trial FOLDER grow|repeat`.
//
// Faults are armed around the second, which `repeat` writes at the first one's step. Each line of
// the output is how one write ended, and after the second what the folder then held; what ends a
// write early ends the process.
import RLSystem
import RLTestSupport
import RLTraining

let folder = CommandLine.arguments[1]
let place = folder + "/checkpoints"

func describe(_ outcome: CheckpointOutcome?) -> String {
  switch outcome {
  case .written(let step, _, _): "written \(step)"
  case .failed(let error, let consecutive): "failed \(consecutive): \(error)"
  case nil: "nothing"
  }
}

/// Tells the faults, by opening a file, and the log of the training, by making it.
func announce(_ name: String) {
  do { _ = try AppendingFile(creating: "\(folder)/\(name)") } catch { print(error) }
}

/// What the folder holds: one of these trainings, whole.
func contents(_ trainings: [ToyTraining]) -> String {
  do {
    guard let (checkpoint, skipped) = try CheckpointStore.load(place) else {
      return "holds nothing"
    }
    let isWhole = trainings.contains { $0.equals(checkpoint) }
    return (isWhole ? "holds" : "mixes") + " \(checkpoint.step)" + skipped.joined(separator: "; ")
  } catch {
    return "\(error)"
  }
}

let store = CheckpointStore(
  folder: place, keep: 1, continuing: nil, pageBytes: ToyTraining.pageBytes)
var training = ToyTraining(seed: 7)
training.advance()
store.begin(training.capture(), isBest: true)
print(describe(store.wait()))

let first = training
if CommandLine.arguments[2] == "grow" { training.advance() }
announce("arm")
store.begin(training.capture(), syncing: ["\(folder)/arm"], isBest: true)
let second = store.wait()
announce("disarm")
print(describe(second))
print(contents([first, training]))

training.advance()
store.begin(training.capture())
print(describe(store.wait()))
