internal import CRLEnv
internal import RLCore
internal import RLEnvironments

let tableTests = [
  ConformanceTest("tables", "the environment's tables are sound", testTables),
  ConformanceTest("create", "an instance can be made with the given options", testCreation),
  ConformanceTest("describe", "describe gives the same answer each time", testDescribe),
  ConformanceTest("tables-constant", "tables do not change while the plugin runs", testConstancy),
]

private func testTables(_ trial: Trial) throws {
  trial.progress.enter(.loading)
  let plugin = try? EnvironmentPlugin(path: trial.subject.path)
  trial.progress.leave()
  guard let plugin else { throw NotJudged("the library is refused: see load") }
  do { _ = try plugin.environment(trial.subject.environment) } catch {
    throw Finding(
      Trial.reason(error), advice: "correct the table; the macros of rlenv.h fill every field")
  }
}

private func testCreation(_ trial: Trial) throws {
  let environment = try trial.environment()
  let instance: Instance
  do { instance = try Instance(environment, lanes: 1) } catch let failure as CreationFailure {
    throw failure.finding
  }
  trial.remark("observation \(instance.spec.observation), action \(instance.spec.action.space)")
}

private func testDescribe(_ trial: Trial) throws {
  let environment = try trial.environment()
  guard unsafe environment.table.describe != nil else {
    throw NotJudged("the environment has no describe")
  }
  let instance = try Instance(environment, lanes: 1)
  let player = Player(instance, streams: [0], seed: trial.seed)
  for _ in 0..<3 {
    try player.tick()
    let answer = try unsafe instance.describeAgain()
    guard let spec = try? unsafe environment.description.checkedSpec(answer), spec == instance.spec
    else {
      throw Finding(
        "describe gave another answer than before", at: Place(call: "describe"),
        advice: "let it depend on the options of create alone")
    }
    try unsafe checkFlags(answer.flags, environment.table.flags)
  }
}

/// Of the flags only two may be changed by describe.
private func checkFlags(_ described: UInt32, _ declared: UInt32) throws {
  let free = UInt32(RLENV_ENV_NONDETERMINISTIC | RLENV_ENV_HAS_THRESHOLD)
  guard (described ^ declared) & ~free == 0 else {
    throw Finding(
      "describe changed flags that it may not change",
      at: Place(
        call: "describe", value: "0x" + String(described, radix: 16),
        bound: "0x" + String(declared, radix: 16)),
      advice: "only NONDETERMINISTIC and HAS_THRESHOLD may differ from the table")
  }
}

private func testConstancy(_ trial: Trial) throws {
  let environment = try trial.environment()
  let before = unsafe tableBytes(environment.description.row)
  _ = try trial.traces(Trial.Course(steps: 100))
  let after = unsafe tableBytes(environment.description.row)
  guard before != after else { return }
  throw Finding(
    "the environment's row or its lists changed after they had been read",
    advice: "tables are constant until deinit: what depends on options belongs in describe "
      + "(u->about in rlenv_simple.h)")
}

/// The row, and the elements of its lists.
private func tableBytes(_ row: UnsafePointer<rlenv_env>) -> [UInt8] {
  var env = unsafe row.pointee
  var bytes = unsafe withUnsafeBytes(of: &env) { unsafe Array($0.prefix(Int(RLENV_SIZE_1_0_ENV))) }
  let lists = unsafe [env.options, env.obs, env.act, env.metrics]
  for k in 0..<4 {
    let list = unsafe lists[k]
    guard let data = unsafe list.data, unsafe list.count > 0 else { continue }
    unsafe bytes += UnsafeRawBufferPointer(start: data, count: Int(list.count * list.stride))
  }
  return bytes
}
