/// The first leaf in which a row holds a choice outside its range; `nil` when there is none.
///
/// Numbers of a Box may be anything: they are only multiplied. A choice becomes an index.
///
/// - Parameters:
///   - rows: of a step batch, `[N, O]`.
///   - indices: the rows that count, below N.
///   - space: of the observations.
/// - Returns: the name of the leaf.
package func leafWithForeignValue(
  _ rows: [UInt8], _ indices: Range<Int>, in space: Space
) -> String? {
  let layout = RowLayout(space)
  for field in layout.fields {
    let ranges = field.leaf.choiceRanges
    let size = field.leaf.element.byteCount
    if ranges.isEmpty { continue }
    for row in indices {
      for (index, range) in ranges.enumerated() {
        let start = row * layout.rowBytes + field.offset + index * size
        let value = integer(rows[start..<start + size], field.leaf.element)
        if !range.contains(value) { return field.leaf.name }
      }
    }
  }
  return nil
}

extension Leaf {
  /// The values of each choice; empty for leaves that are no choices.
  fileprivate var choiceRanges: [Range<Int>] {
    switch kind {
    case .box, .multiBinary: []
    case .discrete(let count, let start): [start..<start + count]
    case .multiDiscrete(let counts, let starts): zip(counts, starts).map { $1..<$1 + $0 }
    }
  }
}

/// The little-endian integer in `bytes`.
private func integer(_ bytes: ArraySlice<UInt8>, _ element: Element) -> Int {
  let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  return switch element {
  case .i8: Int(Int8(truncatingIfNeeded: bits))
  case .i16: Int(Int16(truncatingIfNeeded: bits))
  case .i32: Int(Int32(truncatingIfNeeded: bits))
  default: Int(truncatingIfNeeded: bits)
  }
}
