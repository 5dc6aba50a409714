import RLCore
public import RLSystem
public import RLTraining

/// A training that only changes its state at random: small arrays of every kind, and columns of
/// every kind of which captures tell the changed rows.
public struct ToyTraining: Sendable {
  public private(set) var step = 0
  private var random: RandomStream
  private var columns: [Column]

  /// An array and what changed in it since the last capture.
  private struct Column: Sendable {
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

  /// Pages of a store that keeps this training: small, so that columns have several.
  public static let pageBytes = 2048

  public init(seed: UInt64) {
    random = RandomStream(seed: seed, purpose: "toy training")
    columns = [
      Column("agent.replay.observations", .floats, rowBytes: 40, rows: 200),
      Column("agent.replay.images", .bytes, rowBytes: 1500, rows: 7),
      Column("agent.replay.choices", .integers, rowBytes: 8, rows: 1000),
      Column("agent.replay.priorities", .words, rowBytes: 8, rows: 700),
      Column("agent.empty", .bytes, rowBytes: 5, rows: 0),
    ]
  }

  /// Changes a run of rows, or rows here and there, or none, of each column.
  public mutating func advance() {
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

  public var facts: [String: String] { ["plugin_sha256": "ab\(step)", "words": "\"quoted\" \n é"] }

  /// The small arrays.
  private var small: SavedState {
    SavedState(entries: [
      "agent.parameters": .floats([
        Float(step), -.infinity, .leastNonzeroMagnitude, -0.0, .init(bitPattern: 0x7FC0_1234),
      ]),
      "agent.random": .words(random.words),
      "environment.open": .bytes([1, 0, UInt8(step & 255)]),
      "environment.actions": .integers([-1, .min, .max]),
      "training.nothing": .floats([]),
    ])
  }

  /// What changed since the last call.
  public mutating func capture() -> CheckpointCapture {
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

  /// The next capture counts from all zero.
  public mutating func captureAnew() {
    for index in columns.indices {
      let rows = columns[index].bytes.count / columns[index].rowBytes
      columns[index].changed = Set(0..<rows)
    }
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

  /// Whether the checkpoint holds exactly this training.
  public func equals(_ checkpoint: Checkpoint) -> Bool {
    checkpoint.step == step && checkpoint.facts == facts
      && checkpoint.state.entries.count == small.entries.count + columns.count
      && small.entries.allSatisfy {
        checkpoint.state[$0.key].map(Self.bytes) == Self.bytes($0.value)
      }
      && columns.allSatisfy { checkpoint.state[$0.name].map(Self.bytes) == $0.bytes }
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
  public var step: Int? {
    guard case .written(let step, _, _) = self else { return nil }
    return step
  }

  /// What failed, and for how many times in a row.
  public var failure: (error: FileError, consecutive: Int)? {
    guard case .failed(let error, let consecutive) = self else { return nil }
    return (error, consecutive)
  }
}
