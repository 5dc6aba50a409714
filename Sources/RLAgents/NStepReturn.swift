/// What a transition and those behind it in its episode were worth, and where they led.
public struct NStepReturn: Sendable, Equatable {
  public var total: Float  // r_1 + gamma r_2 + ... + gamma^(m-1) r_m
  public var discount: Float  // gamma^m, of the value of the last row; 0 where the task ended
  public var lastRow: Int  // of s_m
}

extension ReplayBuffer {
  /// The return of at most `steps` steps from the transition that starts in `row` (Sutton 1988).
  ///
  /// m is `steps`, or less where the episode ended, or has come no further, before. A row that
  /// starts no transition is an episode's final observation, or the current one of an open episode.
  public func nStepReturn(from row: Int, steps: Int, gamma: Float) -> NStepReturn {
    var row = row
    var next = successor(of: row)
    var (total, discount) = (reward(row), gamma)
    for _ in 1..<steps {
      guard isTransition(next) else { break }
      row = next
      next = successor(of: row)
      total += discount * reward(row)
      discount *= gamma
    }
    return NStepReturn(
      total: total, discount: isTerminated(row) ? 0 : discount, lastRow: next)
  }
}
