internal import CRLEnv
internal import RLCore

/// Where a plugin writes the leaves of its observations: straight into the batch's rows, 64-bit
/// floats apart, which are rounded to 32 bits on the way.
@safe final class ObservationRows {
  /// One per leaf; valid after `aim`.
  let rows: Column<rlenv_rows>
  let layout: RowLayout
  private let scratch: [Column<Double>?]  // one per leaf, [lanes, elements] of 64-bit floats

  init(_ space: Space, lanes: Int) {
    layout = RowLayout(space)
    unsafe rows = Column(
      layout.fields.count, filledWith: rlenv_rows(data: nil, stride: 0))
    scratch = layout.fields.map { field in
      field.leaf.element == .f64
        ? Column(field.leaf.elementCount * lanes, filledWith: 0) : nil
    }
  }

  /// Lets the next call write to the rows that begin at `base`.
  func aim(at base: UnsafeMutableRawPointer) {
    for (index, field) in layout.fields.enumerated() {
      if let scratch = scratch[index] {
        unsafe rows.pointer[index] = rlenv_rows(
          data: scratch.pointer, stride: field.leaf.elementCount * 8)
      } else {
        unsafe rows.pointer[index] = rlenv_rows(data: base + field.offset, stride: layout.rowBytes)
      }
    }
  }

  /// Rounds the 64-bit floats of the last call into the rows that begin at `base`.
  func finish(_ lanes: LaneList, _ base: UnsafeMutableRawPointer) {
    for (index, field) in layout.fields.enumerated() {
      guard let scratch = scratch[index] else { continue }
      let count = field.leaf.elementCount
      for position in unsafe 0..<lanes.count {
        let lane = unsafe lanes[position]
        let row = unsafe (base + lane * layout.rowBytes + field.offset)
          .assumingMemoryBound(to: Float.self)
        let source = unsafe scratch.pointer + lane * count
        for k in 0..<count { unsafe row[k] = Float(source[k]) }
      }
    }
  }

  /// What the plugin wrote for an element of a 64-bit leaf, before it was rounded.
  func written(field: Int, lane: Int, element: Int) -> Double? {
    scratch[field]?[lane * layout.fields[field].leaf.elementCount + element]
  }
}
