internal import RLCore

/// How some lanes are stepped again within a step.
extension LaneBlock {
  /// Steps those of the wanted lanes whose episode has not ended. The others stand still: their rows
  /// are those of before, and their clocks wait.
  ///
  /// - Parameters:
  ///   - rows: of the batch, whose observations are now the successors of the call before.
  ///   - wanted: which lanes, numbered as in the whole environment.
  func step(_ rows: BatchRows, only wanted: [Bool]) {
    for lane in 0..<count { hadEnded[lane] = false }
    for position in 0..<endedCount { hadEnded[Int(ended[position])] = true }
    var going = 0
    for position in 0..<liveCount {
      let lane = Int(live[position])
      if wanted[first + lane], !hadEnded[lane] {
        goingOn[going] = UInt32(lane)
        going += 1
      } else {
        unsafe standStill(lane, rows)
      }
    }
    endedCount = 0
    if going > 0 {
      let lanes = unsafe LaneList(
        lanes: going == count ? nil : UnsafePointer(goingOn.pointer), count: going)
      unsafe step(lanes, rows)
    } else {
      unsafe standStill(rows)
    }
    joinEnded()
  }

  /// Whether the lane at `position` among those that ended did so in the last call.
  func hasJustEnded(_ position: Int) -> Bool { !hadEnded[Int(ended[position])] }

  /// No lane of the block is stepped; its clock goes on all the same.
  private func standStill(_ rows: BatchRows) {
    rewards.fill(with: 0)
    flags.fill(with: 0)
    for lane in 0..<count { unsafe rows.rewards[lane] = 0 }
    unsafe finishStep(rows)
  }

  private func standStill(_ lane: Int, _ rows: BatchRows) {
    starts[lane] += 1
    unsafe copyRow(lane, from: rows.observations, to: rows.nextObservations)
    unsafe copyMask(lane, from: rows.masks, to: rows.nextMasks)
  }

  /// Lists the lanes whose episode ended before beside those whose has now, in order.
  private func joinEnded() {
    for position in 0..<endedCount { goingOn[position] = ended[position] }
    let (fresh, freshCount) = (goingOn, endedCount)
    var next = 0
    endedCount = 0
    for lane in 0..<count {
      let isFresh = next < freshCount && Int(fresh[next]) == lane
      if isFresh { next += 1 }
      guard isFresh || hadEnded[lane] else { continue }
      ended[endedCount] = UInt32(lane)
      endedCount += 1
    }
  }
}
