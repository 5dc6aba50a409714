import RLCore
import RLWrappers
import Testing

@Suite struct FrozenWrapperTests {
  private static let space = ScriptedEnvironment(lanes: 1).spec.observation

  /// Of a short training with every wrapper.
  private func trained() throws -> WrapperState {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 2, limit: 9),
      wrappers([
        "normalize": .bool(true), "frameStack": .integer(2), "timeAware": .bool(true),
        "actionRepeat": .integer(2), "stickyActions": .number(0.25), "clipReward": .integer(5),
        "rewardScale": .number(0.5), "gamma": .number(0.9), "epsilon": .number(1e-6),
      ]), source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    for _ in 0..<30 {
      try environment.step(&batch)
      try environment.advance(&batch)
    }
    return try savedState(environment)
  }

  @Test func whatIsSavedIsPutBackInForce() throws {
    let state = try trained()
    let frozen = try FrozenWrappers(state, observation: Self.space)
    var environment = frozen.wrap(ScriptedEnvironment(lanes: 2), evaluationSeed: 1)
    // all of it but what rewards need
    let again = try savedState(environment)
    #expect(again.settings == state.settings)
    for name in ["observation.mean", "observation.variance", "observation.count"] {
      #expect(again.statistics[name] == state.statistics[name])
    }
    // frozen: playing changes nothing
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    for _ in 0..<10 {
      try environment.step(&batch)
      try environment.advance(&batch)
    }
    #expect(environment.wrapperState == again)
  }

  @Test func theFirstObservationIsShownAsTheEnvironmentShowsIt() throws {
    let frozen = try FrozenWrappers(try trained(), observation: Self.space)
    var environment = frozen.wrap(ScriptedEnvironment(lanes: 3), evaluationSeed: 1)
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    var bare = ScriptedEnvironment(lanes: 3)
    var raw = StepBatch(bare.spec, lanes: 3)
    try bare.reset(&raw)
    #expect(frozen.show(raw.observations, count: 3) == batch.observations)
    #expect(environment.spec.observation == frozen.observation)
  }

  private func expectRefused(
    _ words: String, _ change: (inout WrapperState) -> Void
  ) throws {
    var state = try trained()
    change(&state)
    let error = #expect(throws: StateError.self) {
      try FrozenWrappers(state, observation: Self.space)
    }
    #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
  }

  @Test func damageIsRefused() throws {
    try expectRefused("missing") { $0.statistics["observation.mean"] = nil }
    try expectRefused("missing") { $0.statistics["return.count"] = nil }
    try expectRefused("3 numbers") { $0.statistics["observation.mean"]?.removeLast() }
    try expectRefused("3 numbers") { $0.statistics["observation.variance"]?[1] = -1 }
    try expectRefused("3 numbers") { $0.statistics["observation.mean"]?[1] = .nan }
    try expectRefused("3 numbers") { $0.statistics["observation.count"] = [0] }
    try expectRefused("belongs to none") { $0.statistics["else"] = [1] }
    try expectRefused("belongs to none") { state in
      for name in ["normalizeObservation", "clipObservation"] { state.settings[name] = nil }
    }
    try expectRefused("no wrapper \"blur\"") { $0.settings["blur"] = "2" }
    try expectRefused("frameStack") { $0.settings["frameStack"] = "0" }
    try expectRefused("form") { $0.settings["frameStack"] = "02" }
    try expectRefused("form") { $0.settings["frameStack"] = "1" }
    try expectRefused("time limit") { $0.settings["timeLimit"] = nil }
    try expectRefused("time limit") { $0.settings["timeLimit"] = "-5" }
    try expectRefused("time limit") { $0.settings["timeAware"] = nil }
  }

  @Test func withoutWrappersNothingIsDone() throws {
    let frozen = try FrozenWrappers(nil, observation: Self.space)
    #expect(frozen.observation == Self.space && frozen.configuration.isEmpty)
    #expect(frozen.show([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], count: 1).count == 12)
    let environment = frozen.wrap(ScriptedEnvironment(lanes: 1), evaluationSeed: 0)
    #expect(environment.wrapperState == nil)
  }
}
