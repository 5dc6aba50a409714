internal import Glibc
internal import RLCore

let invarianceTests = [
  ConformanceTest("lane-count", "results do not depend on the number of lanes", testCount),
  ConformanceTest("lane-index", "results do not depend on the lane's index", testIndex),
  ConformanceTest("lane-subset", "results do not depend on which lanes are listed", testSubset),
  ConformanceTest("instances", "instances side by side do not disturb each other", testInstances),
  ConformanceTest("threads", "results do not depend on the thread", testThreads),
  ConformanceTest("processes", "results do not depend on the process", testProcesses),
  ConformanceTest("time", "results do not depend on the time", testTime),
  ConformanceTest("rand", "the C library's generator is not used", testRand),
]

private let steps = 300

private func testCount(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try trial.requireSeveralLanes()
  func lanes(_ count: Int) throws -> [Trace] {
    try trial.traces(Trial.Course(streams: Array(0..<count), steps: steps))
  }
  let (one, three, many) = (try lanes(1), try lanes(3), try lanes(trial.isSlow ? 8 : 64))
  for (few, more) in [(one, three), (three, many)] {
    for (lane, trace) in few.enumerated() {
      try trial.demandEqual(
        trace, more[lane], lane: lane,
        "a lane has other results among \(few.count) lanes than among \(more.count)",
        advice: "keep all state in the lane, the generator included; share only constants")
    }
  }
}

private func testIndex(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try trial.requireSeveralLanes()
  func lanes(_ streams: [Int]) throws -> [Trace] {
    try trial.traces(Trial.Course(streams: streams, steps: steps))
  }
  let usual = try lanes([0, 1, 2, 3])
  let reversed = try lanes([3, 2, 1, 0])
  for lane in 0..<4 {
    try trial.demandEqual(
      usual[lane], reversed[3 - lane], lane: lane,
      "the same episodes have other results in lane \(3 - lane) than in lane \(lane)",
      advice: "do not mix the lane's number into its generator or its state")
  }
}

private func testSubset(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try trial.requireSeveralLanes()
  let usual = Trial.Course(streams: Array(0..<6), steps: steps)
  var ragged = usual
  ragged.isRagged = true
  ragged.prepare = { $0.isExplicit = true }
  let (all, some) = (try trial.traces(usual), try trial.traces(ragged))
  for lane in 0..<6 {
    try trial.demandEqual(
      all[lane], some[lane], lane: lane,
      "a lane has other results when calls list only some of the lanes",
      advice: "count time and draw numbers in each lane, not in each call; find a lane's rows by "
        + "its number, not by its position in b->lanes")
  }
}

private func testInstances(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try trial.requireSeveralInstances()
  let environment = try trial.environment()
  func alone(_ stream: Int) throws -> Trace {
    try trial.traces(Trial.Course(streams: [stream], steps: steps))[0]
  }
  let apart = [try alone(0), try alone(1)]
  let players = try (0..<2).map {
    Player(try Instance(environment, lanes: 1), streams: [$0], seed: trial.seed)
  }
  var traces = players.map { Trace(RecordLayout($0.instance.spec)) }
  for (k, player) in players.enumerated() {
    player.observer = { event, arena in traces[k].append(event, arena) }
  }
  for _ in 0..<trial.affordable(steps, players[0].instance.spec) {
    for player in players { try player.tick() }
  }
  for k in 0..<2 {
    try trial.demandEqual(
      apart[k], traces[k], lane: 0, "two instances that take turns have other results than alone",
      advice: "keep no state in static or global variables: it belongs in the instance; otherwise "
        + "declare RLENV_ENV_SINGLE_INSTANCE")
  }
}

private func testThreads(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let course = Trial.Course(steps: steps)
  let usual = try trial.traces(course)[0]
  let advice =
    "keep no thread-local state, and lock what instances share: any thread may call, different "
    + "instances at the same time"
  let moving = Player(
    try Instance(trial.environment(), lanes: 1), streams: [0], seed: trial.seed)
  var trace = Trace(usual.layout)
  moving.observer = { event, arena in trace.append(event, arena) }
  for _ in 0..<trial.affordable(steps, moving.instance.spec) {
    try onThreads([{ try moving.tick() }])
  }
  moving.observer = nil
  try trial.demandEqual(
    usual, trace, lane: 0, "the results changed when each call came from another thread",
    advice: advice)
  try onThreads([{ moving.instance.destroy() }])
  try testConcurrency(trial, usual, advice)
}

/// Two instances at the same time, each on a thread of its own.
private func testConcurrency(_ trial: Trial, _ usual: Trace, _ advice: String) throws {
  let environment = try trial.environment()
  if environment.isSingleInstance { return }
  let results = ThreadResults()
  for _ in 0..<3 {
    let players = try (0..<2).map { _ in
      Player(try Instance(environment, lanes: 1), streams: [0], seed: trial.seed)
    }
    func play(_ k: Int) throws -> Trace {
      try trial.record(players[k], Trial.Course(steps: steps))[0]
    }
    try onThreads([{ results.first = try play(0) }, { results.second = try play(1) }])
    for trace in [results.first, results.second].compactMap({ $0 }) {
      try trial.demandEqual(
        usual, trace, lane: 0, "the results changed while another thread ran another instance",
        advice: advice)
    }
  }
}

/// What two threads leave for a third.
private final class ThreadResults {
  var first: Trace?
  var second: Trace?
}

private func testProcesses(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let usual = try trial.traces(Trial.Course(steps: steps))[0]
  let there = try ChildTask.ask(ChildTask.trace, trial)
  let here = usual.prefixHashes
  guard there != here else { return }
  try trial.requireRepeatability()
  let record = zip(here, there).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  throw Finding(
    "the same seed and actions gave other bits in another process",
    at: record.map { usual.place(record: $0) } ?? Place(),
    advice: "look for addresses, process numbers, hashes that are seeded anew or variables of the "
      + "environment among the values")
}

extension ChildTask {
  /// The other side of `processes`: remarks are hashes of what it played.
  static func traceInThisProcess(_ trial: Trial) throws {
    try trial.traces(Trial.Course(steps: steps))[0].prefixHashes.forEach(trial.remark)
  }
}

private func testTime(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let course = Trial.Course(steps: steps)
  let usual = try trial.traces(course)[0]
  usleep(1_100_000)
  try trial.demandEqual(
    usual, try trial.traces(course)[0],
    "the same seed and actions gave other bits a second later",
    advice: "do not read a clock: count steps instead")
}

/// Disturbs the generator of the C library before each call, and looks whether the plugin does.
private func testRand(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let course = Trial.Course(steps: steps)
  let usual = try trial.traces(course)[0]
  var disturbed = course
  var calls: UInt32 = 0
  disturbed.prepare = { player in
    player.beforeCall = {
      calls += 1
      srand(calls)
      srand48(Int(calls))
    }
  }
  try trial.demandEqual(
    usual, try trial.traces(disturbed)[0],
    "the results changed when the host called srand between calls",
    advice: "draw from the lane's own generator, never from rand, random or drand48")
}
