internal import CRLEnv
internal import RLCore

let episodeTests = [
  ConformanceTest(
    "terminal-observation", "the last observation is that of the old episode", testTerminal),
  ConformanceTest("time-limit", "limits of steps stand in the table", testTimeLimit),
  ConformanceTest("episodes-end", "an episode ends some day", testEnd),
]

/// One episode: its observations from the reset on, and whether the plugin ended it.
private struct Episode {
  var observations: [[UInt8]] = []
  var isEnded = false

  var length: Int { observations.count - 1 }
}

/// Plays the episode of `seed` for `steps` at most; actions depend on the seed alone.
private func play(_ instance: Instance, seed: UInt64, steps: Int) throws -> (Episode, Player) {
  var episode = Episode()
  let player = Player(instance, streams: [0], seed: seed)
  player.observer = { event, arena in
    episode.observations.append(arena.observation(event.lane))
    episode.isEnded = event.flags & 3 != 0
  }
  try player.reset(0, seed: seed)
  while episode.length < steps, !player.lanes[0].needsReset { try player.step([0]) }
  player.observer = nil
  return (episode, player)
}

/// What a reset without a seed shows after `steps` steps of the episode.
private func restart(_ instance: Instance, seed: UInt64, after steps: Int) throws -> [UInt8] {
  let (_, player) = try play(instance, seed: seed, steps: steps)
  try player.reset(0, seed: nil)
  return player.arena.observation(0)
}

/// A plugin that resets by itself writes the observation with which the next episode begins. Where
/// steps draw no random numbers, that very one is seen by a reset one step earlier. Elsewhere it lies
/// where first observations lie, and the one before it does not.
private func testTerminal(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let instance = try Instance(trial.environment(), lanes: 1)
  let steps = trial.affordable(500, instance.spec)
  var starts = ObservationBox()
  let seeds = (0..<24).map { trial.seed &+ UInt64($0) &* 0x9E37_79B9 }
  for seed in seeds {
    let (_, player) = try play(instance, seed: seed, steps: 0)
    starts.include(player.values)
  }
  var (episodes, matches, lookalikes) = (0, 0, 0)
  for seed in seeds.prefix(12) {
    let (episode, last) = try play(instance, seed: seed, steps: steps)
    guard episode.isEnded, episode.length >= 2 else { continue }
    episodes += 1
    let middle = episode.length / 2
    // an observation that is drawn anew in each step always looks like a first one
    if try restart(instance, seed: seed, after: middle - 1) == episode.observations[middle] {
      throw NotJudged("observations of a start cannot be told from those of a step")
    }
    let isStart = starts.contains(last.values)
    let next = try restart(instance, seed: seed, after: episode.length - 1)
    if next == episode.observations.last { matches += 1 }
    let (_, before) = try play(instance, seed: seed, steps: episode.length - 1)
    if isStart, !starts.contains(before.values) { lookalikes += 1 }
  }
  guard episodes >= 3 else { throw NotJudged("too few episodes of two steps and more ended") }
  let isCertain = matches == episodes && starts.isWide
  guard isCertain || lookalikes == episodes else { return }
  throw Finding(
    "the observation that comes with the end is the first one of a new episode",
    at: Place(call: "step"),
    advice: "never start an episode in step: write the last state of the old one and return; the "
      + "host calls reset"
      + (isCertain ? "" : " (where episodes really end as they began, --skip this test)"),
    severity: isCertain ? .fail : .warn)
}

/// Where observations lie: one of a few, or in the range of each element.
private struct ObservationBox {
  private var known: Set<[Double]> = []
  private var low: [Double] = []
  private var high: [Double] = []

  mutating func include(_ values: [Double]) {
    known.insert(values)
    guard !low.isEmpty else {
      (low, high) = (values, values)
      return
    }
    for k in values.indices {
      low[k] = min(low[k], values[k])
      high[k] = max(high[k], values[k])
    }
  }

  /// Whether any element varies.
  var isWide: Bool { low != high }

  /// Whether it is one of the few, or all elements lie in their ranges or half a range beyond.
  func contains(_ values: [Double]) -> Bool {
    if known.count <= 8 { return known.contains(values) }
    return values.indices.allSatisfy { k in
      let margin = (high[k] - low[k]) / 2
      return values[k] >= low[k] - margin && values[k] <= high[k] + margin
    }
  }
}

extension Player {
  /// The elements of lane 0's observation.
  fileprivate var values: [Double] {
    instance.spec.observation.leaves.enumerated().flatMap { index, leaf in
      (0..<leaf.elementCount).map { arena.value(0, leaf: index, element: $0) }
    }
  }
}

private func testTimeLimit(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  let player = Player(instance, streams: [0], seed: trial.seed)
  var ends: [(step: Int, flags: UInt8)] = []
  player.observer = { event, _ in
    if event.isLast { ends.append((event.step, event.flags)) }
  }
  for _ in 0..<trial.subject.steps where ends.count < 20 { try player.tick() }
  guard ends.count >= 5, let first = ends.first else { throw NotJudged("too few episodes ended") }
  guard ends.allSatisfy({ $0.step == first.step && $0.flags == first.flags }) else { return }
  let place = Place(call: "step", step: first.step)
  if first.flags == 2 {
    throw Finding(
      "each of \(ends.count) episodes was truncated in step \(first.step)", at: place,
      advice: "write \(first.step) into max_episode_steps and return 0: the host applies the limit",
      severity: .warn)
  }
  if first.flags == 1, first.step == instance.spec.maxEpisodeSteps {
    throw Finding(
      "each of \(ends.count) episodes was terminated in the step of max_episode_steps", at: place,
      advice: "return 0 there: the host truncates; RLENV_TERMINATED tells the learner that nothing "
        + "would have followed", severity: .warn)
  }
}

private func testEnd(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  guard instance.spec.maxEpisodeSteps == nil else { return }
  let player = Player(instance, streams: [0], seed: trial.seed)
  var isOver = false
  player.observer = { event, _ in isOver = isOver || event.isLast }
  let stop = ChildProcess.now() + min(2, trial.subject.timeout / 2)
  var steps = 0
  while !isOver, steps < 100 * trial.subject.steps, steps % 1000 != 0 || ChildProcess.now() < stop {
    try player.tick()
    steps += 1
  }
  if !isOver {
    throw Finding(
      "no end in \(steps) steps of one episode, and no max_episode_steps",
      at: Place(call: "step", step: steps),
      advice: "set max_episode_steps in the table, or end the episode some day", severity: .warn)
  }
}
