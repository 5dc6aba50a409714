internal import CRLEnv
internal import RLCore

let valueTests = [
  ConformanceTest("calls", "legal calls succeed, with random and with extreme actions", testCalls),
  ConformanceTest("finite", "observations are numbers", testFiniteness),
  ConformanceTest("observations", "observations lie in their space", testObservations),
  ConformanceTest("reward-finite", "rewards are finite, also as 32-bit floats", testRewards),
  ConformanceTest("reward-range", "rewards lie within reward_min and reward_max", testRewardRange),
  ConformanceTest("flags", "flags are known, and clear after a reset", testFlags),
  ConformanceTest("masks", "masks are 0 or 1 and leave a choice", testMasks),
  ConformanceTest("metrics", "metrics are finite or NaN, success is 0 or 1", testMetrics),
]

/// Plays random episodes in several lanes and shows every lane of every call that did not fail.
private func watch(
  _ trial: Trial, steps: Int = 2000,
  _ look: @escaping (Event, Arena, Instance) throws -> Void
) throws {
  let lanes = try trial.width(4)
  let instance = try Instance(trial.environment(), lanes: lanes)
  let steps = min(steps, trial.subject.steps)
  for edges in [false, true] {
    let player = Player(instance, streams: Array(0..<lanes), seed: trial.seed)
    player.actionEdges = edges
    player.observer = { event, arena in
      if event.flags & 4 == 0 { try look(event, arena, instance) }
    }
    for _ in 0..<trial.affordable(steps / 2, instance.spec, lanes: lanes) { try player.tick() }
  }
}

func testCalls(_ trial: Trial) throws {
  do { try watch(trial) { _, _, _ in } } catch let failure as CallFailure {
    throw failure.finding
  }
}

/// Throws what is not a number in an observation, or outside its space.
func checkNumbers(_ event: Event, _ arena: Arena, _ instance: Instance) throws {
  try checkFiniteness(event, arena, instance)
  try checkBounds(event, arena, instance)
}

private func checkFiniteness(_ event: Event, _ arena: Arena, _ instance: Instance) throws {
  for (index, leaf) in instance.spec.observation.leaves.enumerated() where leaf.element.isFloat {
    for k in 0..<leaf.elementCount {
      let value = arena.value(event.lane, leaf: index, element: k)
      if value.isFinite { continue }
      throw Finding(
        "\(leaf.title) holds \(value)", at: place(event, leaf, k, value),
        advice: "look for a division by zero, a root of a negative number or a value that grows "
          + "without end; end the episode before it comes to that")
    }
  }
}

private func checkBounds(_ event: Event, _ arena: Arena, _ instance: Instance) throws {
  for (index, leaf) in instance.spec.observation.leaves.enumerated() {
    for k in 0..<leaf.elementCount {
      let value = arena.value(event.lane, leaf: index, element: k)
      let (low, high) = leaf.bounds(k)
      if (low...high).contains(value) || !value.isFinite { continue }
      var place = place(event, leaf, k, value)
      place.bound = "\(leaf.element.text(low)) ... \(leaf.element.text(high))"
      throw Finding(
        "\(leaf.title) is outside its space", at: place,
        advice: leaf.element.isFloat
          ? "clip the value, or declare wider bounds (INFINITY where there are none)"
          : "write one of the declared values; is the row filled with another type than "
            + "\(leaf.element.rawValue)?")
    }
  }
}

private func place(_ event: Event, _ leaf: Leaf, _ element: Int, _ value: Double) -> Place {
  var place = event.place
  place.leaf = leaf.name
  place.index = leaf.shape.isEmpty ? nil : element
  place.value = leaf.element.text(value)
  return place
}

private func testFiniteness(_ trial: Trial) throws {
  try watch(trial) { event, arena, instance in
    do { try checkFiniteness(event, arena, instance) } catch let finding as Finding {
      try trial.report(finding)
    }
  }
}

private func testObservations(_ trial: Trial) throws {
  try watch(trial, steps: 10_000) { event, arena, instance in
    do { try checkBounds(event, arena, instance) } catch let finding as Finding {
      try trial.report(finding)
    }
  }
}

private func testRewards(_ trial: Trial) throws {
  try watch(trial) { event, arena, _ in
    let reward = arena.reward(event.lane)
    guard !event.isReset, !Float(reward).isFinite else { return }
    var place = event.place
    place.value = "\(reward)"
    try trial.report(
      Finding(
        "the reward is not finite as a 32-bit float", at: place,
        advice: "scale or clip it: agents compute with 32-bit floats"))
  }
}

private func testRewardRange(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  guard instance.rewardRange != nil else { throw NotJudged("no reward bounds are declared") }
  instance.destroy()
  try watch(trial) { event, arena, instance in
    let reward = arena.reward(event.lane)
    guard !event.isReset, reward.isFinite, let range = instance.rewardRange,
      !range.contains(reward)
    else { return }
    var place = event.place
    place.value = "\(reward)"
    place.bound = "\(range.lowerBound) ... \(range.upperBound)"
    try trial.report(
      Finding(
        "the reward is outside reward_min ... reward_max", at: place,
        advice: "correct the bounds in the table (0, 0 = none), or the reward"))
  }
}

private func testFlags(_ trial: Trial) throws {
  let lanes = try trial.width(4)
  let instance = try Instance(trial.environment(), lanes: lanes)
  let player = Player(instance, streams: Array(0..<lanes), seed: trial.seed)
  player.observer = { event, _ in
    let known: UInt8 = event.isReset ? 4 : 7
    guard event.flags & ~known != 0 else { return }
    var place = event.place
    place.value = "0x" + String(event.flags, radix: 16)
    try trial.report(
      Finding(
        event.isReset ? "a reset set flags" : "the flags hold a bit that rlenv.h does not know",
        at: place,
        advice: event.isReset
          ? "leave flags alone in reset (RLENV_FAULT with RLENV_E_LANE apart)"
          : "set RLENV_TERMINATED, RLENV_TRUNCATED and RLENV_FAULT only"))
  }
  player.afterCall = { arena, listed, call in
    guard let lane = listed.first(where: { arena.flag($0) & 4 != 0 }),
      instance.lastStatus == RLENV_OK
    else { return }
    throw Finding(
      "RLENV_FAULT is set and the call answered RLENV_OK", at: Place(call: "\(call)", lane: lane),
      advice: "answer RLENV_E_LANE where a lane has failed")
  }
  for _ in 0..<min(2000, trial.subject.steps) { try player.tick() }
}

private func testMasks(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  guard instance.spec.action.maskLength > 0 else {
    throw NotJudged("no action leaf is RLENV_LEAF_MASKED")
  }
  instance.destroy()
  try watch(trial) { event, arena, instance in
    if event.flags & 1 != 0 { return }
    var mask = arena.mask(event.lane)[...]
    for leaf in instance.spec.action.space.leaves {
      for (component, count) in leaf.maskedCounts.enumerated() {
        try checkComponent(mask.prefix(count), leaf, component, event, trial)
        mask = mask.dropFirst(count)
      }
    }
  }
}

private func checkComponent(
  _ mask: ArraySlice<UInt8>, _ leaf: Leaf, _ component: Int, _ event: Event, _ trial: Trial
) throws {
  var place = event.place
  place.leaf = leaf.name
  place.index = component
  place.value = mask.prefix(32).map { String($0) }.joined(separator: " ")
  if mask.contains(where: { $0 > 1 }) {
    try trial.report(
      Finding("a mask holds more than 0 and 1", at: place, advice: "write 1 for allowed, 0 for not")
    )
  } else if !mask.contains(1) {
    try trial.report(
      Finding(
        "a mask allows nothing", at: place,
        advice: "leave something to choose, or end the episode with RLENV_TERMINATED"))
  }
}

private func testMetrics(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  let names = instance.spec.metrics.map(\.name)
  guard !names.isEmpty else { throw NotJudged("the environment has no metrics") }
  instance.destroy()
  try watch(trial) { event, arena, _ in
    for (index, name) in names.enumerated() {
      let value = arena.metric(event.lane, index)
      let isOdd = name == "success" && event.isLast && !value.isNaN && value != 0 && value != 1
      guard value.isInfinite || isOdd else { continue }
      var place = event.place
      place.leaf = name
      place.value = "\(value)"
      try trial.report(
        Finding(
          isOdd ? "the metric success is neither 0 nor 1" : "a metric is infinite", at: place,
          advice: isOdd
            ? "the name is reserved: write 0 or 1 at the end, or choose another name"
            : "write a finite number, or nothing"))
    }
  }
}
