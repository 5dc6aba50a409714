internal import CRLEnv
internal import RLCore
internal import RLEnvironments

let optionTests = [
  ConformanceTest("option-extremes", "every value that an option declares works", testExtremes),
  ConformanceTest("option-array", "the array of option values is not kept", testArray),
  ConformanceTest("options-at-reset", "options given at a reset count, and stay", testAtReset),
  ConformanceTest("bad-path", "a path that leads nowhere is refused, or unused", testBadPath),
]

/// Values at the edges of what an option declares.
func extremes(_ option: OptionSpec) -> [String] {
  switch option.kind {
  case .bool: return ["false", "true"]
  case .choice: return Array(option.choices.prefix(16))
  case .int:
    guard let low = option.minimum, let high = option.maximum else { return ["0", "1", "-1"] }
    return [low.rounded(.up), high.rounded(.down)].compactMap { Int64(exactly: $0) }
      .map { String($0) }
  case .float:
    guard let low = option.minimum, let high = option.maximum else { return ["0", "1", "-1"] }
    return ["\(low)", "\(high)"]
  case .string, .path: return []
  }
}

private func testExtremes(_ trial: Trial) throws {
  let environment = try trial.environment()
  guard !environment.description.options.isEmpty else {
    throw NotJudged("the environment has no options")
  }
  for option in environment.description.options {
    for text in extremes(option) { try tryOut(option.key, text, trial) }
  }
}

private func tryOut(_ key: String, _ text: String, _ trial: Trial) throws {
  let environment = try trial.environment()
  let values = try environment.values([key: text])
  let error = unsafe makeError()
  defer { unsafe error.deallocate() }
  let (status, handle) = unsafe Instance.create(environment, values, lanes: 1, error)
  if let handle = unsafe handle, status == RLENV_OK {
    trial.progress.enter(.destroy)
    unsafe environment.table.destroy(handle)
    trial.progress.leave()
  }
  // a combination that cannot be used is the environment's to refuse
  let refusals = [RLENV_E_OPTION, RLENV_E_NOMEM, RLENV_E_IO]
  if refusals.contains(Int(status)) {
    return trial.remark("\(key)=\(text) is refused: \(unsafe message(error))")
  }
  do { try play(key, text, trial) } catch let failure as CreationFailure {
    try trial.report(failure.finding)
  } catch let finding as Finding {
    do { try play(nil, "", trial) } catch is Finding {
      throw NotJudged("it fails with the usual options too: see the other tests")
    }
    try trial.report(
      Finding(
        "with \(key)=\(text): \(finding.problem)", at: finding.place,
        advice: "make the value work, or narrow what the option declares, or answer "
          + "RLENV_E_OPTION in create"))
  }
}

/// Plays an episode or more with one option changed.
private func play(_ key: String?, _ text: String, _ trial: Trial) throws {
  let changes = key.map { [$0: text] } ?? [:]
  let instance = try Instance(trial.environment(), lanes: 1, changes: changes)
  let player = Player(instance, streams: [0], seed: trial.seed)
  try player.reset([0])
  // the first episode cannot begin: refused as well
  if instance.lastStatus == RLENV_E_LANE, !instance.lastMessage.isEmpty, let key {
    return trial.remark("\(key)=\(text) is refused at reset: \(instance.lastMessage)")
  }
  player.observer = { event, arena in
    if event.flags & 4 == 0 { try checkNumbers(event, arena, instance) }
  }
  do {
    for _ in 0..<trial.affordable(200, instance.spec) { try player.tick() }
  } catch let failure as CallFailure { throw failure.finding }
}

/// Plays with the array of values as it was, and overwritten behind create.
private func testArray(_ trial: Trial) throws {
  try trial.requireDeterminism()
  guard try !trial.environment().description.options.isEmpty else {
    throw NotJudged("the environment has no options")
  }
  let course = Trial.Course(steps: 200)
  let usual = try trial.traces(course)
  var other = course
  other.prepare = { $0.instance.options.poison() }
  try trial.demandEqual(
    usual[0], trial.traces(other)[0],
    "the results changed when the array given to create was overwritten afterwards",
    advice: "copy the values in create: the array belongs to the host (the strings stay)")
}

private func testAtReset(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let environment = try trial.environment()
  let options = environment.description.options.filter(\.canChangeAtReset)
  guard !options.isEmpty else { throw NotJudged("no option is AT_RESET") }
  for option in options {
    let usual = environment.texts()[
      environment.description.options.firstIndex { $0.key == option.key }!]
    for text in extremes(option) where text != usual {
      try compare(option.key, text, trial)
    }
  }
}

/// An episode with an option from create, and one with the same value from the reset.
private func compare(_ key: String, _ text: String, _ trial: Trial) throws {
  let environment = try trial.environment()
  let course = Trial.Course(steps: 150, changes: [key: text])
  guard let fromCreate = try? trial.traces(course)[0] else { return }
  let values = try environment.values([key: text])
  var calls = 0
  let atReset = Trial.Course(
    steps: 150,
    prepare: { player in
      for k in 0..<values.count { unsafe player.arena.options[k] = values.pointer[k] }
      player.givesOptions = true
      // given once: they hold until changed
      player.afterCall = { _, _, _ in
        calls += 1
        player.givesOptions = false
      }
    })
  let fromReset = try trial.traces(atReset)[0]
  do {
    try trial.demandEqual(
      fromCreate, fromReset,
      "\(key)=\(text) given at the first reset does not give the episodes that it gives at create",
      advice: "keep each lane's AT_RESET values, use them in reset and step, and change them only "
        + "when batch->options is not NULL")
  } catch let finding as Finding { try trial.report(finding) }
}

private func testBadPath(_ trial: Trial) throws {
  let environment = try trial.environment()
  let paths = environment.description.options.filter { $0.kind == .path }
  guard !paths.isEmpty else { throw NotJudged("no option is a PATH") }
  for option in paths {
    for text in ["/no/such/file", "/dev/null", "/", ""] {
      let values = try environment.values([option.key: text])
      let error = unsafe makeError()
      defer { unsafe error.deallocate() }
      let (status, handle) = unsafe Instance.create(environment, values, lanes: 1, error)
      if let handle = unsafe handle, status == RLENV_OK {
        trial.progress.enter(.destroy)
        unsafe environment.table.destroy(handle)
        trial.progress.leave()
      } else if !isListed(status) || Int(status) < RLENV_E_LANE {
        try trial.report(
          Finding(
            "create answered \(statusName(status)) for \(option.key)=\"\(text)\"",
            at: Place(call: "create", value: text),
            advice: "answer RLENV_E_IO, with the path and the reason in error->message"))
      }
    }
  }
}
