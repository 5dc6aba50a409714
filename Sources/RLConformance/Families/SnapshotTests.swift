internal import CRLEnv
internal import RLCore
internal import RLEnvironments

let snapshotTests = [
  ConformanceTest("snapshot-size", "save keeps to snapshot_size and to its buffer", testSize),
  ConformanceTest("snapshot-continue", "load gives the future that save had", testContinuation),
  ConformanceTest("snapshot-lanes", "a snapshot fits any lane, and disturbs no other", testLanes),
  ConformanceTest("snapshot-instances", "a snapshot fits another instance", testInstances),
  ConformanceTest("snapshot-processes", "a snapshot fits another process", testProcesses),
  ConformanceTest("snapshot-options", "a snapshot holds the AT_RESET options", testOptions),
  ConformanceTest("snapshot-damaged", "a damaged snapshot is refused", testDamage),
  ConformanceTest("save-pure", "saving changes nothing", testPurity),
  ConformanceTest("reseed", "reseed exchanges the generator and nothing else", testReseed),
]

private let steps = 120

/// A player in a new instance, some steps into its episodes.
func savingPlayer(_ trial: Trial, lanes: [Int] = [0], after steps: Int = 13) throws -> Player {
  let environment = try trial.environment()
  guard unsafe environment.table.save != nil else {
    throw NotJudged("the environment has no snapshots")
  }
  let instance = try Instance(environment, lanes: lanes.count)
  let player = Player(instance, streams: lanes, seed: trial.seed)
  for _ in 0..<steps { try player.tick() }
  return player
}

func recordOn(_ trial: Trial, _ player: Player) throws -> [Trace] {
  try trial.record(player, Trial.Course(streams: player.lanes.map(\.stream), steps: steps))
}

private func testSize(_ trial: Trial) throws {
  let player = try savingPlayer(trial)
  let bound = player.instance.snapshotSize()
  for round in 0..<60 {
    if round > 0 { try player.tick() }
    guard player.instance.snapshotSize() == bound else {
      throw Finding(
        "snapshot_size changed", at: Place(call: "snapshot_size"),
        advice: "answer an upper bound that is constant for the instance")
    }
    try checkSave(player, capacity: bound, bound: bound)
  }
  if bound > 0 { try checkSave(player, capacity: 0, bound: bound) }
  if bound > 1 { try checkSave(player, capacity: bound / 2, bound: bound) }
}

private func checkSave(_ player: Player, capacity: Int, bound: Int) throws {
  let buffer = SnapshotBuffer(capacity)
  var count = -1
  let status = unsafe player.instance.save(0, buffer.pointer, capacity: capacity, &count)
  var place = player.place(0)
  place.call = "save"
  place.value = "\(count) bytes"
  place.bound = "capacity \(capacity), snapshot_size \(bound)"
  if let overrun = buffer.overrun {
    throw Finding(
      "save wrote \(overrun) bytes behind its buffer", at: place,
      advice: "compare the size with `capacity` before writing, and make snapshot_size as large as "
        + "the largest snapshot")
  }
  if status == RLENV_OK {
    guard count < 0 || count > min(capacity, bound) else { return }
    throw Finding(
      "save said that it wrote more bytes than there are", at: place,
      advice: "set *bytes to what was written, which is at most snapshot_size")
  }
  guard capacity < bound, status == RLENV_E_BUFFER else {
    throw callFinding("save", status, player.instance.lastMessage, place)
  }
  guard count <= capacity || count > bound else { return }
  throw Finding(
    "save answered RLENV_E_BUFFER without the size that it needs", at: place,
    advice: "set *bytes to the needed size, at most snapshot_size, before returning RLENV_E_BUFFER",
    severity: .fail)
}

/// Skips a test where snapshots fail in simpler conditions: in the same lane, or in a new instance.
func requireContinuation(_ trial: Trial, inNewInstance: Bool = false) throws {
  let first = try savingPlayer(trial)
  let snapshot = try first.save(0)
  let usual = try recordOn(trial, first)[0]
  try first.load(0, snapshot)
  guard try recordOn(trial, first)[0] == usual else {
    throw NotJudged("a snapshot fails in its own lane: see snapshot-continue")
  }
  guard inNewInstance else { return }
  // the first one stays, so that the second lies elsewhere
  if try trial.environment().isSingleInstance { first.instance.destroy() }
  let second = try savingPlayer(trial, after: 0)
  try second.load(0, snapshot)
  guard try recordOn(trial, second)[0] == usual else {
    throw NotJudged("a snapshot fails in a new instance: see snapshot-instances")
  }
}

private func testContinuation(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let player = try savingPlayer(trial, after: 0)
  for length in [1, 2, 9, 30] {
    for _ in 0..<length { try player.tick() }
    let snapshot = try player.save(0)
    let usual = try recordOn(trial, player)[0]
    try player.load(0, snapshot)
    let other = try recordOn(trial, player)[0]
    try trial.demandEqual(
      usual, other, lane: 0, "after load the same actions gave other bits than after save",
      advice: advice)
    try player.load(0, snapshot)
  }
}

private let advice =
  "a snapshot is all of a lane: its state, its generator, counters and the AT_RESET options; "
  + "addresses do not belong in it"

private func testLanes(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try trial.requireSeveralLanes()
  try requireContinuation(trial)
  let player = try savingPlayer(trial, lanes: [0, 1, 2])
  let snapshots = try (0..<3).map { try player.save($0) }
  let usual = try recordOn(trial, player)
  for lane in 0..<3 { try player.load(lane, snapshots[lane]) }
  // lane 0 goes to lane 2; lane 1 stays as it is
  try player.load(2, snapshots[0])
  let other = try recordOn(trial, player)
  try trial.demandEqual(
    usual[0], other[2], lane: 2, "a snapshot gave other bits in another lane", advice: advice)
  try trial.demandEqual(
    usual[1], other[1], lane: 1, "load changed a lane that it was not asked to",
    advice: "write to the state of the given lane only")
}

private func testInstances(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try requireContinuation(trial)
  let first = try savingPlayer(trial)
  let snapshot = try first.save(0)
  let usual = try recordOn(trial, first)[0]
  if try trial.environment().isSingleInstance { first.instance.destroy() }
  // a lane that was never reset
  let second = try savingPlayer(trial, lanes: [0], after: 0)
  try second.load(0, snapshot)
  try trial.demandEqual(
    usual, try recordOn(trial, second)[0], lane: 0,
    "a snapshot gave other bits in a new instance", advice: advice)
}

private func testProcesses(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try requireContinuation(trial, inNewInstance: true)
  let played = try trial.traces(Trial.Course(steps: 300))[0]
  guard try ChildTask.ask(ChildTask.trace, trial) == played.prefixHashes else {
    throw NotJudged("episodes are others in another process: see processes")
  }
  let player = try savingPlayer(trial)
  let snapshot = try player.save(0)
  let usual = try recordOn(trial, player)[0]
  let here = usual.prefixHashes
  let there = try ChildTask.ask(ChildTask.resume, trial, input: snapshot.bytes)
  guard here != there else { return }
  let record = zip(here, there).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  throw Finding(
    "a snapshot gave other bits in another process",
    at: record.map { usual.place(record: $0) } ?? Place(), advice: advice)
}

extension ChildTask {
  /// The other side of `snapshot-processes`: loads what the parent saved and plays on.
  static func resumeInThisProcess(_ trial: Trial) throws {
    let player = try savingPlayer(trial)
    var snapshot = try player.save(0)
    snapshot.bytes = input
    player.instance.destroy()
    let fresh = try Player(
      Instance(trial.environment(), lanes: 1), streams: [0], seed: trial.seed)
    try fresh.load(0, snapshot)
    try recordOn(trial, fresh)[0].prefixHashes.forEach(trial.remark)
  }
}

private func testOptions(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let environment = try trial.environment()
  guard environment.description.options.contains(where: \.canChangeAtReset) else {
    throw NotJudged("no option is AT_RESET")
  }
  try requireContinuation(trial, inNewInstance: true)
  for option in environment.description.options where option.canChangeAtReset {
    for text in extremes(option) {
      let player = try savingPlayer(trial, after: 0)
      let values = try environment.values([option.key: text])
      for k in 0..<values.count { unsafe player.arena.options[k] = values.pointer[k] }
      player.givesOptions = true
      try player.tick()
      player.givesOptions = false
      guard player.lanes[0].wasReset else { continue }
      let snapshot = try player.save(0)
      let usual = try recordOn(trial, player)[0]
      let fresh = try Player(Instance(environment, lanes: 1), streams: [0], seed: trial.seed)
      try fresh.load(0, snapshot)
      try trial.demandEqual(
        usual, try recordOn(trial, fresh)[0], lane: 0,
        "after load the lane does not have \(option.key)=\(text), which it had at save",
        advice: "save and load the lane's AT_RESET values too")
    }
  }
}
