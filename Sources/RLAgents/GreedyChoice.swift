/// The index of the largest of `count` values from `start`; the first one of equals.
///
/// - Parameters:
///   - values: `[..., count]`.
///   - start: where the row begins.
///   - count: the number of choices.
///   - masks: `[..., count]`, 1 = allowed; empty when everything is.
///   - maskStart: where the row's mask begins.
/// - Returns: the index within the row; 0 when nothing is allowed.
func greedyChoice(
  _ values: [Float], start: Int, count: Int, masks: [UInt8], maskStart: Int
) -> Int {
  var best = -1
  for i in 0..<count where masks.isEmpty || masks[maskStart + i] != 0 {
    if best < 0 || values[start + i] > values[start + best] { best = i }
  }
  return max(best, 0)
}
