public import RLCore

/// Saving and restoring. A state is laid out by lanes, so that it can be restored into any number of
/// instances.
///
/// Lanes come back by the plugin's snapshots where it has them. Otherwise the host keeps the actions
/// of the running episodes, one to four bytes a choice and four a control, and plays them again.
extension VectorEnvironment {
  public func saveState(_ batch: borrowing StepBatch) throws(EnvironmentError) -> SavedState {
    if let failure { throw failure }
    sizes.check(batch, lanes: lanes)
    precondition(
      isStarted && blocks.allSatisfy { $0.endedCount == 0 },
      "a state is saved after reset or advance, before the next step")
    var state = books.state
    state["environment"] = .bytes(Array(spec.id.utf8))
    state["step_limit"] = .words([UInt64(stepLimit ?? 0)])
    state["observations"] = .bytes(batch.observations)
    state["masks"] = .bytes(batch.masks)
    if let hashes { state["lane_hashes"] = .words(hashes.values) }
    try saveLanes(&state)
    return state
  }

  private var books: EpisodeBooks {
    var books = EpisodeBooks()
    for block in blocks { block.append(to: &books) }
    books.lastFault = latestFault
    return books
  }

  private func saveLanes(_ state: inout SavedState) throws(EnvironmentError) {
    if blocks[0].instance.hasSnapshots {
      var snapshots = LaneSnapshots()
      for block in blocks { try block.save(to: &snapshots) }
      snapshots.write(to: &state)
    } else if blocks[0].journal != nil {
      var rows: [UInt8] = []
      for block in blocks {
        for lane in 0..<block.count where block.episodes[lane] >= 0 {
          block.journal?.append(lane: lane, length: block.length(lane: lane), to: &rows)
        }
      }
      state["actions"] = .bytes(rows)
    }
  }

  public mutating func restore(_ state: SavedState, _ batch: inout StepBatch) throws {
    sizes.check(batch, lanes: lanes)
    let parsed = try LaneStates(state, of: self)
    try requireWayBack()
    (failure, isStarted) = (nil, true)
    finishedEpisodes.removeAll(keepingCapacity: true)
    if let values = parsed.hashes { hashes = LaneHashes(values) }
    show(parsed, in: &batch)
    for block in blocks { block.adopt(parsed.books) }
    bringBack(parsed, &batch)
    try throwFailure()
    for block in blocks { block.adoptMetrics(parsed.books) }
  }

  /// - Throws: `EnvironmentError` for an environment whose episodes cannot be had again.
  private func requireWayBack() throws(EnvironmentError) {
    let instance = blocks[0].instance
    guard instance.isNondeterministic, !instance.hasSnapshots else { return }
    throw EnvironmentError(
      environment: place,
      reason: "it declares RLENV_ENV_NONDETERMINISTIC and has no snapshots, so its running "
        + "episodes cannot be brought back: give it snapshot_size, save and load, or begin a new "
        + "run")
  }

  /// Lets the plugin make the running episodes again.
  private func bringBack(_ parsed: LaneStates, _ batch: inout StepBatch) {
    switch parsed.plugin {
    case .snapshots(let snapshots):
      let starts = [0] + snapshots.sizes.scan()
      unsafe run(&batch) { block, _ in block.load(snapshots, from: starts[block.first]) }
    case .actions(let rows):
      let starts = [0] + parsed.books.lengths.scan()
      unsafe run(&batch) { block, wanted in
        guard let journal = block.journal else { return }
        for lane in 0..<block.count {
          let global = block.first + lane
          journal.adopt(
            lane: lane,
            rows[starts[global] * journal.rowBytes..<starts[global + 1] * journal.rowBytes])
        }
        unsafe block.replay(journal, wanted)
      }
    }
  }

  /// Writes the saved rows to the batch, and what a step before left behind as if there had been
  /// none.
  private func show(_ parsed: LaneStates, in batch: inout StepBatch) {
    batch.observations = parsed.observations
    batch.nextObservations = parsed.observations
    batch.masks = parsed.masks
    batch.nextMasks = parsed.masks
    for lane in 0..<lanes {
      batch.rewards[lane] = 0
      batch.terminated[lane] = false
      batch.truncated[lane] = false
    }
  }
}

extension [Int] {
  /// The sums of the first one, two, ... elements.
  fileprivate func scan() -> [Int] {
    var sum = 0
    return map { element in
      sum += element
      return sum
    }
  }
}
