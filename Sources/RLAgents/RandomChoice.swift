import RLCore

/// A uniform choice among the allowed ones of a row; `masks` as in `greedyChoice`.
func randomChoice(
  count: Int, masks: [UInt8], maskStart: Int, random: inout RandomStream
) -> Int {
  guard !masks.isEmpty else { return random.index(below: count) }
  var allowed = 0
  for i in 0..<count where masks[maskStart + i] != 0 { allowed += 1 }
  guard allowed > 0 else { return 0 }
  var left = random.index(below: allowed)
  for i in 0..<count where masks[maskStart + i] != 0 {
    if left == 0 { return i }
    left -= 1
  }
  return 0
}
