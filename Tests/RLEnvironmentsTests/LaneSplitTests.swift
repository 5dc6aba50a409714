import RLCore
import RLEnvironments
import RLParallel
import Testing

/// Results must not depend on how lanes are spread over instances and threads.
@Suite struct LaneSplitTests {
  static let probes = [
    "ObservationReward-v0", "TwoStepDiscount-v0", "PolicyReward-v0", "TruncatedLoop-v0",
    "TruncatedLoopSelf-v0", "FinalObservation-v0", "BothFlags-v0", "MaskedBandit-v0",
    "BoxEcho-v0", "Memory-v0", "DictEcho-v0", "ImageProbe-v0",
  ]

  @Test func cartPoleGivesTheSameBitsForEverySplit() throws {
    try expectEqualSplits("cartpole", "CartPole-v1", steps: 400)
  }

  @Test func templateGivesTheSameBitsForEverySplit() throws {
    try expectEqualSplits("template", nil, steps: 300)
  }

  @Test(arguments: probes) func probesGiveTheSameBitsForEverySplit(id: String) throws {
    try expectEqualSplits("probes", id, steps: 60)
  }

  private func expectEqualSplits(_ name: String, _ id: String?, steps: Int) throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin(name))
    var reference: PlayResult?
    for (instances, threads) in [(1, 1), (8, 1), (64, 1), (8, 2), (64, 2), (5, 2)] {
      var environment = try VectorEnvironment(
        plugin, id: id, lanes: 64, instances: instances, pool: WorkerPool(threads: threads),
        plan: .training(seed: 3), recordsHashes: true)
      let result = try play(&environment, steps: steps)
      #expect(result.episodes.count > 64)
      #expect(Set(result.hashes).count > 1 || Self.isTheSameInEveryLane(id))
      #expect(result == reference ?? result, "\(instances) instances, \(threads) threads")
      reference = reference ?? result
    }
  }

  /// Some probes have no randomness at all.
  private static func isTheSameInEveryLane(_ id: String?) -> Bool {
    [
      "TwoStepDiscount-v0", "TruncatedLoop-v0", "TruncatedLoopSelf-v0", "FinalObservation-v0",
      "BothFlags-v0",
    ].contains(id)
  }

  @Test func aLaneDoesNotDependOnTheLanesBesideIt() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole"))
    var hashes: [[UInt64]] = []
    for lanes in [3, 64] {
      var environment = try VectorEnvironment(
        plugin, lanes: lanes, plan: .training(seed: 9), recordsHashes: true)
      hashes.append(Array(try play(&environment, steps: 200).hashes.prefix(3)))
    }
    #expect(hashes[0] == hashes[1])
  }
}
