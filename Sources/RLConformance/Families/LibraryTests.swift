internal import CEnvironmentSupport
internal import CRLEnv
internal import Glibc
internal import RLEnvironments

let libraryTests = [
  ConformanceTest("load", "the file is a plugin of ABI 1", isOfLibrary: true, testLoading),
  ConformanceTest(
    "scan-time", "loading computes for less than 100 ms", isOfLibrary: true, testScanTime),
  ConformanceTest(
    "dependencies", "it names every library that it uses", isOfLibrary: true, testDependencies),
  ConformanceTest(
    "init-again", "init can be called twice, and again after deinit", isOfLibrary: true,
    testInitAgain),
  ConformanceTest("unknown-id", "find answers NULL for an unknown id", isOfLibrary: true, testFind),
]

/// The library as the host takes it: symbol, magic, version, tables, ids, init.
private func testLoading(_ trial: Trial) throws {
  trial.progress.enter(.loading)
  do {
    let plugin = try EnvironmentPlugin(path: trial.subject.path)
    trial.remark("\(plugin.id) \(plugin.version), ABI \(plugin.abi)")
  } catch {
    throw Finding(Trial.reason(error), advice: "no host can use the library before this is mended")
  }
}

private func testScanTime(_ trial: Trial) throws {
  trial.progress.enter(.loading)
  let start = processorTime()
  _ = try? EnvironmentPlugin(path: trial.subject.path)
  let milliseconds = (processorTime() - start) * 1000
  if milliseconds > 100 {
    throw Finding(
      "loading computed for \(Int(milliseconds)) ms; hosts load libraries to list them",
      advice: "move the work from constructors and init to create", severity: .warn)
  }
}

/// Seconds that this process has computed.
private func processorTime() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Loads the library where nothing is but what it names itself, as a small host would.
private func testDependencies(_ trial: Trial) throws {
  let path = trial.subject.path
  let place = path.contains("/") ? path : "./" + path
  trial.progress.enter(.loading)
  let library = unsafe cenvironment_load_apart(place)
  trial.progress.leave()
  guard unsafe library == nil, let words = unsafe dlerror() else { return }
  let text = unsafe String(cString: words)
  guard text.contains("undefined symbol") else {
    throw NotJudged("the library cannot be loaded a second time: \(text)")
  }
  throw Finding(
    "it uses a function of a library that it does not name: \(text)",
    advice: "name that library when linking, such as -lm at the end of the command: this host "
      + "happens to have it, another may not", severity: .warn)
}

private func testInitAgain(_ trial: Trial) throws {
  trial.progress.enter(.loading)
  let plugin = try EnvironmentPlugin(path: trial.subject.path)
  trial.progress.leave()
  guard let description = plugin.environments.first else {
    throw NotJudged("no environment is listed")
  }
  let table = unsafe description.pluginTable
  guard let initialise = unsafe table.`init` else {
    throw NotJudged("the plugin has no init")
  }
  func again() throws {
    let error = unsafe makeError()
    defer { unsafe error.deallocate() }
    trial.progress.enter(.loading)
    let status = unsafe initialise(description.host, error)
    trial.progress.leave()
    guard status != RLENV_OK else { return }
    throw unsafe Finding(
      "a further init failed with \(statusName(status)): \(message(error))",
      at: Place(call: "init"),
      advice: "count the calls of init; the last deinit cleans up, and init may follow")
  }
  func end() {
    trial.progress.enter(.deinitialise)
    unsafe table.`deinit`?()
    trial.progress.leave()
  }
  try again()
  end()
  try tryOut(plugin, description, trial, "after a second init and one deinit")
  end()
  try again()
  try tryOut(plugin, description, trial, "after init, deinit and init")
}

private func tryOut(
  _ plugin: EnvironmentPlugin, _ description: EnvironmentDescription, _ trial: Trial,
  _ moment: String
) throws {
  let given = trial.subject.environment == description.id ? trial.subject.options : [:]
  guard description.options.allSatisfy({ $0.defaultText != nil || given[$0.key] != nil }) else {
    return
  }
  let environment = EnvironmentUnderTest(plugin, description, given: given, trial.progress)
  do {
    let player = Player(try Instance(environment, lanes: 1), streams: [0], seed: trial.seed)
    try player.tick()
  } catch let failure as CreationFailure {
    let finding = failure.finding
    throw Finding(
      "\(moment): \(finding.problem)", at: finding.place,
      advice: "count the calls of init, and let only the last deinit clean up")
  }
}

private func testFind(_ trial: Trial) throws {
  trial.progress.enter(.loading)
  let plugin = try EnvironmentPlugin(path: trial.subject.path)
  trial.progress.leave()
  guard let known = trial.subject.environment ?? plugin.environments.first?.id,
    let description = try? plugin.environment(known)
  else { throw NotJudged("no environment is listed") }
  let table = unsafe description.pluginTable
  guard let find = unsafe table.find else { throw NotJudged("the plugin has no find") }
  for id in ["\(known)x", "\(known) ", "", "no/Such-v0", String(repeating: "a", count: 300)] {
    let error = unsafe makeError()
    trial.progress.enter(.find)
    let answer = unsafe find(id, error)
    trial.progress.leave()
    unsafe error.deallocate()
    if unsafe answer != nil {
      try trial.report(
        Finding(
          "find made an environment of the id \"\(id)\"", at: Place(call: "find", value: id),
          advice: "compare the whole id, and answer NULL for what you do not know"))
    }
  }
}
