internal import CEnvironmentSupport
internal import CRLEnv
internal import Glibc
internal import RLCore

let robustnessTests = [
  ConformanceTest(
    "step-before-reset", "a step before the reset is survived", crashHint: orderHint,
    testStepBeforeReset),
  ConformanceTest(
    "step-finished-lane", "a step of an ended lane is survived", crashHint: orderHint,
    testFinishedLane),
  ConformanceTest(
    "unseeded-first", "a first reset without a seed is survived", crashHint: orderHint,
    testUnseededFirst),
  ConformanceTest(
    "zero-lanes", "no lanes are refused",
    crashHint: "answer RLENV_E_ARG where lanes is 0", testZeroLanes),
  ConformanceTest("destroy-early", "destroy takes an instance in any state", testDestroy),
  ConformanceTest("create-destroy", "instances and episodes leave no memory behind", testCycles),
]

private let orderHint =
  "no host should make this call, but one may by mistake: keep a phase for each lane and answer "
  + "RLENV_E_STATE (rlenv_simple.h does)"

/// A call that no host should make: any listed status will do, a crash will not.
private func survive(_ call: Progress.Call, _ player: Player) throws {
  player.arena.preset([0])
  let space = player.instance.spec.action.space
  var draws = RandomStream(seed: 1)
  player.arena.chooseAction(0, space, from: &draws)
  let batch = unsafe player.arena.batch([0], isReset: call == .reset, isSeeded: false)
  let status = unsafe player.instance.call(call, batch, step: player.lanes[0].step + 1)
  guard isListed(status) else {
    throw Finding(
      "the answer was \(statusName(status))", at: Place(call: "\(call)", lane: 0),
      advice: "answer RLENV_E_STATE for calls in the wrong order")
  }
  player.instance.destroy()
}

private func testStepBeforeReset(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  try survive(.step, Player(instance, streams: [0], seed: trial.seed))
}

private func testFinishedLane(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  let player = Player(instance, streams: [0], seed: trial.seed)
  try player.tick()
  for _ in 0..<trial.subject.steps where !player.lanes[0].needsReset { try player.tick() }
  guard player.lanes[0].needsReset else { throw NotJudged("no episode ended") }
  try survive(.step, player)
}

private func testUnseededFirst(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  try survive(.reset, Player(instance, streams: [0], seed: trial.seed))
}

private func testZeroLanes(_ trial: Trial) throws {
  let environment = try trial.environment()
  let error = unsafe makeError()
  defer { unsafe error.deallocate() }
  let values = try environment.values()
  let (status, handle) = unsafe Instance.create(environment, values, lanes: 0, error)
  if let handle = unsafe handle, status == RLENV_OK {
    trial.progress.enter(.destroy)
    unsafe environment.table.destroy(handle)
    trial.progress.leave()
  }
  guard isListed(status) else {
    throw Finding(
      "create answered \(statusName(status)) for no lanes", at: Place(call: "create"),
      advice: "answer RLENV_E_ARG")
  }
}

private func testDestroy(_ trial: Trial) throws {
  let environment = try trial.environment()
  let lanes = try trial.width(3)
  for state in 0..<4 {
    let instance = try Instance(environment, lanes: lanes)
    let player = Player(instance, streams: Array(0..<lanes), seed: trial.seed)
    if state == 1 { try player.reset([lanes - 1]) }
    if state >= 2 { for _ in 0..<5 { try player.tick() } }
    if state == 3 {
      for _ in 0..<500 where !player.lanes[0].needsReset { try player.tick() }
    }
    instance.destroy()
  }
}

/// Memory that a hundred instances, and then ten thousand steps, leave behind.
private func testCycles(_ trial: Trial) throws {
  let environment = try trial.environment()
  let one = try Instance(environment, lanes: 1)
  let arena = one.arena()
  let spec = one.spec
  one.destroy()
  func cycle() throws {
    let instance = try Instance(environment, lanes: 1)
    let player = Player(instance, streams: [0], seed: trial.seed)
    for _ in 0..<3 { try player.tick() }
    instance.destroy()
  }
  _ = arena
  let rounds = 100
  let growth = try leftBehind(rounds) { try cycle() }
  if growth >= 8 * rounds {
    throw Finding(
      "\(rounds) instances left \(growth) bytes behind, \(growth / rounds) each",
      at: Place(call: "destroy", value: "\(growth) bytes"),
      advice: "free in destroy whatever create, reset and step have allocated; valgrind "
        + "--leak-check=full rlenv-run PLUGIN shows where it was allocated")
  }
  let player = Player(
    try Instance(environment, lanes: 1), streams: [0], seed: trial.seed)
  let steps = trial.affordable(min(1000, trial.subject.steps), spec)
  let stepGrowth = try leftBehind(steps) { try player.tick() }
  if stepGrowth >= 8 * steps {
    throw Finding(
      "\(steps) steps left \(stepGrowth) bytes behind", at: Place(call: "step"),
      advice: "allocate in create, or free in step what it has allocated")
  }
}

/// The least growth of the heap in three times `rounds` rounds, after one to warm up.
private func leftBehind(_ rounds: Int, _ body: () throws -> Void) rethrows -> Int {
  var least = Int.max
  for turn in 0..<4 {
    let before = heapBytes()
    for _ in 0..<rounds { try body() }
    if turn > 0 { least = min(least, heapBytes() - before) }
  }
  return least
}

private func heapBytes() -> Int {
  Int(cenvironment_heap_bytes())
}
