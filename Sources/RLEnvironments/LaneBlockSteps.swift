internal import CRLEnv

/// How lanes are stepped.
extension LaneBlock {
  /// Steps the lanes in play with the batch's actions.
  func step(_ rows: BatchRows) {
    endedCount = 0
    guard liveCount > 0 else { return unsafe finishStep(rows) }
    unsafe step(liveLanes, rows)
  }

  /// Steps the listed lanes.
  func step(_ lanes: LaneList, _ rows: BatchRows) {
    unsafe actions.write(
      lanes, choices: rows.choices, controls: rows.controls, masks: rows.masks)
    if let journal {
      unsafe journal.record(lanes, rows.choices, rows.controls, clock: clock, starts: starts)
    }
    unsafe observations.aim(at: rows.nextObservations)
    unsafe prepare(lanes, masks: rows.nextMasks)
    unsafe batch.pointer.pointee.seeds = nil
    let status = unsafe instance.step(batch.pointer)
    guard status == RLENV_OK || status == RLENV_E_LANE else { return fail(call: "step", status) }
    unsafe observations.finish(lanes, rows.nextObservations)
    unsafe checkStep(lanes, status, rows)
    guard failure == nil else { return }
    if !metrics.isEmpty { unsafe metrics.fold(lanes) }
    unsafe finishStep(rows)
  }

  /// Presets what a plugin may leave unwritten, and fills the call's batch.
  func prepare(_ lanes: LaneList, masks: UnsafeMutablePointer<UInt8>) {
    rewards.fill(with: 0)
    flags.fill(with: 0)
    if !metrics.isEmpty { metrics.raw.fill(with: .nan) }
    if sizes.mask > 0 {
      for position in unsafe 0..<lanes.count {
        unsafe (masks + lanes[position] * sizes.mask).update(repeating: 1, count: sizes.mask)
      }
    }
    unsafe batch.pointer.pointee = rlenv_batch(
      size: UInt32(MemoryLayout<rlenv_batch>.size), count: UInt32(lanes.count), lanes: lanes.lanes,
      act: actions.rows.pointer, obs: observations.rows.pointer, reward: rewards.pointer,
      flags: flags.pointer, mask: sizes.mask > 0 ? masks : nil,
      metrics: metrics.isEmpty ? nil : metrics.raw.pointer, seeds: nil, options: nil)
  }

  /// Counts the step, applies the time limit, and tells the batch what ended.
  func finishStep(_ rows: BatchRows) {
    clock += 1
    let (rewards, returns) = unsafe (rewards.pointer, returns.pointer)
    for lane in 0..<count { unsafe returns[lane] += rewards[lane] }
    if let stepLimit, clock - earliestStart >= stepLimit { truncate(after: stepLimit) }
    unsafe reportEnds(rows)
  }

  private func truncate(after limit: Int) {
    var earliest = clock
    for position in 0..<liveCount {
      let lane = Int(live[position])
      if hadEnded[lane] { continue }
      if clock - starts[lane] >= limit {
        flags[lane] |= UInt8(RLENV_TRUNCATED)
      } else {
        earliest = min(earliest, starts[lane])
      }
    }
    earliestStart = earliest
  }

  private func reportEnds(_ rows: BatchRows) {
    let flags = unsafe UnsafePointer(flags.pointer)
    let terminated = unsafe UnsafeMutableRawPointer(rows.terminated)
      .assumingMemoryBound(to: UInt8.self)
    let truncated = unsafe UnsafeMutableRawPointer(rows.truncated)
      .assumingMemoryBound(to: UInt8.self)
    for lane in 0..<count {
      let flag = unsafe flags[lane]
      unsafe terminated[lane] = flag & UInt8(RLENV_TERMINATED)
      unsafe truncated[lane] = flag >> 1 & 1
    }
    // eight lanes at a time: ends are rare
    for group in stride(from: 0, to: count, by: 8) {
      guard unsafe UnsafeRawPointer(flags + group).load(as: UInt64.self) != 0 else { continue }
      for lane in group..<min(group + 8, count) where unsafe flags[lane] != 0 {
        ended[endedCount] = UInt32(lane)
        endedCount += 1
        if sizes.mask > 0, unsafe flags[lane] & UInt8(RLENV_TERMINATED) != 0 {
          // nobody reads the mask of a terminal row: make it harmless
          unsafe (rows.nextMasks + lane * sizes.mask).update(repeating: 1, count: sizes.mask)
        }
      }
    }
  }
}
