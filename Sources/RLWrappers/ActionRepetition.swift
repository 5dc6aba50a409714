import RLCore

/// What the steps of a repeated action come to.
struct ActionRepetition: Sendable {
  let times: Int
  var going: [Bool]  // [N] lanes whose action is taken again
  private var sums: [Double]  // [N] of the rewards
  private var terminated: [Bool]  // [N]
  private var truncated: [Bool]  // [N]

  init(_ times: Int, lanes: Int) {
    self.times = times
    going = Array(repeating: false, count: lanes)
    sums = Array(repeating: 0, count: lanes)
    (terminated, truncated) = (going, going)
  }

  /// Takes in what the first of the steps answered.
  mutating func begin(_ batch: borrowing StepBatch) {
    for lane in sums.indices {
      going[lane] = true
      sums[lane] = Double(batch.rewards[lane])
      terminated[lane] = batch.terminated[lane]
      truncated[lane] = batch.truncated[lane]
    }
  }

  /// Takes in what a further step answered.
  mutating func add(_ batch: borrowing StepBatch) {
    for lane in sums.indices where going[lane] {
      sums[lane] += Double(batch.rewards[lane])
      terminated[lane] = batch.terminated[lane]
      truncated[lane] = batch.truncated[lane]
    }
  }

  /// Chooses the lanes that go on: in an episode that has not ended, their action still allowed.
  /// One that has stopped stays so.
  ///
  /// - Returns: whether there are any.
  mutating func choose(
    _ batch: borrowing StepBatch, _ action: ActionSpace, _ isPlaying: [Bool]
  ) -> Bool {
    var isAny = false
    for lane in going.indices {
      going[lane] =
        going[lane] && !terminated[lane] && !truncated[lane] && isPlaying[lane]
        && action.allows(batch.choices, lane: lane, masks: batch.nextMasks)
      isAny = isAny || going[lane]
    }
    return isAny
  }

  /// Tells the batch the sums and the ends.
  func end(_ batch: inout StepBatch) {
    for lane in sums.indices {
      batch.rewards[lane] = Float(sums[lane])
      batch.terminated[lane] = terminated[lane]
      batch.truncated[lane] = truncated[lane]
    }
  }
}
