public import RLCore
import RLParallel

/// How groups of lanes play side by side: a group has one or more instances, there is one a thread at
/// most.
extension VectorEnvironment {
  public var groups: [Range<Int>] { groupLanes.count > 1 && hashes == nil ? groupLanes : [] }

  public mutating func play<Player>(
    _ stretch: inout Stretch, _ batch: inout StepBatch, players: inout [Player],
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) throws(EnvironmentError) {
    if let failure { throw failure }
    sizes.check(batch, lanes: lanes)
    precondition(players.count == groupLanes.count && hashes == nil, "one player a group")
    if tables.isEmpty { makeTables() }
    for group in tables.indices { tables[group].take(batch) }
    let length = stretch.length
    unsafe players.withUnsafeMutableBufferPointer { players in
      unsafe tables.withUnsafeMutableBufferPointer { tables in
        pool.run(tables.count) { group in
          unsafe tables[group].play(length, &players[group], act: act, observe: observe)
        }
      }
    }
    for group in tables.indices { tables[group].give(&batch) }
    join(&stretch)
    try throwEarliestFailure()
  }

  private mutating func makeTables() {
    tables = zip(groupBlocks, groupLanes).map {
      GroupTable(spec, blocks: Array(blocks[$0]), lanes: $1, sizes: sizes)
    }
  }

  /// Puts together what the groups played.
  private mutating func join(_ stretch: inout Stretch) {
    stretch.made = stretch.length
    for table in tables { stretch.made = min(stretch.made, table.made) }
    for table in tables {
      for ending in table.endings where ending.iteration < stretch.made {
        stretch.endings.append(ending)
      }
    }
    stretch.endings.sort { ($0.iteration, $0.episode.lane) < ($1.iteration, $1.episode.lane) }
    if !finishedEpisodes.isEmpty { finishedEpisodes.removeAll(keepingCapacity: true) }
  }

  /// Of several groups that failed, the one whose failure lanes that play together would meet first.
  private mutating func throwEarliestFailure() throws(EnvironmentError) {
    var earliest: GroupTable.Failure?
    for table in tables {
      guard let failure = table.failure else { continue }
      if earliest.map({ failure.place < $0.place }) ?? true { earliest = failure }
    }
    guard let earliest else { return }
    failure = earliest.error
    throw earliest.error
  }
}

/// What a group plays on.
struct GroupTable {
  /// What ended a group's play.
  struct Failure {
    /// Steps and advances, which take turns, before it.
    var place: Int
    var error: EnvironmentError
  }

  private let blocks: [LaneBlock]
  private let lanes: Range<Int>
  private let sizes: RowSizes
  private var batch: StepBatch  // of the group's lanes
  private(set) var made = 0
  private(set) var endings: [Stretch.Ending] = []
  private(set) var failure: Failure?

  init(_ spec: EnvironmentSpec, blocks: [LaneBlock], lanes: Range<Int>, sizes: RowSizes) {
    self.blocks = blocks
    self.lanes = lanes
    self.sizes = sizes
    batch = StepBatch(spec, lanes: lanes.count)
  }

  /// Takes over the rows of the group's lanes.
  mutating func take(_ whole: borrowing StepBatch) {
    batch.copyRows(of: whole, from: lanes.lowerBound, to: 0, count: lanes.count)
  }

  /// Hands the rows back.
  func give(_ whole: inout StepBatch) {
    whole.copyRows(of: batch, from: 0, to: lanes.lowerBound, count: lanes.count)
  }

  /// Makes `length` iterations of the group's lanes, or as many as go well.
  mutating func play<Player>(
    _ length: Int, _ player: inout Player, act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) {
    made = 0
    failure = nil
    if !endings.isEmpty { endings.removeAll(keepingCapacity: true) }
    while made < length {
      act(&player, &batch)
      step()
      guard goesOn(place: 2 * made) else { return }
      let hasEndings = noteEndings()
      made += 1
      observe(&player, batch)
      swap(&batch.observations, &batch.nextObservations)
      swap(&batch.masks, &batch.nextMasks)
      if hasEndings { advance() }
      guard goesOn(place: 2 * made - 1) else { return }
    }
  }

  private mutating func step() {
    let (blocks, first, sizes) = (blocks, lanes.lowerBound, sizes)
    unsafe withRows(&batch) { rows in
      for block in blocks { unsafe block.step(rows.from(block.first - first, sizes)) }
    }
  }

  private mutating func advance() {
    let (blocks, first, sizes) = (blocks, lanes.lowerBound, sizes)
    unsafe withRows(&batch) { rows in
      for block in blocks { unsafe block.advance(rows.from(block.first - first, sizes)) }
    }
  }

  /// Keeps the records of the episodes that the step ended.
  ///
  /// - Returns: whether there are any.
  private mutating func noteEndings() -> Bool {
    let before = endings.count
    for block in blocks {
      for position in 0..<block.endedCount {
        let episode = block.record(lane: Int(block.ended[position]))
        endings.append(Stretch.Ending(iteration: made, episode: episode))
      }
    }
    return endings.count > before
  }

  /// Whether no block has failed.
  private mutating func goesOn(place: Int) -> Bool {
    for block in blocks {
      guard let error = block.failure else { continue }
      failure = Failure(place: place, error: error)
      return false
    }
    return true
  }
}

/// Items cut into at most `shares` contiguous ranges that differ by one at most.
func shares(of count: Int, among shares: Int) -> [Range<Int>] {
  let number = min(count, shares)
  return (0..<number).map { count * $0 / number..<count * ($0 + 1) / number }
}

/// The lanes of blocks that follow each other.
func lanesOf(_ blocks: ArraySlice<LaneBlock>) -> Range<Int> {
  let first = blocks.first?.first ?? 0
  return first..<blocks.reduce(first) { $0 + $1.count }
}

extension StepBatch {
  /// Copies `count` rows of everything.
  fileprivate mutating func copyRows(
    of other: borrowing StepBatch, from: Int, to: Int, count: Int
  ) {
    let rows = RowCopy(from: from, of: other.lanes, to: to, of: lanes, count: count)
    rows.copy(other.observations, to: &observations)
    rows.copy(other.masks, to: &masks)
    rows.copy(other.choices, to: &choices)
    rows.copy(other.controls, to: &controls)
    rows.copy(other.rewards, to: &rewards)
    rows.copy(other.terminated, to: &terminated)
    rows.copy(other.truncated, to: &truncated)
    rows.copy(other.nextObservations, to: &nextObservations)
    rows.copy(other.nextMasks, to: &nextMasks)
  }
}

/// Which rows go where.
private struct RowCopy {
  let from: Int
  let lanes: Int  // of the source
  let to: Int
  let otherLanes: Int  // of the target
  let count: Int

  init(from: Int, of lanes: Int, to: Int, of otherLanes: Int, count: Int) {
    self.from = from
    self.lanes = lanes
    self.to = to
    self.otherLanes = otherLanes
    self.count = count
  }

  func copy<Element: BitwiseCopyable>(_ source: [Element], to target: inout [Element]) {
    let width = source.count / lanes
    precondition(target.count == width * otherLanes, "rows of another width")
    target.replaceSubrange(
      to * width..<(to + count) * width, with: source[from * width..<(from + count) * width])
  }
}
