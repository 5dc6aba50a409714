internal import CRLEnv
internal import RLCore

/// How episodes begin and end.
extension LaneBlock {
  /// Starts the first episode of every lane that has one.
  func begin(_ rows: BatchRows) {
    failure = nil
    clock = 0
    earliestStart = 0
    endedCount = 0
    hadEnded.fill(with: false)
    for lane in 0..<count {
      guard let episode = plan.firstEpisode(lane: first + lane) else {
        episodes[lane] = -1
        continue
      }
      start(episode, lane: lane)
      ended[endedCount] = UInt32(lane)
      endedCount += 1
    }
    rebuildLive()
    unsafe resetLanes(endedLanes, rows)
    endedCount = 0
  }

  /// Gives the lanes whose episode ended their next one, or retires them.
  func advance(_ rows: BatchRows) {
    guard endedCount > 0 else { return }
    hadEnded.fill(with: false)
    var kept = 0
    for position in 0..<endedCount {
      let lane = Int(ended[position])
      if let episode = plan.episode(after: episodes[lane], lanes: totalLanes) {
        start(episode, lane: lane)
        ended[kept] = UInt32(lane)
        kept += 1
      } else {
        unsafe retire(lane, rows)
      }
    }
    if kept < endedCount { rebuildLive() }
    endedCount = kept
    if kept > 0 { unsafe resetLanes(endedLanes, rows) }
    endedCount = 0
  }

  private func start(_ episode: Int, lane: Int) {
    episodes[lane] = episode
    seeds[lane] = plan.seed(lane: first + lane, episode: episode)
    starts[lane] = clock
    returns[lane] = 0
    if !metrics.isEmpty { metrics.begin(lane: lane) }
    journal?.forget(lane: lane)
  }

  /// Takes a lane out of play; from now on its rows keep their last values.
  private func retire(_ lane: Int, _ rows: BatchRows) {
    episodes[lane] = -1
    journal?.forget(lane: lane)
    flags[lane] = 0
    rewards[lane] = 0
    unsafe rows.rewards[lane] = 0
    unsafe copyRow(lane, from: rows.observations, to: rows.nextObservations)
    unsafe copyMask(lane, from: rows.masks, to: rows.nextMasks)
  }

  func rebuildLive() {
    liveCount = 0
    for lane in 0..<count where episodes[lane] >= 0 {
      live[liveCount] = UInt32(lane)
      liveCount += 1
    }
  }

  func resetLanes(_ lanes: LaneList, _ rows: BatchRows) {
    guard unsafe lanes.count > 0 else { return }
    unsafe observations.aim(at: rows.observations)
    unsafe prepare(lanes, masks: rows.masks)
    unsafe batch.pointer.pointee.seeds = UnsafePointer(seeds.pointer)
    let status = unsafe instance.reset(batch.pointer)
    guard status == RLENV_OK else { return fail(call: "reset", status) }
    unsafe observations.finish(lanes, rows.observations)
    unsafe checkReset(lanes, rows)
    if !metrics.isEmpty { unsafe metrics.fold(lanes) }
  }

  func copyRow(
    _ lane: Int, from source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer
  ) {
    let offset = lane * sizes.observation
    unsafe (target + offset).copyMemory(from: source + offset, byteCount: sizes.observation)
  }

  func copyMask(
    _ lane: Int, from source: UnsafeMutablePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    let offset = lane * sizes.mask
    unsafe (target + offset).update(from: source + offset, count: sizes.mask)
  }

  /// The record of a lane's episode that the last step ended.
  func record(lane: Int) -> EpisodeRecord {
    EpisodeRecord(
      lane: first + lane, index: episodes[lane], seed: seeds[lane], episodeReturn: returns[lane],
      length: length(lane: lane), terminated: flags[lane] & UInt8(RLENV_TERMINATED) != 0,
      truncated: flags[lane] & UInt8(RLENV_TRUNCATED) != 0,
      metrics: metrics.isEmpty ? [] : metrics.result(lane: lane))
  }
}
