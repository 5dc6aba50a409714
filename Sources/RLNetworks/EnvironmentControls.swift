import RLCore

extension PolicyHead {
  /// Turns controls as drawn into what the environment gets: clipped to the bounds as SB3 does; of
  /// Beta low + x (high - low). The stored action stays as it was drawn.
  ///
  /// - Parameters:
  ///   - drawn: `[B or more, C]`.
  ///   - rows: B.
  ///   - controls: `[B or more, C]`, overwritten.
  public func environmentControls(_ drawn: [Float], rows: Int, into controls: inout [Float]) {
    let count = action.controlCount
    precondition(
      drawn.count >= rows * count && controls.count >= rows * count, "controls are not [rows, C]")
    for row in 0..<rows {
      for c in 0..<count {
        let (low, high) = (action.low[c], action.high[c])
        let x = drawn[row * count + c]
        let value = distribution == .beta ? low + x * (high - low) : x
        // rounding may leave the interval by a unit in the last place; NaN stays NaN
        controls[row * count + c] = value < low ? low : value > high ? high : value
      }
    }
  }
}
