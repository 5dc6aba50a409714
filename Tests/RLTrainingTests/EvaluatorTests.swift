import RLCore
import RLTraining
import Testing

@Suite struct EvaluatorTests {
  static let lanes = [1, 2, 3, 7, 50, 64]

  @Test(arguments: lanes, [true, false])
  func theResultDoesNotDependOnTheLanesOrOnWhoPlaysWhat(
    lanes: Int, deterministic: Bool
  ) throws {
    let alone = try play(.quota(count: 50), lanes: 1, deterministic: deterministic)
    let quota = try play(.quota(count: 50), lanes: lanes, deterministic: deterministic)
    let next = try play(.next(count: 50), lanes: lanes, deterministic: deterministic)
    for other in [quota, next] {
      #expect(EpisodeTable.text(other) == EpisodeTable.text(alone))
      #expect(other.returns == alone.returns)
      #expect(other.lengths == alone.lengths)
      #expect(other.steps == alone.steps)
    }
  }

  @Test(arguments: lanes)
  func shortEpisodesAreNotFavoured(lanes: Int) throws {
    // the action is always 0, so a return is an episode's length, and that its seed's
    let result = try play(.quota(count: 200), lanes: lanes, policy: ConstantPolicy())
    let environment = ToyEnvironment(lanes: 1)
    let lengths = (0..<200).map {
      environment.length(seed: EpisodeSeeds.evaluation(run: 5, episode: $0))
    }
    #expect(Set(lengths).count == 9)
    #expect(result.episodes.map(\.index) == Array(0..<200))
    #expect(result.episodes.map(\.length) == lengths)
    #expect(result.returns.mean == Double(lengths.reduce(0, +)) / 200)
    #expect(result.lengths.mean == result.returns.mean)
    #expect(result.lengths.min == 1)
    #expect(result.lengths.max == 9)
    #expect(result.steps == lengths.reduce(0, +))
  }

  @Test func anEpisodeIsTheSameInALongerEvaluationAndAnotherWithAnotherSeed() throws {
    let short = try play(.quota(count: 5), lanes: 2, deterministic: false)
    let long = try play(.quota(count: 20), lanes: 3, deterministic: false)
    let other = try play(.quota(count: 5), lanes: 2, deterministic: false, seed: 6)
    #expect(short.episodes.map(\.episodeReturn) == long.episodes.prefix(5).map(\.episodeReturn))
    #expect(EpisodeTable.text(long).hasPrefix(EpisodeTable.text(short)))
    #expect(short.episodes.map(\.episodeReturn) != other.episodes.map(\.episodeReturn))
  }

  @Test func samplingDiffersFromActingGreedily() throws {
    let greedy = try play(.quota(count: 20), lanes: 2, deterministic: true)
    let sampled = try play(.quota(count: 20), lanes: 2, deterministic: false)
    #expect(greedy.episodes.map(\.length) == sampled.episodes.map(\.length))
    #expect(greedy.episodes.map(\.episodeReturn) != sampled.episodes.map(\.episodeReturn))
  }

  @Test func metricsAreAveragedOverTheEpisodesThatReportThem() throws {
    var environment = ToyEnvironment(lanes: 4, plan: .quota(count: 100), seed: 5)
    environment.timeLimit = 5
    var policy = ConstantPolicy()
    let result = try evaluate(&policy, in: &environment, deterministic: true, seed: 5)
    let successes = result.episodes.filter(\.terminated).count
    #expect((1..<100).contains(successes))
    #expect(result.successRate == Double(successes) / 100)
    #expect(result.metrics["a,b"] == nil)
  }

  @Test func itCanBeStopped() {
    var environment = ToyEnvironment(lanes: 1, plan: .quota(count: 100))
    var policy = ConstantPolicy()
    var polls = 0
    #expect(throws: EvaluationStopped.self) {
      try evaluate(&policy, in: &environment, deterministic: true, seed: 1) {
        polls += 1
        return polls > 3
      }
    }
    #expect(polls == 4)
  }

  @Test func anEnvironmentsFailurePassesThrough() {
    var environment = ToyEnvironment(lanes: 1, plan: .quota(count: 100))
    environment.failsAtStep = 2
    var policy = ConstantPolicy()
    #expect(throws: EnvironmentError.self) {
      try evaluate(&policy, in: &environment, deterministic: true, seed: 1)
    }
  }

  private func play(
    _ plan: ToyEnvironment.Plan, lanes: Int, deterministic: Bool = true, seed: UInt64 = 5,
    policy: some Policy = ToyPolicy(weight: 0.5)
  ) throws -> Evaluation {
    var policy = policy
    var environment = ToyEnvironment(lanes: lanes, plan: plan, seed: seed)
    return try evaluate(&policy, in: &environment, deterministic: deterministic, seed: seed)
  }
}

/// Always the first action.
private struct ConstantPolicy: Policy {
  mutating func act(_ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]) {
    for lane in 0..<step.lanes { step.choices[lane] = 0 }
  }

  mutating func outputs(for rows: [UInt8], count: Int) -> [Float] { [] }

  func export() -> PolicyExport { PolicyExport(algorithm: "", tensors: [], attributes: [:]) }
}
