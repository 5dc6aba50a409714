import RLCore
import RLSystem
import RLTraining
import Testing

/// A training that only changes its state at random: small arrays of every kind, and columns of
/// every kind of which captures tell the changed rows.
struct ToyTraining {
  private(set) var step = 0
  private var random: RandomStream
  private var columns: [Column]

  /// An array and what changed in it since the last capture.
  private struct Column {
    let name: String
    let kind: ColumnChanges.Kind
    let rowBytes: Int
    var bytes: [UInt8]
    var changed: Set<Int> = []

    init(_ name: String, _ kind: ColumnChanges.Kind, rowBytes: Int, rows: Int) {
      self.name = name
      self.kind = kind
      self.rowBytes = rowBytes
      bytes = [UInt8](repeating: 0, count: rows * rowBytes)
    }
  }

  init(seed: UInt64) {
    random = RandomStream(seed: seed, purpose: "toy training")
    columns = [
      Column("agent.replay.observations", .floats, rowBytes: 4000, rows: 700),
      Column("agent.replay.images", .bytes, rowBytes: 300_000, rows: 7),
      Column("agent.replay.choices", .integers, rowBytes: 8, rows: 1000),
      Column("agent.replay.priorities", .words, rowBytes: 8, rows: 300_000),
      Column("agent.empty", .bytes, rowBytes: 5, rows: 0),
    ]
  }

  /// Changes a run of rows, or rows here and there, or none, of each column.
  mutating func advance() {
    step += 1 + random.index(below: 500)
    for index in columns.indices where !columns[index].bytes.isEmpty {
      let rows = columns[index].bytes.count / columns[index].rowBytes
      let start = random.index(below: rows)
      switch random.index(below: 4) {
      case 0: break
      case 1: for _ in 0..<5 { change(random.index(below: rows), of: index) }
      case 2: for row in 0..<rows { change(row, of: index) }
      default:
        for offset in 0...random.index(below: rows) { change((start + offset) % rows, of: index) }
      }
    }
  }

  private mutating func change(_ row: Int, of index: Int) {
    let start = row * columns[index].rowBytes
    columns[index].changed.insert(row)
    columns[index].bytes[start] = UInt8(truncatingIfNeeded: random.next())
    columns[index].bytes[start + columns[index].rowBytes - 1] = UInt8(row & 255)
  }

  var facts: [String: String] { ["plugin_sha256": "ab\(step)", "words": "\"quoted\" \n é"] }

  /// The small arrays.
  private var small: SavedState {
    SavedState(entries: [
      "agent.parameters": .floats([Float(step), -.infinity, .leastNonzeroMagnitude, -0.0]),
      "agent.random": .words(random.words),
      "environment.open": .bytes([1, 0, UInt8(step & 255)]),
      "environment.actions": .integers([-1, .min, .max]),
      "training.nothing": .floats([]),
    ])
  }

  /// What changed since the last call.
  mutating func capture() -> CheckpointCapture {
    var capture = StateCapture(state: small)
    for index in columns.indices {
      let column = columns[index]
      let ranges = Self.runs(column.changed.sorted())
      let bytes = ranges.flatMap {
        column.bytes[$0.lowerBound * column.rowBytes..<$0.upperBound * column.rowBytes]
      }
      capture.columns.append(
        ColumnChanges(
          name: column.name, kind: column.kind, rowBytes: column.rowBytes,
          rowCount: column.bytes.count / column.rowBytes, ranges: ranges, bytes: bytes))
      columns[index].changed = []
    }
    return CheckpointCapture(step: step, capture: capture, facts: facts)
  }

  private static func runs(_ rows: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for row in rows {
      if let last = runs.last, last.upperBound == row {
        runs[runs.count - 1] = last.lowerBound..<row + 1
      } else {
        runs.append(row..<row + 1)
      }
    }
    return runs
  }

  /// The checkpoint holds exactly this training.
  func expectEqual(_ checkpoint: Checkpoint) throws {
    #expect(checkpoint.step == step)
    #expect(checkpoint.facts == facts)
    #expect(checkpoint.state.entries.count == 5 + columns.count)
    for (name, entry) in small.entries { #expect(checkpoint.state[name] == entry) }
    for column in columns { #expect(checkpoint.state[column.name].map(Self.bytes) == column.bytes) }
  }

  private static func bytes(_ entry: SavedState.Entry) -> [UInt8] {
    switch entry {
    case .bytes(let values): values
    case .floats(let values): values.flatMap { little($0.bitPattern) }
    case .integers(let values): values.flatMap { little($0) }
    case .words(let values): values.flatMap { little($0) }
    }
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

extension CheckpointOutcome {
  /// The step that was written; `nil` after a failure.
  var step: Int? {
    guard case .written(let step, _, _) = self else { return nil }
    return step
  }

  /// What failed, and for how many times in a row.
  var failure: (error: FileError, consecutive: Int)? {
    guard case .failed(let error, let consecutive) = self else { return nil }
    return (error, consecutive)
  }
}
