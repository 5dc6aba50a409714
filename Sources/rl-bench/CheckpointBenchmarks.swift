import RLCore
import RLSystem
import RLTraining

/// What a checkpoint of 1,000,000 transitions of 40 bytes costs: the wait of the training, and the
/// write in the background.
func measureCheckpoint(_ settings: Settings, _ report: inout Report) throws {
  let folder = "/tmp/rl-bench-checkpoints-\(ProcessNumber.own)"
  defer { try? Folder.remove(folder) }
  let rows = 1_000_000
  let store = CheckpointStore(folder: folder)
  let first = try write(Array(repeating: 0..<rows, count: 1), rows, at: 0, store)
  report.add(
    Row("checkpoint/first", "first write, 1M x 40 bytes, in the background", [first.write], "s"))
  var pauses: [Double] = []
  var writes: [Double] = []
  for round in 1...max(3, settings.repetitions / 3) {
    let start = round * 30_000
    let sample = try write([start..<start + 30_000], rows, at: round, store)
    pauses.append(sample.pause * 1e3)
    writes.append(sample.write)
  }
  report.add(
    Row(
      "checkpoint/begin", "wait for a write to begin, 1M x 40 bytes, 30k changed", pauses, "ms",
      goal: .atMost(5)))
  report.add(
    Row("checkpoint/write", "write of 1M x 40 bytes, 30k changed, in the background", writes, "s"))
}

/// Seconds for which the caller waits, and of the write itself.
private func write(
  _ ranges: [Range<Int>], _ rows: Int, at step: Int, _ store: CheckpointStore
) throws -> (pause: Double, write: Double) {
  let count = ranges.reduce(0) { $0 + $1.count }
  let capture = CheckpointCapture(
    step: step,
    capture: StateCapture(
      state: SavedState(entries: ["agent.parameters": .floats(Array(repeating: 1, count: 70_000))]),
      columns: [
        ColumnChanges(
          name: "agent.replay.rows", kind: .bytes, rowBytes: 40, rowCount: rows, ranges: ranges,
          bytes: Array(repeating: UInt8(truncatingIfNeeded: step + 1), count: count * 40))
      ]))
  let pause = time { store.begin(capture) }
  switch store.wait() {
  case .written(_, _, let seconds): return (pause, seconds)
  case .failed(let error, _): throw error
  case nil: return (pause, .infinity)
  }
}
