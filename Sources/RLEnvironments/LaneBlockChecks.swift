internal import CRLEnv
internal import RLCore

extension LaneBlock {
  /// Checks what a reset wrote.
  func checkReset(_ lanes: LaneList, _ rows: BatchRows) {
    if flags.contains(above: 0) {
      let lane = (0..<count).first { flags[$0] != 0 } ?? 0
      return fail(lane, "reset", "the flags are \(flags[lane]): a reset leaves them alone")
    }
    if let finding = unsafe observationChecks.firstFinding(lanes, rows.observations) {
      return fail(finding.lane, "reset", text(finding))
    }
    unsafe checkMasks(lanes, rows.masks, "reset")
  }

  /// Checks what a step wrote: flags, rewards, observations, masks. Lanes that failed, or whose
  /// numbers left the finite range where that is tolerated, are truncated at their last good
  /// observation.
  func checkStep(_ lanes: LaneList, _ status: rlenv_status, _ rows: BatchRows) {
    let known = UInt8(RLENV_TERMINATED | RLENV_TRUNCATED | RLENV_FAULT)
    if flags.contains(above: known) {
      let lane = (0..<count).first { flags[$0] > known } ?? 0
      return fail(
        lane, "step", "the flags are \(flags[lane]): only 1, 2 and 4 are known, set no other")
    }
    if unsafe lanes.count < count { checkUnlisted() }
    guard failure == nil else { return }
    if status == RLENV_E_LANE || flags.contains(above: UInt8(RLENV_FAULT) - 1) {
      unsafe truncateFaults(lanes, status, rows)
      guard failure == nil else { return }
    }
    unsafe checkRewards(lanes, rows)
    guard failure == nil else { return }
    while let finding = unsafe observationChecks.firstFinding(lanes, rows.nextObservations) {
      guard finding.isNonfinite, onNonfinite == .truncate else {
        return fail(finding.lane, "step", text(finding))
      }
      unsafe truncateNonfinite(finding.lane, rows)
    }
    unsafe checkMasks(lanes, rows.nextMasks, "step")
  }

  /// A plugin that steps lanes it was not asked to would bring retired lanes back to life.
  private func checkUnlisted() {
    for lane in 0..<count where episodes[lane] < 0 && (flags[lane] != 0 || rewards[lane] != 0) {
      return fail(
        lane, "step",
        "wrote the reward or the flags of a lane that is not among the listed ones: touch only the "
          + "lanes in `lanes`")
    }
  }

  private func truncateFaults(_ lanes: LaneList, _ status: rlenv_status, _ rows: BatchRows) {
    var found = false
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      guard flags[lane] & UInt8(RLENV_FAULT) != 0 else { continue }
      guard status == RLENV_E_LANE else {
        return fail(
          lane, "step", "RLENV_FAULT is set but the call answered RLENV_OK: answer RLENV_E_LANE")
      }
      found = true
      faults += 1
      lastFault = LaneFault(
        clock: clock, text: moment(lane, "step") + instance.errorText(status))
      unsafe truncateAtLastGood(lane, rows)
    }
    if !found {
      fail(
        instance.errorLane, "step",
        "answered RLENV_E_LANE but set RLENV_FAULT in no lane: \(instance.errorText(status))")
    }
  }

  /// Ends a lane's episode as if its clock had run out before this step.
  private func truncateAtLastGood(_ lane: Int, _ rows: BatchRows) {
    flags[lane] = UInt8(RLENV_TRUNCATED)
    rewards[lane] = 0
    unsafe rows.rewards[lane] = 0
    unsafe copyRow(lane, from: rows.observations, to: rows.nextObservations)
    unsafe copyMask(lane, from: rows.masks, to: rows.nextMasks)
  }

  private func truncateNonfinite(_ lane: Int, _ rows: BatchRows) {
    nonfiniteEpisodes += 1
    unsafe truncateAtLastGood(lane, rows)
  }

  private func checkRewards(_ lanes: LaneList, _ rows: BatchRows) {
    let source = unsafe UnsafePointer(rewards.pointer)
    let target = unsafe rows.rewards
    for lane in 0..<count { unsafe target[lane] = Float(source[lane]) }
    let words = unsafe UnsafeRawPointer(target).assumingMemoryBound(to: UInt32.self)
    if unsafe isFinite(words, count) { return }
    for lane in 0..<count where unsafe !target[lane].isFinite {
      guard onNonfinite == .truncate else {
        return fail(
          lane, "step",
          "the reward is \(unsafe source[lane]); rewards must be finite, also as 32-bit floats"
            + nonfiniteAdvice)
      }
      unsafe truncateNonfinite(lane, rows)
    }
  }

  private func checkMasks(_ lanes: LaneList, _ masks: UnsafePointer<UInt8>, _ call: String) {
    guard maskChecks.length > 0 else { return }
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      guard flags[lane] & UInt8(RLENV_TERMINATED) == 0 else { continue }
      if let fault = unsafe maskChecks.fault(masks + lane * maskChecks.length) {
        return fail(lane, call, fault)
      }
    }
  }
}

extension Column where Element == UInt8 {
  /// Whether an element is above `limit`.
  func contains(above limit: UInt8) -> Bool {
    let bytes = unsafe UnsafePointer(pointer)
    var seen: UInt8 = 0
    for index in 0..<count { seen |= unsafe bytes[index] > limit ? 1 : 0 }
    return seen != 0
  }
}

extension LaneBlock {
  private var nonfiniteAdvice: String {
    ": correct the plugin, or end such episodes with --on-nonfinite truncate"
  }

  /// The finding for people, with what the plugin wrote before it was rounded.
  private func text(_ finding: ObservationChecks.Finding) -> String {
    let leaf = observations.layout.fields[finding.field].leaf
    let name = leaf.name.isEmpty ? "observation" : "observation leaf \"\(leaf.name)\""
    let index = leaf.shape.isEmpty ? "" : ", element \(finding.element)"
    let written = observations.written(
      leaf: finding.field, lane: finding.lane, element: finding.element)
    let value =
      written.map { $0.isFinite ? "\($0), beyond 32-bit floats" : "\($0)" } ?? finding.value
    return "\(name)\(index) is \(value), not \(finding.expected)"
      + (finding.isNonfinite ? nonfiniteAdvice : ": correct the plugin, or the space it declares")
  }

  /// Ends the run because of what a lane's row says.
  func fail(_ lane: Int?, _ call: String, _ reason: String) {
    failure = EnvironmentError(environment: place, reason: moment(lane, call) + reason)
  }

  /// Ends the run because a call failed.
  func fail(call: String, _ status: rlenv_status) {
    fail(instance.errorLane, call, "\(call) failed: \(instance.errorText(status))")
  }

  private func moment(_ lane: Int?, _ call: String) -> String {
    guard let lane else { return "lanes \(first)...\(first + count - 1), \(call) \(clock + 1): " }
    let time = call == "reset" ? "reset" : "step \(length(lane: lane) + 1)"
    return "lane \(first + lane), episode \(episodes[lane]), seed \(seeds[lane]), \(time): "
  }
}
