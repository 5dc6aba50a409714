public import RLCore
import RLParallel

/// How groups of lanes play side by side: a group is an instance's block of lanes.
extension VectorEnvironment {
  public var groups: [Range<Int>] { blocks.count > 1 && hashes == nil ? blockLanes : [] }

  public mutating func play<Player>(
    _ stretch: inout Stretch, _ batch: inout StepBatch, players: inout [Player],
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) throws(EnvironmentError) {
    if let failure { throw failure }
    sizes.check(batch, lanes: lanes)
    precondition(players.count == blocks.count && hashes == nil, "one player a group")
    if tables.isEmpty { tables = blocks.map { GroupTable(spec, lanes: $0.count) } }
    let (blocks, length) = (blocks, stretch.length)
    for (block, table) in zip(blocks, tables.indices) {
      tables[table].take(batch, from: block.first)
    }
    unsafe players.withUnsafeMutableBufferPointer { players in
      unsafe tables.withUnsafeMutableBufferPointer { tables in
        pool.run(blocks.count) { group in
          unsafe blocks[group].play(
            length, &tables[group], &players[group], act: act, observe: observe)
        }
      }
    }
    for (block, table) in zip(blocks, tables) { table.give(&batch, from: block.first) }
    join(&stretch)
    try throwEarliestFailure()
  }

  /// Puts together what the groups played.
  private mutating func join(_ stretch: inout Stretch) {
    stretch.made = tables.map(\.made).min() ?? 0
    for table in tables {
      stretch.endings += table.endings.lazy.filter { $0.iteration < stretch.made }
    }
    stretch.endings.sort { ($0.iteration, $0.episode.lane) < ($1.iteration, $1.episode.lane) }
    if !finishedEpisodes.isEmpty { finishedEpisodes.removeAll(keepingCapacity: true) }
  }

  private mutating func throwEarliestFailure() throws(EnvironmentError) {
    let failed = blocks.indices.filter { blocks[$0].failure != nil }
    guard let first = failed.min(by: { tables[$0].made < tables[$1].made }),
      let earliest = blocks[first].failure
    else { return }
    failure = earliest
    throw earliest
  }
}

/// What a group plays on.
struct GroupTable: Sendable {
  var batch: StepBatch  // of the group's lanes
  var made = 0
  var endings: [Stretch.Ending] = []

  init(_ spec: EnvironmentSpec, lanes: Int) { batch = StepBatch(spec, lanes: lanes) }

  /// Takes over the rows of the group's lanes, which begin with `lane`.
  mutating func take(_ whole: borrowing StepBatch, from lane: Int) {
    batch.copyRows(of: whole, from: lane, to: 0, count: batch.lanes)
  }

  /// Hands the rows back.
  func give(_ whole: inout StepBatch, from lane: Int) {
    whole.copyRows(of: batch, from: 0, to: lane, count: batch.lanes)
  }
}

extension StepBatch {
  /// Copies `count` rows of everything.
  fileprivate mutating func copyRows(
    of other: borrowing StepBatch, from: Int, to: Int, count: Int
  ) {
    observations.copyRows(of: other.observations, from, to, count, lanes, other.lanes)
    masks.copyRows(of: other.masks, from, to, count, lanes, other.lanes)
    choices.copyRows(of: other.choices, from, to, count, lanes, other.lanes)
    controls.copyRows(of: other.controls, from, to, count, lanes, other.lanes)
    rewards.copyRows(of: other.rewards, from, to, count, lanes, other.lanes)
    terminated.copyRows(of: other.terminated, from, to, count, lanes, other.lanes)
    truncated.copyRows(of: other.truncated, from, to, count, lanes, other.lanes)
    nextObservations.copyRows(of: other.nextObservations, from, to, count, lanes, other.lanes)
    nextMasks.copyRows(of: other.nextMasks, from, to, count, lanes, other.lanes)
  }
}

extension Array where Element: BitwiseCopyable {
  /// Copies rows between arrays of `lanes` and `otherLanes` rows of the same width.
  fileprivate mutating func copyRows(
    of other: [Element], _ from: Int, _ to: Int, _ rows: Int, _ lanes: Int, _ otherLanes: Int
  ) {
    let width = count / lanes
    precondition(other.count == width * otherLanes, "rows of another width")
    replaceSubrange(
      to * width..<(to + rows) * width, with: other[from * width..<(from + rows) * width])
  }
}

extension LaneBlock {
  /// Makes `length` iterations of all its lanes, or as many as go well.
  func play<Player>(
    _ length: Int, _ table: inout GroupTable, _ player: inout Player,
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) {
    table.made = 0
    if !table.endings.isEmpty { table.endings.removeAll(keepingCapacity: true) }
    while table.made < length, failure == nil {
      act(&player, &table.batch)
      unsafe withRows(&table.batch) { rows in unsafe step(rows) }
      guard failure == nil else { return }
      for position in 0..<endedCount {
        table.endings.append(
          Stretch.Ending(iteration: table.made, episode: record(lane: Int(ended[position]))))
      }
      table.made += 1
      observe(&player, table.batch)
      swap(&table.batch.observations, &table.batch.nextObservations)
      swap(&table.batch.masks, &table.batch.nextMasks)
      if endedCount > 0 { unsafe withRows(&table.batch) { rows in unsafe advance(rows) } }
    }
  }
}
