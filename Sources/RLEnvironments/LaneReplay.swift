internal import CRLEnv
internal import RLCore

/// How running episodes are brought back without snapshots: each lane is reset with its seed and
/// takes its recorded actions again. Nothing of it is counted.
extension LaneBlock {
  /// Plays the running episodes again and compares what comes out with the saved rows, `wanted`.
  func replay(_ journal: ActionJournal, _ wanted: BatchRows) {
    let scratch = ReplayRows(sizes, lanes: count)
    let rows = unsafe scratch.rows
    for lane in 0..<count { ended[lane] = live[lane] }
    endedCount = liveCount
    unsafe resetLanes(endedLanes, rows)
    var step = 0
    while failure == nil, list(longerThan: step) > 0 {
      for position in 0..<endedCount {
        let lane = Int(ended[position])
        unsafe journal.decode(
          lane: lane, step: step, scratch.choices.pointer + lane * sizes.choices,
          scratch.controls.pointer + lane * sizes.controls)
      }
      unsafe replayStep(endedLanes, rows, step: step + 1)
      step += 1
    }
    endedCount = 0
    guard failure == nil else { return }
    unsafe compare(rows, wanted)
  }

  /// Lists the lanes in play whose episodes have more than `step` steps.
  private func list(longerThan step: Int) -> Int {
    endedCount = 0
    for position in 0..<liveCount where length(lane: Int(live[position])) > step {
      ended[endedCount] = live[position]
      endedCount += 1
    }
    return endedCount
  }

  private func replayStep(_ lanes: LaneList, _ rows: BatchRows, step: Int) {
    if sizes.mask > 0,
      let found = unsafe actions.firstForbidden(lanes, rows.choices, rows.masks)
    {
      return differ(found.lane, "step \(step): action \(found.choice) is now forbidden")
    }
    unsafe actions.write(lanes, choices: rows.choices, controls: rows.controls, masks: rows.masks)
    unsafe observations.aim(at: rows.observations)
    unsafe prepare(lanes, masks: rows.masks)
    let status = unsafe instance.step(batch.pointer)
    guard status == RLENV_OK else {
      let said = "step \(step): step failed: \(instance.errorText(status))"
      guard status == RLENV_E_LANE, let lane = instance.errorLane else {
        failure = EnvironmentError(environment: place, reason: "playing episodes again, \(said)")
        return
      }
      return differ(lane, said)
    }
    unsafe observations.finish(lanes, rows.observations)
    for position in unsafe 0..<lanes.count where unsafe flags[lanes[position]] != 0 {
      return differ(unsafe lanes[position], "step \(step): the episode now ends")
    }
  }

  private func compare(_ rows: BatchRows, _ wanted: BatchRows) {
    for position in 0..<liveCount {
      let lane = Int(live[position])
      guard unsafe isEqual(rows.observations, wanted.observations, lane, sizes.observation) else {
        return differ(lane, "the observation is another one")
      }
      guard unsafe isEqual(rows.masks, wanted.masks, lane, sizes.mask) else {
        return differ(lane, "the mask is another one")
      }
    }
  }

  private func isEqual(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ lane: Int, _ size: Int
  ) -> Bool {
    let (a, b) = unsafe (
      UnsafeRawBufferPointer(start: a + lane * size, count: size),
      UnsafeRawBufferPointer(start: b + lane * size, count: size)
    )
    return unsafe a.elementsEqual(b)
  }

  private func differ(_ lane: Int, _ what: String) {
    failure = refusal(
      lane,
      "the episode does not come out the same when it is played again from its seed and its "
        + "actions: \(what). So the run cannot go on to the same bits. The plugin was changed, or "
        + "its episodes depend on more than seed, options and actions: a clock, a counter, memory "
        + "that a reset leaves. Resume with the plugin as it was, correct it, or give it snapshot_"
        + "size, save and load")
  }
}

/// Rows in which a block's episodes are played again: observations and successors are the same.
@safe private final class ReplayRows {
  let choices: Column<Int32>
  let controls: Column<Float>
  private let observations: Column<UInt8>
  private let masks: Column<UInt8>
  private let rewards: Column<Float>
  private let ends: Column<Bool>

  init(_ sizes: RowSizes, lanes: Int) {
    choices = Column(lanes * sizes.choices, filledWith: 0)
    controls = Column(lanes * sizes.controls, filledWith: 0)
    observations = Column(lanes * sizes.observation, filledWith: 0)
    masks = Column(lanes * sizes.mask, filledWith: 1)
    rewards = Column(lanes, filledWith: 0)
    ends = Column(lanes, filledWith: false)
  }

  var rows: BatchRows {
    unsafe BatchRows(
      observations: observations.pointer, nextObservations: observations.pointer,
      masks: masks.pointer, nextMasks: masks.pointer, choices: choices.pointer,
      controls: controls.pointer, rewards: rewards.pointer, terminated: ends.pointer,
      truncated: ends.pointer)
  }
}
