internal import CRLEnv
internal import RLCore

let seedTests = [
  ConformanceTest("same-seed", "the same seed and actions give the same bits", testSameSeed),
  ConformanceTest("other-seed", "another seed gives other episodes", testOtherSeed),
  ConformanceTest("unseeded", "a reset without a seed goes on with the generator", testUnseeded),
  ConformanceTest("seed-erases", "a seeded reset erases all that was before", testErasure),
]

private func testSameSeed(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let lanes = Array(0..<(try trial.width(2)))
  let course = Trial.Course(streams: lanes, steps: trial.subject.steps)
  let (first, second) = (try trial.traces(course), try trial.traces(course))
  for lane in lanes {
    try trial.demandEqual(
      first[lane], second[lane], lane: lane,
      "the same seed and actions gave other bits in a second instance",
      advice:
        "look for rand(), time(), a static variable that changes, or memory that is never set",
      isRepetition: true)
  }
}

/// The bits of the first 30 steps of one episode; the actions are always the same.
private func episode(_ instance: Instance, seed: UInt64?, _ trial: Trial) throws -> [UInt8] {
  var bits: [UInt8] = []
  let player = Player(instance, streams: [0], seed: trial.seed)
  player.observer = { event, arena in
    bits += arena.observation(0) + arena.rewards.bytes(0) + arena.flags.bytes(0)
  }
  try player.reset(0, seed: seed)
  for _ in 0..<30 where !player.lanes[0].needsReset { try player.step([0]) }
  return bits
}

private func seeded(_ instance: Instance, _ seeds: [UInt64], _ trial: Trial) throws -> Set<[UInt8]>
{
  Set(try seeds.map { try episode(instance, seed: $0, trial) })
}

/// The episode of a seed, and those of the resets without a seed that follow.
private func unseeded(_ instance: Instance, _ trial: Trial) throws -> [[UInt8]] {
  [try episode(instance, seed: trial.seed, trial)]
    + (try (0..<12).map { _ in try episode(instance, seed: nil, trial) })
}

private func testOtherSeed(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let instance = try Instance(trial.environment(), lanes: 1)
  let low = (0..<12).map { trial.seed &+ $0 }
  guard try seeded(instance, low, trial).count == 1 else {
    let high = (0..<8).map { trial.seed &+ $0 << 32 }
    guard try seeded(instance, high, trial).count == 1 else { return }
    throw Finding(
      "seeds that differ above their low 32 bits give the same episode",
      at: Place(call: "reset", seed: high[1]),
      advice: "use all 64 bits of the seed (rlenv_rng_seed does)", severity: .warn)
  }
  guard Set(try unseeded(instance, trial)).count > 1 else {
    return trial.remark("no randomness was seen")
  }
  throw Finding(
    "12 seeds gave the same episode, and resets without a seed give others: seeds are ignored",
    at: Place(call: "reset", seed: trial.seed),
    advice: "where b->seeds is not NULL, set the lane's generator from b->seeds[lane]")
}

private func testUnseeded(_ trial: Trial) throws {
  try trial.requireDeterminism()
  var instance = try Instance(trial.environment(), lanes: 1)
  let isRandom = try seeded(instance, (0..<12).map { trial.seed &+ $0 }, trial).count > 1
  instance.destroy()
  instance = try Instance(trial.environment(), lanes: 1)
  let first = try unseeded(instance, trial)
  instance.destroy()
  instance = try Instance(trial.environment(), lanes: 1)
  let place = Place(call: "reset", seed: trial.seed)
  if try unseeded(instance, trial) != first {
    try trial.requireRepeatability()
    throw Finding(
      "the episodes of resets without a seed were others in a second instance", at: place,
      advice: "go on with the lane's own generator, which the last seed has set")
  }
  if isRandom, Set(first).count == 1 {
    throw Finding(
      "12 resets without a seed began the episode of the last seed again", at: place,
      advice: "where b->seeds is NULL, leave the lane's generator as it is and draw on")
  }
}

private func testErasure(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let course = Trial.Course(steps: 200)
  let usual = try trial.traces(course)[0]
  let instance = try Instance(trial.environment(), lanes: 1)
  for length in [1, 2, 7, 40, 333] {
    let before = Player(instance, streams: [1 + length], seed: trial.seed)
    before.isSeeded = length % 2 == 0
    for _ in 0..<length { try before.tick() }
    try trial.demandEqual(
      usual, try trial.traces(course, in: instance)[0],
      "after \(length) steps of other episodes, a seeded reset does not begin as in a new instance",
      advice: "in a reset with seeds set every variable of the lane; the easiest is to zero its "
        + "state first")
  }
}
