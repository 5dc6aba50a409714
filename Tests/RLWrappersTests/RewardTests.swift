import RLCore
import RLWrappers
import Testing

@Suite struct RewardWrapperTests {
  /// The rewards of `steps` steps of three lanes.
  private func rewards(
    _ settings: [String: ConfigurationValue], terminates: Bool = false, steps: Int = 10
  ) throws -> [[Float]] {
    var base = ScriptedEnvironment(lanes: 3)
    base.terminates = terminates
    var environment = try WrappedEnvironment(
      base, wrappers(settings), source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    return try (0..<steps).map { _ in
      try environment.step(&batch)
      defer { try? environment.advance(&batch) }
      return batch.rewards
    }
  }

  private func raw(_ step: Int, _ lane: Int) -> Float {
    let length = 3 + lane
    return ScriptedEnvironment.reward(lane, step / length, step % length + 1)
  }

  @Test func scaleAndBound() throws {
    let changed = try rewards(["rewardScale": .number(0.5), "clipReward": .number(1)])
    for (step, row) in changed.enumerated() {
      for lane in 0..<3 { #expect(row[lane] == min(max(raw(step, lane) * 0.5, -1), 1)) }
    }
  }

  /// Restated step by step from SB3's `VecNormalize`.
  @Test(arguments: [false, true])
  func rewardsAreDividedByTheDeviationOfTheDiscountedReturn(terminates: Bool) throws {
    let own = try rewards(
      ["normalizeReward": .bool(true), "gamma": .number(0.8)], terminates: terminates, steps: 40)
    var (mean, variance, count) = (0.0, 1.0, 1e-4)
    var returns = [0.0, 0, 0]
    for step in 0..<40 {
      for lane in 0..<3 { returns[lane] = returns[lane] * 0.8 + Double(raw(step, lane)) }
      let batchMean = returns.reduce(0, +) / 3
      let batchVariance = returns.reduce(0) { $0 + ($1 - batchMean) * ($1 - batchMean) } / 3
      let (delta, total) = (batchMean - mean, count + 3)
      let squares = variance * count + batchVariance * 3 + delta * delta * count * 3 / total
      (mean, variance, count) = (mean + delta * 3 / total, squares / total, total)
      for lane in 0..<3 {
        let expected = min(max(Double(raw(step, lane)) / (variance + 1e-8).squareRoot(), -10), 10)
        #expect(abs(Double(own[step][lane]) - expected) < 1e-5, "step \(step), lane \(lane)")
        if (step + 1) % (3 + lane) == 0 { returns[lane] = 0 }
      }
    }
  }

  @Test func recordsAndEvaluationsKeepTheRawRewards() throws {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 1),
      wrappers(["normalizeReward": .bool(true), "rewardScale": .number(3)]),
      source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 1)
    try environment.reset(&batch)
    for _ in 0..<3 { try environment.step(&batch) }
    let total = Double((0..<3).reduce(Float(0)) { $0 + raw($1, 0) })
    #expect(environment.finishedEpisodes.map(\.episodeReturn) == [total])
    let state = try savedState(environment)
    #expect(state.settings["rewardScale"] == "3.0" && state.statistics["return.count"] != nil)
    let base = ScriptedEnvironment(lanes: 3)
    var frozen = try FrozenWrappers(state, observation: base.spec.observation).wrap(
      base, evaluationSeed: 0)
    batch = StepBatch(frozen.spec, lanes: 3)
    try frozen.reset(&batch)
    for step in 0..<10 {
      try frozen.step(&batch)
      #expect(batch.rewards == (0..<3).map { raw(step, $0) })
      try frozen.advance(&batch)
    }
  }
}
