import RLCore
import Testing

/// A state put together from captures, as a checkpoint store does: arrays start as zeros, and each
/// capture replaces the rows that it names.
struct AssembledState {
  private var columns: [String: (kind: ColumnChanges.Kind, bytes: [UInt8])] = [:]
  private var small = SavedState()

  /// Starts from `state`, as after a restore.
  init(_ state: SavedState = SavedState()) {
    for (name, entry) in state.entries {
      switch entry {
      case .floats(let values):
        columns[name] = (.floats, values.flatMap { Self.bytes($0.bitPattern) })
      case .integers(let values): columns[name] = (.integers, values.flatMap(Self.bytes))
      case .words(let values): columns[name] = (.words, values.flatMap(Self.bytes))
      case .bytes(let values): columns[name] = (.bytes, values)
      }
    }
  }

  mutating func apply(_ capture: StateCapture) {
    small = capture.state
    for column in capture.columns {
      #expect(small[column.name] == nil)
      let empty = [UInt8](repeating: 0, count: column.rowCount * column.rowBytes)
      var bytes = columns[column.name]?.bytes ?? empty
      #expect(bytes.count == empty.count)
      var start = 0
      for range in column.ranges {
        let count = range.count * column.rowBytes
        bytes.replaceSubrange(
          range.lowerBound * column.rowBytes..<range.upperBound * column.rowBytes,
          with: column.bytes[start..<start + count])
        start += count
      }
      columns[column.name] = (column.kind, bytes)
    }
  }

  /// The whole: the small entries of the last capture, and the arrays.
  var state: SavedState {
    var result = small
    for (name, column) in columns where result[name] == nil {
      switch column.kind {
      case .bytes: result[name] = .bytes(column.bytes)
      case .floats:
        result[name] = .floats(
          Self.numbers(column.bytes, UInt32.self).map(Float.init(bitPattern:)))
      case .integers:
        result[name] = .integers(
          Self.numbers(column.bytes, UInt32.self).map(Int32.init(bitPattern:)))
      case .words: result[name] = .words(Self.numbers(column.bytes, UInt64.self))
      }
    }
    return result
  }

  private static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    (0..<MemoryLayout<Number>.size).map { UInt8(truncatingIfNeeded: value >> Number(8 * $0)) }
  }

  private static func numbers<Number: FixedWidthInteger>(
    _ bytes: [UInt8], _: Number.Type
  ) -> [Number] {
    let size = MemoryLayout<Number>.size
    return stride(from: 0, to: bytes.count, by: size).map { start in
      (0..<size).reduce(0) { $0 | Number(bytes[start + $1]) << Number(8 * $1) }
    }
  }
}
