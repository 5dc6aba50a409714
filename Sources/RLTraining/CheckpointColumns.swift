import RLCore

/// One column's changes, as they fall into its pages: from the captures that are not yet on the
/// disk, oldest first.
struct CheckpointColumn {
  let column: CheckpointManifest.Column
  private var cursors: [ChangeCursor]

  /// - Parameters:
  ///   - column: the array, cut into pages.
  ///   - changes: of arrays like this, oldest first.
  init(_ column: CheckpointManifest.Column, _ changes: [ColumnChanges]) {
    self.column = column
    cursors = changes.map { ChangeCursor($0) }
  }

  /// Whether any row of page `page` has changed. Pages are asked for in ascending order.
  mutating func changes(page: Int) -> Bool {
    let rows = column.rows(inPage: page)
    var changes = false
    for index in cursors.indices where cursors[index].reach(rows) { changes = true }
    return changes
  }

  /// Whether one of the captures has every row of the page: then the page before does not matter.
  func replaces(page: Int) -> Bool {
    let rows = column.rows(inPage: page)
    return cursors.contains { $0.covers(rows) }
  }

  /// Writes the changed rows into a page's bytes.
  func apply(to bytes: inout [UInt8], page: Int) {
    let rows = column.rows(inPage: page)
    for cursor in cursors { cursor.apply(to: &bytes, rows) }
  }
}

/// A place in changes that are gone through once, by ascending rows.
private struct ChangeCursor {
  let changes: ColumnChanges
  private var index = 0  // of the first range that ends behind the rows gone through
  private var offset = 0  // of that range's bytes

  init(_ changes: ColumnChanges) { self.changes = changes }

  /// Goes on to `rows`, which are behind all earlier ones.
  ///
  /// - Returns: whether any of them has changed.
  mutating func reach(_ rows: Range<Int>) -> Bool {
    while index < changes.ranges.count, changes.ranges[index].upperBound <= rows.lowerBound {
      offset += changes.ranges[index].count * changes.rowBytes
      index += 1
    }
    return index < changes.ranges.count && changes.ranges[index].lowerBound < rows.upperBound
  }

  /// Whether all of `rows`, which have been reached, have changed.
  func covers(_ rows: Range<Int>) -> Bool {
    var end = rows.lowerBound
    for range in changes.ranges[index...] {
      guard range.lowerBound <= end else { return false }
      end = range.upperBound
      if end >= rows.upperBound { return true }
    }
    return false
  }

  /// Writes those of `rows`, which have been reached, that have changed.
  func apply(to bytes: inout [UInt8], _ rows: Range<Int>) {
    let rowBytes = changes.rowBytes
    var source = offset
    for range in changes.ranges[index...] {
      guard range.lowerBound < rows.upperBound else { return }
      let common = range.clamped(to: rows)
      let from = source + (common.lowerBound - range.lowerBound) * rowBytes
      let to = (common.lowerBound - rows.lowerBound) * rowBytes
      let count = common.count * rowBytes
      bytes.replaceSubrange(to..<to + count, with: changes.bytes[from..<from + count])
      source += range.count * rowBytes
    }
  }
}
