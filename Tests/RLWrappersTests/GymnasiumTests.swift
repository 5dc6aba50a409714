import Foundation
import RLCore
import RLWrappers
import Testing

/// The numbers that Gymnasium 1.4's own wrappers make of the same episodes.
@Suite struct GymnasiumTests {
  private struct Recorded: Decodable {
    struct Normalized: Decodable {
      var rows: [[Double]]
      var mean: [Double]
      var variance: [Double]
      var count: Double?
    }
    struct Rewards: Decodable {
      var rows: [[Double]]
      var mean: Double
      var variance: Double
      var count: Double
    }
    var observations: Normalized
    var severalObservations: Normalized
    var rewards: Rewards
    var stacked: [[Double]]
    var timed: [[Double]]
  }

  private let recorded: Recorded

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Golden/gymnasium.json"))
    recorded = try JSONDecoder().decode(Recorded.self, from: data)
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 2e-5 * max(1, abs(b)) }

  private func expectNear(_ own: [Float], _ theirs: [Double], _ place: Int) {
    #expect(own.count == theirs.count)
    for (a, b) in zip(own, theirs) { #expect(near(Double(a), b), "row \(place): \(a), \(b)") }
  }

  /// The environment of one lane that was recorded.
  private func single(
    _ settings: [String: ConfigurationValue]
  ) throws -> WrappedEnvironment<ScriptedEnvironment> {
    var base = ScriptedEnvironment(lanes: 1, limit: 4)
    base.firstLane = 1
    return try WrappedEnvironment(base, wrappers(settings), source: .training(seed: 0))
  }

  @Test func normalizeObservationOfOneEnvironment() throws {
    var environment = try single(["normalizeObservation": .bool(true), "clipObservation": .none])
    let own = try play(&environment, steps: 12)
    #expect(own.count == recorded.observations.rows.count)
    for (index, row) in own.enumerated() {
      expectNear(row, recorded.observations.rows[index], index)
    }
    let statistics = try savedState(environment).statistics
    let mean = try #require(statistics["observation.mean"])
    let variance = try #require(statistics["observation.variance"])
    for k in 0..<3 {
      #expect(near(mean[k], recorded.observations.mean[k]))
      // theirs is kept in 32 bits
      #expect(abs(variance[k] / recorded.observations.variance[k] - 1) < 1e-3)
    }
    #expect(statistics["observation.count"]?.first == recorded.observations.count)
  }

  @Test func normalizeObservationOfSeveral() throws {
    var base = ScriptedEnvironment(lanes: 3)
    base.firstLane = 10
    var environment = try WrappedEnvironment(
      base, wrappers(["normalizeObservation": .bool(true), "clipObservation": .none]),
      source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    for row in recorded.severalObservations.rows {
      for lane in 0..<3 {
        expectNear(
          batch.observations.floats(lane, width: 3), Array(row[3 * lane..<3 * lane + 3]), 0)
      }
      try environment.step(&batch)
      try environment.advance(&batch)
    }
  }

  @Test func normalizeRewardOfSeveralWhereEpisodesAreTruncated() throws {
    var environment = try WrappedEnvironment(
      ScriptedEnvironment(lanes: 3),
      wrappers(["normalizeReward": .bool(true), "clipReward": .none, "gamma": .number(0.9)]),
      source: .training(seed: 0))
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    for (index, row) in recorded.rewards.rows.enumerated() {
      try environment.step(&batch)
      expectNear(batch.rewards, row, index)
      try environment.advance(&batch)
    }
    let statistics = try savedState(environment).statistics
    #expect(near(try #require(statistics["return.mean"])[0], recorded.rewards.mean))
    #expect(near(try #require(statistics["return.variance"])[0], recorded.rewards.variance))
    #expect(near(try #require(statistics["return.count"])[0], recorded.rewards.count))
  }

  @Test func frameStackObservation() throws {
    var environment = try single(["frameStack": .integer(3)])
    let own = try play(&environment, steps: 12)
    #expect(own.map { $0.map(Double.init) } == recorded.stacked)
  }

  @Test func timeAwareObservation() throws {
    var environment = try single(["timeAware": .bool(true)])
    let own = try play(&environment, steps: 12)
    #expect(own.count == recorded.timed.count)
    for (index, row) in own.enumerated() { expectNear(row, recorded.timed[index], index) }
  }
}

/// Every observation that the first lane shows in `steps` steps, those of resets among them.
func play(
  _ environment: inout WrappedEnvironment<ScriptedEnvironment>, steps: Int
) throws -> [[Float]] {
  var batch = StepBatch(environment.spec, lanes: environment.lanes)
  let width = environment.spec.observation.encodedWidth
  try environment.reset(&batch)
  var rows = [batch.observations.floats(0, width: width)]
  for _ in 0..<steps {
    try environment.step(&batch)
    rows.append(batch.nextObservations.floats(0, width: width))
    let hasEnded = batch.truncated[0] || batch.terminated[0]
    try environment.advance(&batch)
    if hasEnded { rows.append(batch.observations.floats(0, width: width)) }
  }
  return rows
}
