internal import CRLEnv
internal import Glibc
internal import RLCore

let memoryTests = [
  ConformanceTest("unwritten-bytes", "every byte of an observation is written", testUnwritten),
  ConformanceTest("guard-zones", "nothing is written beside the rows", testZones),
  ConformanceTest(
    "guard-pages", "nothing is read or written beyond the buffers",
    crashHint: "a row was read or written beyond its end (or before its begin): compare the "
      + "loop's end with the declared shape", testPages),
  ConformanceTest("alignment", "rows may start at any element", testAlignment),
  ConformanceTest("unlisted-lanes", "rows of unlisted lanes stay as they are", testUnlisted),
  ConformanceTest("inputs", "actions, seeds and options are only read", testInputs),
  ConformanceTest("buffers-move", "addresses of buffers are not kept", testMoving),
]

private func testUnwritten(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let lanes = Array(0..<(try trial.width(2)))
  func traces(_ byte: UInt8) throws -> [Trace] {
    try trial.traces(Trial.Course(streams: lanes, steps: 1000, prepare: { $0.fill = byte }))
  }
  let (zeros, others) = (try traces(0), try traces(0xA5))
  for lane in lanes {
    try trial.demandEqual(
      zeros[lane], others[lane], lane: lane,
      "an observation holds what was in the row before the call",
      advice: "write every element in every reset and step, also in the call that ends the episode")
  }
}

private func testZones(_ trial: Trial) throws {
  let lanes = try trial.width(5)
  let instance = try Instance(trial.environment(), lanes: lanes)
  for layout in [RowLayout(), RowLayout(gap: 1), RowLayout(gap: 7)] {
    let player = Player(
      instance, streams: Array(0..<lanes), seed: trial.seed, layout: layout)
    player.afterCall = { arena, listed, call in
      for (name, rows) in arena.outputs + arena.inputs {
        guard let (lane, offset) = rows.firstDamage() else { continue }
        throw damage(name, rows, lane, offset, call)
      }
    }
    for _ in 0..<trial.affordable(min(300, trial.subject.steps), instance.spec) {
      try player.tick()
    }
  }
}

private func damage(
  _ name: String, _ rows: Rows, _ lane: Int, _ offset: Int, _ call: Progress.Call
) -> Finding {
  let side = offset < 0 ? "\(-offset) bytes before" : "\(offset - rows.rowBytes) bytes behind"
  return Finding(
    "a byte \(side) the row of \(name) was overwritten",
    at: Place(
      call: "\(call)", lane: lane, leaf: name, bound: "the row has \(rows.rowBytes) bytes"),
    advice: "compare the loop's end with the declared shape, and use the row's stride to find a "
      + "lane's row: rlenv_row(&b->obs[k], lane)")
}

private func testPages(_ trial: Trial) throws {
  let lanes = try trial.width(3)
  let instance = try Instance(trial.environment(), lanes: lanes)
  for edge in [RowLayout.Edge.pageBehind, .pageBefore] {
    let player = Player(
      instance, streams: Array(0..<lanes), seed: trial.seed, layout: RowLayout(gap: 0, edge: edge))
    for _ in 0..<trial.affordable(min(300, trial.subject.steps), instance.spec) {
      try player.tick()
    }
  }
}

private func testAlignment(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let lanes = Array(0..<(try trial.width(3)))
  let usual = try trial.traces(Trial.Course(streams: lanes, steps: 200))
  let layouts = [
    RowLayout(offset: 1, gap: 0), RowLayout(offset: 1, gap: 1), RowLayout(offset: 3, gap: 3),
    RowLayout(offset: 4, gap: 5), RowLayout(offset: 8, gap: 2),
  ]
  for layout in layouts {
    let other = try trial.traces(Trial.Course(streams: lanes, steps: 200, layout: layout))
    for lane in lanes {
      try trial.demandEqual(
        usual[lane], other[lane], lane: lane,
        "the results changed with rows that are aligned to their element alone",
        advice: "do not round addresses, and use loads and stores that need no alignment")
    }
  }
}

private func testUnlisted(_ trial: Trial) throws {
  try trial.requireSeveralLanes()
  let count = 6
  let instance = try Instance(trial.environment(), lanes: count)
  let player = Player(instance, streams: Array(0..<count), seed: trial.seed)
  var before: [[UInt8]] = []
  player.beforeCall = { before = player.arena.outputs.map(\.rows.allBytes) }
  player.afterCall = { arena, listed, call in
    for (block, old) in zip(arena.outputs, before) {
      let bytes = block.rows.rowBytes
      for lane in 0..<count where !listed.contains(lane) {
        guard block.rows.bytes(lane) != Array(old[lane * bytes..<(lane + 1) * bytes]) else {
          continue
        }
        throw Finding(
          "\(block.name) of a lane that is not listed was written",
          at: Place(
            call: "\(call)", lane: lane, leaf: block.name,
            bound: "listed: \(listed.map { String($0) }.joined(separator: " "))"),
          advice: "go through b->lanes with rlenv_lane_at(b, k) for k below b->count, and touch no "
            + "other lane")
      }
    }
  }
  var draws = RandomStream(seed: trial.seed, purpose: "subsets")
  try player.reset(Array(0..<count))
  for _ in 0..<trial.affordable(min(400, trial.subject.steps), instance.spec) {
    try player.tick((0..<count).filter { _ in draws.index(below: 3) == 0 })
  }
}

private func testInputs(_ trial: Trial) throws {
  let lanes = try trial.width(4)
  let instance = try Instance(trial.environment(), lanes: lanes)
  let player = Player(instance, streams: Array(0..<lanes), seed: trial.seed)
  player.isExplicit = true
  player.givesOptions = true
  let optionCount = instance.options.count
  for lane in 0..<lanes {
    for k in 0..<optionCount {
      unsafe player.arena.options[lane * optionCount + k] = instance.options.pointer[k]
    }
  }
  func inputs() -> [(String, [UInt8])] {
    let arena = player.arena
    let fixed: [(String, [UInt8])] =
      unsafe [
        ("the seeds", bytes(arena.seeds, lanes)),
        ("the options", bytes(arena.options, lanes * optionCount)),
        ("the options of create", bytes(instance.options.pointer, optionCount)),
      ]
    return arena.inputs.map { ($0.name, $0.rows.allBytes) } + fixed
  }
  var before: [(String, [UInt8])] = []
  player.beforeCall = { before = inputs() }
  player.afterCall = { _, listed, call in
    for (old, new) in zip(before, inputs()) where old.1 != new.1 {
      throw Finding(
        "\(old.0) was written to", at: Place(call: "\(call)", leaf: old.0),
        advice: "read it through a const pointer, and copy what you want to change (such as an "
          + "action to be clipped)")
    }
  }
  for _ in 0..<min(300, trial.subject.steps) { try player.tick() }
}

private func bytes<Value>(_ pointer: UnsafePointer<Value>, _ count: Int) -> [UInt8] {
  unsafe Array(UnsafeRawBufferPointer(UnsafeBufferPointer(start: pointer, count: count)))
}

private func bytes<Value>(_ pointer: UnsafeMutablePointer<Value>, _ count: Int) -> [UInt8] {
  unsafe bytes(UnsafePointer(pointer), count)
}

private func testMoving(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let lanes = Array(0..<(try trial.width(2)))
  let course = Trial.Course(streams: lanes, steps: 150)
  var moving = course
  moving.prepare = { $0.usesNewArenas = true }
  let (usual, other) = (try trial.traces(course), try trial.traces(moving))
  for lane in lanes {
    try trial.demandEqual(
      usual[lane], other[lane], lane: lane,
      "the results changed when each call brought buffers at other addresses",
      advice:
        "take every address from the batch of the call; keep none of them, and keep the state "
        + "in memory of your own, not in the rows")
  }
}
