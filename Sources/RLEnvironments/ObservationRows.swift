internal import CRLEnv
internal import RLCore

/// Where a plugin writes the leaves of its observations: straight into the batch's rows, 64-bit
/// floats apart, which are rounded to 32 bits on the way.
@safe final class ObservationRows {
  /// One per leaf; valid after `aim`.
  let rows: Column<rlenv_rows>
  let layout: RowLayout
  private let rowBytes: Int

  /// A leaf in the batch's rows.
  private struct Direct: BitwiseCopyable {
    var leaf: Int
    var offset: Int  // bytes
  }

  /// A leaf of 64-bit floats.
  private struct Rounded: BitwiseCopyable {
    var leaf: Int
    var offset: Int  // bytes
    var count: Int  // elements
    var scratch: Int  // of the leaf's column
  }

  private let direct: [Direct]
  private let rounded: [Rounded]
  private let scratch: [Column<Double>]  // [lanes, elements] each

  init(_ space: Space, lanes: Int) {
    layout = RowLayout(space)
    rowBytes = layout.rowBytes
    unsafe rows = Column(
      layout.fields.count, filledWith: rlenv_rows(data: nil, stride: layout.rowBytes))
    var (direct, rounded, scratch) = ([Direct](), [Rounded](), [Column<Double>]())
    for (index, field) in layout.fields.enumerated() {
      let count = field.leaf.elementCount
      guard field.leaf.element == .f64 else {
        direct.append(Direct(leaf: index, offset: field.offset))
        continue
      }
      rounded.append(
        Rounded(leaf: index, offset: field.offset, count: count, scratch: scratch.count))
      let column = Column<Double>(count * lanes, filledWith: 0)
      scratch.append(column)
      unsafe rows.pointer[index] = rlenv_rows(data: column.pointer, stride: count * 8)
    }
    self.direct = direct
    self.rounded = rounded
    self.scratch = scratch
  }

  /// Lets the next call write to the rows that begin at `base`.
  func aim(at base: UnsafeMutableRawPointer) {
    for field in direct { unsafe rows.pointer[field.leaf].data = base + field.offset }
  }

  /// Rounds the 64-bit floats of the last call into the rows that begin at `base`.
  func finish(_ lanes: LaneList, _ base: UnsafeMutableRawPointer) {
    for field in rounded {
      let scratch = unsafe scratch[field.scratch].pointer
      for position in unsafe 0..<lanes.count {
        let lane = unsafe lanes[position]
        let row = unsafe (base + lane * rowBytes + field.offset)
          .assumingMemoryBound(to: Float.self)
        let source = unsafe scratch + lane * field.count
        for k in 0..<field.count { unsafe row[k] = Float(source[k]) }
      }
    }
  }

  /// What the plugin wrote for an element of a 64-bit leaf, before it was rounded; `nil` for
  /// other leaves.
  func written(leaf: Int, lane: Int, element: Int) -> Double? {
    guard let field = rounded.first(where: { $0.leaf == leaf }) else { return nil }
    return scratch[field.scratch][lane * field.count + element]
  }
}
