/// A state at one moment: small arrays whole, of large ones the rows that changed since the capture
/// before.
public struct StateCapture: Sendable, Equatable {
  public var state: SavedState
  public var columns: [ColumnChanges]

  public init(state: SavedState, columns: [ColumnChanges] = []) {
    self.state = state
    self.columns = columns
  }

  /// Adds `other` under `prefix.`.
  public mutating func merge(_ other: StateCapture, prefix: String) {
    state.merge(other.state, prefix: prefix)
    for var column in other.columns {
      column.name = "\(prefix).\(column.name)"
      columns.append(column)
    }
  }
}

/// The rows of a large array that changed. An array that is new counts from all bytes zero.
///
/// `name` is that of the array's entry in the whole `SavedState`; its elements lie there in the same
/// order, little-endian.
public struct ColumnChanges: Sendable, Equatable {
  /// What the entry of the whole state holds.
  public enum Kind: String, Sendable, CaseIterable {
    case floats
    case bytes
    case integers
    case words

    public var elementBytes: Int {
      switch self {
      case .bytes: 1
      case .floats, .integers: 4
      case .words: 8
      }
    }
  }

  public var name: String
  public let kind: Kind
  public let rowBytes: Int
  public let rowCount: Int  // rows of the whole array
  /// Rows that changed: ascending, disjoint, none empty.
  public let ranges: [Range<Int>]
  /// Their bytes, one range after the other.
  public let bytes: [UInt8]

  /// - Precondition: `ranges` lie in the array, and `bytes` has `rowBytes` for each of their rows.
  public init(
    name: String, kind: Kind, rowBytes: Int, rowCount: Int, ranges: [Range<Int>], bytes: [UInt8]
  ) {
    precondition(
      rowBytes % kind.elementBytes == 0 && ranges.allSatisfy { $0.lowerBound >= 0 && !$0.isEmpty }
        && zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
        && (ranges.last?.upperBound ?? 0) <= rowCount
        && ranges.reduce(0) { $0 + $1.count } * rowBytes == bytes.count,
      "the changed rows do not fit the array \(name)")
    self.name = name
    self.kind = kind
    self.rowBytes = rowBytes
    self.rowCount = rowCount
    self.ranges = ranges
    self.bytes = bytes
  }
}
