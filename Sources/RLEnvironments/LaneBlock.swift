internal import CRLEnv
internal import RLCore

/// The lanes of one plugin instance: calls it, checks what it wrote, keeps the books of the running
/// episodes. Lanes are numbered from 0 within the block.
@safe final class LaneBlock {
  let count: Int
  /// The first lane's number in the whole environment.
  let first: Int
  /// What ended the run, if anything did.
  var failure: EnvironmentError?

  let instance: PluginInstance
  let place: String  // plugin and environment, for messages
  let plan: EpisodePlan
  let stepLimit: Int?
  let onNonfinite: NonfinitePolicy
  let totalLanes: Int
  let spec: EnvironmentSpec
  let sizes: RowSizes

  let observations: ObservationRows
  let actions: ActionRows
  let observationChecks: ObservationChecks
  let maskChecks: MaskChecks
  let metrics: EpisodeMetrics

  let rewards: Column<Double>  // [lanes] of the last step
  let flags: Column<UInt8>  // [lanes] RLENV_* of the last step
  let returns: Column<Double>  // [lanes] of the running episode
  let starts: Column<Int>  // [lanes] the block's clock when the episode began
  let seeds: Column<UInt64>  // [lanes] of the running episode
  let episodes: Column<Int>  // [lanes] index of the running episode, -1 = none left
  private(set) var clock = 0  // steps of the block
  private var earliestStart = 0  // no running episode began before

  let live: Column<UInt32>  // lanes with an episode, ascending
  private(set) var liveCount = 0
  let ended: Column<UInt32>  // lanes whose episode the last step ended, ascending
  private(set) var endedCount = 0
  let batch: Column<rlenv_batch>

  var nonfiniteEpisodes = 0
  var faults = 0
  var lastFault: String?

  init(_ setup: BlockSetup, instance: PluginInstance, first: Int) {
    count = instance.lanes
    self.first = first
    self.instance = instance
    place = setup.place
    plan = setup.plan
    stepLimit = setup.stepLimit
    onNonfinite = setup.onNonfinite
    totalLanes = setup.lanes
    spec = setup.spec
    sizes = RowSizes(setup.spec)
    observations = ObservationRows(setup.spec.observation, lanes: count)
    actions = ActionRows(setup.spec.action, lanes: count)
    observationChecks = ObservationChecks(observations.layout)
    maskChecks = MaskChecks(setup.spec.action)
    metrics = EpisodeMetrics(setup.spec.metrics, lanes: count)
    rewards = Column(count, filledWith: 0)
    flags = Column(count, filledWith: 0)
    returns = Column(count, filledWith: 0)
    starts = Column(count, filledWith: 0)
    seeds = Column(count, filledWith: 0)
    episodes = Column(count, filledWith: -1)
    live = Column(count, filledWith: 0)
    ended = Column(count, filledWith: 0)
    unsafe batch = Column(1, filledWith: rlenv_batch())
  }

  var liveLanes: LaneList {
    unsafe LaneList(lanes: liveCount == count ? nil : UnsafePointer(live.pointer), count: liveCount)
  }

  var endedLanes: LaneList {
    unsafe LaneList(
      lanes: endedCount == count ? nil : UnsafePointer(ended.pointer), count: endedCount)
  }

  /// Steps of the lane's episode so far.
  func length(lane: Int) -> Int { clock - starts[lane] }
}

/// What all blocks of an environment share.
struct BlockSetup {
  var place: String
  var spec: EnvironmentSpec
  var plan: EpisodePlan
  var stepLimit: Int?
  var onNonfinite: NonfinitePolicy
  var lanes: Int
}

extension LaneBlock {
  /// Starts the first episode of every lane that has one.
  func begin(_ rows: BatchRows) {
    failure = nil
    clock = 0
    earliestStart = 0
    endedCount = 0
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
  }

  /// Takes a lane out of play; from now on its rows keep their last values.
  private func retire(_ lane: Int, _ rows: BatchRows) {
    episodes[lane] = -1
    flags[lane] = 0
    rewards[lane] = 0
    unsafe rows.rewards[lane] = 0
    unsafe copyRow(lane, from: rows.observations, to: rows.nextObservations)
    unsafe copyMask(lane, from: rows.masks, to: rows.nextMasks)
  }

  private func rebuildLive() {
    liveCount = 0
    for lane in 0..<count where episodes[lane] >= 0 {
      live[liveCount] = UInt32(lane)
      liveCount += 1
    }
  }

  private func resetLanes(_ lanes: LaneList, _ rows: BatchRows) {
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

  /// Steps the lanes in play with the batch's actions.
  func step(_ rows: BatchRows) {
    endedCount = 0
    guard liveCount > 0 else { return unsafe finishStep(rows) }
    let lanes = unsafe liveLanes
    unsafe actions.write(
      lanes, choices: rows.choices, controls: rows.controls, masks: rows.masks)
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
  private func prepare(_ lanes: LaneList, masks: UnsafeMutablePointer<UInt8>) {
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
  private func finishStep(_ rows: BatchRows) {
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
