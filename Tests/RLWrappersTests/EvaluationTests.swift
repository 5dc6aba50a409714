import RLCore
import RLEnvironments
import RLTraining
import RLWrappers
import Testing

/// Wrapped plugins against plugins that are played by hand, and in evaluations.
@Suite struct WrappedEvaluationTests {
  /// Acts by a hash of what it sees.
  private struct HashingPolicy: Policy {
    let choices: Int

    mutating func act(
      _ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]
    ) {
      let width = step.observations.count / step.lanes
      for lane in 0..<step.lanes {
        let row = step.observations[lane * width..<(lane + 1) * width]
        step.choices[lane] = Int32(row.reduce(7) { ($0 * 31 + Int($1)) % 65521 } % choices)
      }
    }

    mutating func outputs(for rows: [UInt8], count: Int) -> [Float] { [] }

    func export() -> PolicyExport { PolicyExport(algorithm: "", tensors: [], attributes: [:]) }
  }

  @Test func episodesDoNotDependOnTheLanesBesideThem() throws {
    let plugin = try WrappedPlay.subjects[0].load()
    let state = WrapperState(
      settings: [
        "normalizeObservation": "true", "clipObservation": "10.0", "epsilon": "1e-08",
        "actionRepeat": "3", "stickyActions": "0.3", "frameStack": "2", "timeAware": "true",
        "timeLimit": "500",
      ],
      statistics: [
        "observation.mean": [0, 0.5, 0, -0.5], "observation.variance": [1, 2, 0.1, 3],
        "observation.count": [1000],
      ])
    func episodes(lanes: Int, instances: Int) throws -> [EpisodeRecord] {
      let base = try VectorEnvironment(
        plugin, lanes: lanes, instances: instances,
        plan: .evaluation(seed: 3, episodes: 20, stepCap: 100))
      var environment = try FrozenWrappers(state, observation: base.spec.observation).wrap(
        base, evaluationSeed: 3)
      var policy = HashingPolicy(choices: 2)
      return try evaluate(&policy, in: &environment, deterministic: true, seed: 3).episodes
    }
    let one = try episodes(lanes: 1, instances: 1)
    #expect(Set(one.map(\.length)).count > 5)
    for (lanes, instances) in [(3, 2), (7, 1), (20, 4)] {
      #expect(try episodes(lanes: lanes, instances: instances) == one)
    }
  }

  /// The action of an agent's `step`-th step in an episode.
  private func action(_ lane: Int, _ episode: Int, _ step: Int) -> Int32 {
    Int32((lane * 7 + episode * 5 + step * step * 3 + step) % 4 / 2)
  }

  @Test(arguments: [1, 2, 3, 5])
  func aRepeatedActionIsThatActionTakenAgain(times: Int) throws {
    for subject in [WrappedPlay.subjects[0], WrappedPlay.subjects[3]] {
      let byHand = try records(subject, times: times, isWrapped: false)
      let wrapped = try records(subject, times: times, isWrapped: true)
      #expect(byHand.count > 20)
      let common = Set(byHand.keys).intersection(wrapped.keys)
      #expect(common.count > 20)
      for key in common { #expect(byHand[key] == wrapped[key]) }
    }
  }

  /// What episodes came to, by lane and index, where each action is taken `times` times.
  private func records(
    _ subject: WrappedPlay.Subject, times: Int, isWrapped: Bool
  ) throws -> [[Int]: [Double]] {
    let base = try VectorEnvironment(
      subject.load(), id: subject.id, lanes: 4, instances: 2, plan: .training(seed: 6),
      maxEpisodeSteps: subject.limit)
    var environment = try WrappedEnvironment(
      base, wrappers(["actionRepeat": .integer(isWrapped ? times : 1)]),
      source: .training(seed: 6))
    var batch = StepBatch(environment.spec, lanes: 4)
    var steps = [0, 0, 0, 0]
    var records: [[Int]: [Double]] = [:]
    try environment.reset(&batch)
    for _ in 0..<(isWrapped ? 150 : 300) {
      for lane in 0..<4 {
        let step = isWrapped ? steps[lane] : steps[lane] / times
        batch.choices[lane] = action(lane, environment.episodeIndex(lane: lane) ?? 0, step)
        steps[lane] += 1
      }
      try environment.step(&batch)
      for episode in environment.finishedEpisodes {
        records[[episode.lane, episode.index]] = [
          episode.episodeReturn, Double(episode.length), Double(episode.seed),
          episode.terminated ? 1 : 0, episode.truncated ? 1 : 0,
        ]
        steps[episode.lane] = 0
      }
      try environment.advance(&batch)
    }
    return records
  }
}
