internal import RLCore

/// A saved state, read and checked: nothing of it can be out of range for the environment that it
/// was read for.
struct LaneStates {
  /// What the plugin's part is made from.
  enum PluginPart {
    case snapshots(LaneSnapshots)
    case actions([UInt8])  // journal rows of all lanes with an episode
  }

  let books: EpisodeBooks
  let observations: [UInt8]
  let masks: [UInt8]
  let hashes: [UInt64]?
  let plugin: PluginPart

  /// - Throws: `StateError` if an entry is missing, of another size, out of range, or unknown.
  init(_ state: SavedState, of environment: borrowing VectorEnvironment) throws(StateError) {
    let (lanes, sizes, block) = (environment.lanes, environment.sizes, environment.blocks[0])
    guard state["environment"] == .bytes(Array(environment.spec.id.utf8)) else {
      throw StateError(reason: "the state is not one of \(environment.spec.id)")
    }
    guard state["step_limit"] == .words([UInt64(environment.stepLimit ?? 0)]) else {
      throw StateError(
        reason: "the state was saved with another limit of steps than "
          + (environment.stepLimit.map { "\($0)" } ?? "none"))
    }
    books = try EpisodeBooks(
      state,
      BookRules(
        lanes: lanes, metrics: environment.spec.metrics.count, plan: environment.plan,
        stepLimit: environment.stepLimit))
    observations = try state.bytes("observations", count: lanes * sizes.observation)
    masks = try state.bytes("masks", count: lanes * sizes.mask)
    hashes = environment.hashes == nil ? nil : try state.words("lane_hashes", count: lanes)
    if let journal = block.journal {
      let (count, isTooLarge) = books.totalLength.multipliedReportingOverflow(
        by: journal.rowBytes)
      let rows = try state.bytes("actions", count: isTooLarge ? .max : count)
      guard environment.spec.action.holds(journal: rows) else {
        throw StateError(reason: "\"actions\" has one outside the action space")
      }
      plugin = .actions(rows)
    } else if block.instance.hasSnapshots {
      plugin = .snapshots(try LaneSnapshots(state, episodes: books.episodes))
    } else {
      plugin = .actions([])
    }
    try Self.checkNames(state, hashes: hashes != nil, plugin)
    try Self.checkRows(observations, masks, block, lanes: lanes)
  }

  private static func checkNames(
    _ state: SavedState, hashes: Bool, _ plugin: PluginPart
  ) throws(StateError) {
    var names: Set = [
      "environment", "step_limit", "clock", "lengths", "episodes", "seeds", "returns",
      "metric_values", "metric_counts", "counters", "last_fault", "observations", "masks",
    ]
    if hashes { names.insert("lane_hashes") }
    switch plugin {
    case .snapshots: names.formUnion(["snapshot_sizes", "snapshots"])
    case .actions: names.insert("actions")
    }
    if let unknown = state.entries.keys.filter({ !names.contains($0) }).min() {
      throw StateError(reason: "\"\(unknown)\" is not part of this environment's state")
    }
  }

  private static func checkRows(
    _ observations: [UInt8], _ masks: [UInt8], _ block: LaneBlock, lanes: Int
  ) throws(StateError) {
    let all = unsafe LaneList(lanes: nil, count: lanes)
    let finding = unsafe observations.withUnsafeBytes {
      unsafe block.observationChecks.firstFinding(all, $0.baseAddress!)
    }
    if let finding {
      throw StateError(reason: "\"observations\" of lane \(finding.lane) lie outside their space")
    }
    guard block.maskChecks.length > 0 else { return }
    for lane in 0..<lanes {
      let fault = unsafe masks.withUnsafeBufferPointer {
        unsafe block.maskChecks.fault($0.baseAddress! + lane * block.maskChecks.length)
      }
      if let fault { throw StateError(reason: "lane \(lane): \(fault)") }
    }
  }
}
