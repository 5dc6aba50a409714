/// Which rows of a ring for each lane were written since a moment.
///
/// A ring is written in order. So it is enough to know how far each lane has come.
struct RowChanges: Sendable, Equatable {
  private var advances: [Int]  // [L] rows by which the lane's head moved

  init(lanes: Int) { advances = Array(repeating: 0, count: lanes) }

  mutating func advance(_ lane: Int, by rows: Int) { advances[lane] += rows }

  mutating func forget() {
    for lane in advances.indices { advances[lane] = 0 }
  }

  /// Every row of rings of `rowsPerLane` counts as written.
  mutating func markAll(rowsPerLane: Int) {
    for lane in advances.indices { advances[lane] = rowsPerLane }
  }

  /// Rows of all lanes' rings, lane after lane: ascending, disjoint, none empty.
  ///
  /// - Parameters:
  ///   - rowsPerLane: R.
  ///   - heads: `[L]`, the row of its ring that each lane writes next.
  ///   - isOpen: `[L]`, whether the head's observation has been written already.
  /// - Returns: the rows written, and a few unchanged ones between ranges that nearly touch.
  func ranges(rowsPerLane: Int, heads: [Int], isOpen: [Bool]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for lane in advances.indices where advances[lane] > 0 {
      let base = lane * rowsPerLane
      let end = heads[lane] + (isOpen[lane] ? 1 : 0)
      let count = min(advances[lane] + (isOpen[lane] ? 1 : 0), rowsPerLane)
      if count > end {
        // the ring's end, and before it what was written after the wrap
        if end > 0 { Self.append(base..<base + end, to: &result) }
        Self.append(base + end + rowsPerLane - count..<base + rowsPerLane, to: &result)
      } else {
        Self.append(base + end - count..<base + end, to: &result)
      }
    }
    return result
  }

  /// Ranges as near as this are joined: copying the rows between costs less than a range more.
  private static let nearness = 16

  private static func append(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
    if let last = ranges.last, range.lowerBound - last.upperBound <= nearness {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }
}
