public import RLCore
public import RLParallel

/// What happens when an observation or a reward is not finite.
public enum NonfinitePolicy: String, Sendable, CaseIterable {
  /// The run ends with an error.
  case fail
  /// The episode ends as truncated at its last good observation, with reward 0, and is counted.
  case truncate
}

/// Many lanes of a plugin's environment, spread over one or more instances.
///
/// Results do not depend on the number of instances, nor on that of the pool's threads. Episodes are
/// seeded by their place in the plan. A step's batch holds the true final observation of an ended
/// episode; `advance` starts the next one. Lanes without a further episode are not stepped again
/// and keep their rows.
public struct VectorEnvironment: ~Copyable, Environment {
  public let spec: EnvironmentSpec
  public let lanes: Int
  /// The step at which the host truncates an episode: the limit that was asked for, else the
  /// environment's, else the cap of an evaluation.
  public let stepLimit: Int?
  public internal(set) var finishedEpisodes: [EpisodeRecord] = []

  let place: String  // plugin and environment, for messages
  let plan: EpisodePlan
  let blocks: [LaneBlock]
  let groupBlocks: [Range<Int>]  // the blocks that each group has
  let groupLanes: [Range<Int>]
  let sizes: RowSizes
  let pool: WorkerPool
  var hashes: LaneHashes?
  private var sharing = MeasuredRun()
  var tables: [GroupTable] = []  // one a group, from the first stretch on
  var failure: EnvironmentError?
  var isStarted = false

  /// Makes the instances; `reset` starts the episodes.
  ///
  /// - Parameters:
  ///   - plugin: a loaded library.
  ///   - id: of the environment; `nil` for the only one.
  ///   - options: as the user typed them, by key.
  ///   - lanes: episodes at a time.
  ///   - instances: over which the lanes are spread in contiguous blocks; environments with one
  ///     lane an instance get as many as there are lanes.
  ///   - pool: steps the instances side by side.
  ///   - plan: which episodes are played.
  ///   - maxEpisodeSteps: replaces the environment's time limit; 0 for none.
  ///   - onNonfinite: what happens when a number is not finite.
  ///   - recordsHashes: whether `laneHashes` are kept, for proofs; slow.
  /// - Throws: `PluginError` for an unknown environment or option, and if an instance cannot be
  ///   made or describes itself wrongly.
  public init(
    _ plugin: EnvironmentPlugin, id: String? = nil, options: [String: String] = [:], lanes: Int,
    instances: Int = 1, pool: WorkerPool = .single, plan: EpisodePlan, maxEpisodeSteps: Int? = nil,
    onNonfinite: NonfinitePolicy = .fail, recordsHashes: Bool = false
  ) throws(PluginError) {
    let description = try plugin.environment(id)
    let sizes = try blockSizes(
      description, lanes: lanes, instances: instances, path: plugin.path)
    let made = try makeInstances(description, options: options, sizes: sizes, path: plugin.path)
    if case .evaluation(_, let episodes, let stepCap) = plan {
      precondition(episodes >= 1 && stepCap >= 1, "an evaluation needs episodes and a step cap")
    }
    let limit = plan.stepLimit(declared: made[0].spec.maxEpisodeSteps, override: maxEpisodeSteps)
    var blocks: [LaneBlock] = []
    for (instance, described) in made {
      var spec = described
      if let maxEpisodeSteps { spec.maxEpisodeSteps = maxEpisodeSteps == 0 ? nil : maxEpisodeSteps }
      let setup = BlockSetup(
        place: "\(plugin.path):\(description.id)", spec: spec, plan: plan, stepLimit: limit,
        onNonfinite: onNonfinite, lanes: lanes)
      let first = blocks.last.map { $0.first + $0.count } ?? 0
      blocks.append(LaneBlock(setup, instance: instance, first: first))
    }
    spec = blocks[0].spec
    self.lanes = lanes
    self.plan = plan
    place = blocks[0].place
    self.blocks = blocks
    groupBlocks = shares(of: blocks.count, among: pool.threads)
    groupLanes = groupBlocks.map { lanesOf(blocks[$0]) }
    self.pool = pool
    self.sizes = RowSizes(spec)
    stepLimit = limit
    hashes = recordsHashes ? LaneHashes(lanes: lanes) : nil
    finishedEpisodes.reserveCapacity(lanes)
  }

  /// Episodes that were truncated because a number was not finite.
  public var nonfiniteEpisodes: Int { blocks.reduce(0) { $0 + $1.nonfiniteEpisodes } }

  /// Episodes that were truncated because the plugin reported a lane as failed.
  public var faults: Int { blocks.reduce(0) { $0 + $1.faults } }

  /// Where and why a lane failed most recently, the last of several; `nil` if none has.
  public var lastFault: String? { latestFault?.text }

  var latestFault: LaneFault? {
    blocks.compactMap(\.lastFault).reduce(nil) { $0.map { $0.clock } ?? -1 > $1.clock ? $0 : $1 }
  }

  /// One hash per lane of all that an agent has seen; `nil` unless they were asked for.
  public var laneHashes: [UInt64]? { hashes?.values }

  public var isExhausted: Bool { blocks.allSatisfy { $0.liveCount == 0 } }

  public func episodeIndex(lane: Int) -> Int? {
    guard let block = blocks.last(where: { $0.first <= lane }) else { return nil }
    let episode = block.episodes[lane - block.first]
    return episode >= 0 ? episode : nil
  }

  public mutating func reset(_ batch: inout StepBatch) throws(EnvironmentError) {
    sizes.check(batch, lanes: lanes)
    failure = nil
    isStarted = true
    finishedEpisodes.removeAll(keepingCapacity: true)
    unsafe run(&batch) { block, rows in unsafe block.begin(rows) }
    try throwFailure()
    fillUnused(&batch)
    if hashes != nil { for lane in 0..<lanes { hashStart(lane, batch) } }
  }

  public mutating func step(_ batch: inout StepBatch) throws(EnvironmentError) {
    if let failure { throw failure }
    sizes.check(batch, lanes: lanes)
    unsafe runMeasured(&batch) { block, rows in unsafe block.step(rows) }
    if !finishedEpisodes.isEmpty { finishedEpisodes.removeAll(keepingCapacity: true) }
    try throwFailure()
    for block in blocks {
      for position in 0..<block.endedCount {
        finishedEpisodes.append(block.record(lane: Int(block.ended[position])))
      }
    }
    if hashes != nil { hashStep(batch) }
  }

  public mutating func step(
    _ batch: inout StepBatch, only lanes: [Bool]
  ) throws(EnvironmentError) {
    if let failure { throw failure }
    sizes.check(batch, lanes: self.lanes)
    precondition(lanes.count == self.lanes, "\(lanes.count) lanes told, of \(self.lanes)")
    swap(&batch.observations, &batch.nextObservations)
    swap(&batch.masks, &batch.nextMasks)
    unsafe runMeasured(&batch) { block, rows in unsafe block.step(rows, only: lanes) }
    try throwFailure()
    let before = finishedEpisodes.count
    for block in blocks {
      for position in 0..<block.endedCount where block.hasJustEnded(position) {
        finishedEpisodes.append(block.record(lane: Int(block.ended[position])))
      }
    }
    if finishedEpisodes.count > before { finishedEpisodes.sort { $0.lane < $1.lane } }
    if hashes != nil { hashStep(batch, only: lanes) }
  }

  public mutating func advance(_ batch: inout StepBatch) throws(EnvironmentError) {
    if let failure { throw failure }
    swap(&batch.observations, &batch.nextObservations)
    swap(&batch.masks, &batch.nextMasks)
    guard !finishedEpisodes.isEmpty else { return }
    unsafe run(&batch) { block, rows in unsafe block.advance(rows) }
    try throwFailure()
    guard hashes != nil else { return }
    for episode in finishedEpisodes { hashStart(episode.lane, batch) }
  }

  /// Lets every block work on its rows, side by side.
  @inline(__always)
  func run(_ batch: inout StepBatch, _ body: (LaneBlock, BatchRows) -> Void) {
    let (blocks, sizes) = (blocks, sizes)
    unsafe withRows(&batch) { rows in
      guard blocks.count > 1 else { return unsafe body(blocks[0], rows) }
      pool.run(blocks.count) { index in
        unsafe body(blocks[index], rows.from(blocks[index].first, sizes))
      }
    }
  }

  /// The same, side by side only where it pays.
  @inline(__always)
  mutating func runMeasured(_ batch: inout StepBatch, _ body: (LaneBlock, BatchRows) -> Void) {
    let (blocks, sizes, pool) = (blocks, sizes, pool)
    unsafe withRows(&batch) { rows in
      guard blocks.count > 1 else { return unsafe body(blocks[0], rows) }
      sharing.run(blocks.count, on: pool) { index in
        unsafe body(blocks[index], rows.from(blocks[index].first, sizes))
      }
    }
  }

  mutating func throwFailure() throws(EnvironmentError) {
    for block in blocks {
      guard let first = block.failure else { continue }
      failure = first
      throw first
    }
  }

  /// Gives lanes that never had an episode the rows of lane 0, so that every row is in its space.
  private func fillUnused(_ batch: inout StepBatch) {
    for lane in 0..<lanes where episodeIndex(lane: lane) == nil {
      batch.observations.copyRow(0, to: lane, size: sizes.observation)
      batch.masks.copyRow(0, to: lane, size: sizes.mask)
      batch.nextObservations.replaceRow(lane, size: sizes.observation, with: batch.observations)
      batch.nextMasks.replaceRow(lane, size: sizes.mask, with: batch.masks)
    }
  }

  private mutating func hashStart(_ lane: Int, _ batch: borrowing StepBatch) {
    guard episodeIndex(lane: lane) != nil else { return }
    hashes?.add(batch.observations.row(lane, size: sizes.observation), lane: lane)
    hashes?.add(batch.masks.row(lane, size: sizes.mask), lane: lane)
  }

  private mutating func hashStep(_ batch: borrowing StepBatch, only chosen: [Bool]? = nil) {
    for lane in 0..<lanes where episodeIndex(lane: lane) != nil && chosen?[lane] != false {
      hashes?.add(batch.nextObservations.row(lane, size: sizes.observation), lane: lane)
      hashes?.add(batch.nextMasks.row(lane, size: sizes.mask), lane: lane)
      let ends = (batch.terminated[lane] ? 1 : 0) | (batch.truncated[lane] ? 2 : 0) as UInt64
      hashes?.add(UInt64(batch.rewards[lane].bitPattern) | ends << 32, lane: lane)
    }
  }
}

extension [UInt8] {
  fileprivate func row(_ index: Int, size: Int) -> ArraySlice<UInt8> {
    self[index * size..<(index + 1) * size]
  }

  fileprivate mutating func copyRow(_ source: Int, to target: Int, size: Int) {
    for k in 0..<size { self[target * size + k] = self[source * size + k] }
  }

  fileprivate mutating func replaceRow(_ index: Int, size: Int, with other: [UInt8]) {
    for k in index * size..<(index + 1) * size { self[k] = other[k] }
  }
}
