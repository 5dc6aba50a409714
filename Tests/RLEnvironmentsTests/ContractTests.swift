import Foundation
import RLCore
import RLEnvironments
import RLParallel
import Testing

/// Plugins that misbehave in ways a run survives, and the words for those it does not.
@Suite struct ContractTests {
  private func environment(
    _ name: String, id: String = "Bad-v0", lanes: Int = 2, instances: Int = 1,
    onNonfinite: NonfinitePolicy = .fail
  ) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: Fixture.named(name).path), id: id, lanes: lanes,
      instances: instances, plan: .training(seed: 1), onNonfinite: onNonfinite,
      recordsHashes: true)
  }

  @Test func anErrorSaysWhereAndWhatToDo() throws {
    var bad = try environment("observation-nan")
    let error = try #require(throws: EnvironmentError.self) { _ = try play(&bad, steps: 10) }
    let path = try Fixture.named("observation-nan").path
    let seed = EpisodeSeeds.training(run: 1, lane: 1, episode: 0)
    #expect(error.environment == "\(path):Bad-v0")
    let text = error.reason
    #expect(text.hasPrefix("lane 1, episode 0, seed \(seed), step "), "\(text)")
    #expect(
      text.hasSuffix(
        ": observation leaf \"box\", element 1 is nan, not a finite number: correct the plugin, or "
          + "end such episodes with --on-nonfinite truncate"), "\(text)")
  }

  // Otherwise a lane whose quota is met would be given another episode, without end.
  @Test func aLaneThatWasNotListedStaysAsItIs() throws {
    var bad = try VectorEnvironment(
      EnvironmentPlugin(path: Fixture.named("unlisted-lanes").path), id: "Bad-v0", lanes: 4,
      plan: .evaluation(seed: 1, episodes: 6, stepCap: 100))
    let error = try #require(throws: EnvironmentError.self) { _ = try play(&bad, steps: 100) }
    #expect(error.reason.contains("not among the listed ones"), "\(error.reason)")
  }

  @Test(arguments: ["observation-nan", "observation-infinite", "reward-nan", "reward-too-large"])
  func aNonfiniteNumberCanEndTheEpisodeInstead(name: String) throws {
    var bad = try environment(name, lanes: 3, onNonfinite: .truncate)
    var batch = StepBatch(bad.spec, lanes: 3)
    try bad.reset(&batch)
    var ended = 0
    for _ in 0..<12 {
      for lane in 0..<3 {
        batch.choices[lane] = Int32((0..<3).first { batch.masks[lane * 3 + $0] == 1 }!)
      }
      try bad.step(&batch)
      #expect(batch.nextObservations.floats.allSatisfy { $0.isFinite })
      #expect(batch.rewards.allSatisfy { $0.isFinite })
      for episode in bad.finishedEpisodes where episode.length < 5 {
        ended += 1
        let row = episode.lane * 12..<(episode.lane + 1) * 12
        #expect(batch.nextObservations[row] == batch.observations[row], "the last good one")
        #expect(batch.rewards[episode.lane] == 0)
        #expect(episode.truncated && !episode.terminated)
        #expect(episode.episodeReturn == Double(episode.length - 1))
      }
      try bad.advance(&batch)
    }
    #expect(ended > 0)
    #expect(bad.nonfiniteEpisodes == ended)
    #expect(bad.faults == 0)
  }

  @Test func anIntegerOutsideItsSpaceIsNeverTolerated() throws {
    var bad = try environment("discrete-too-large", onNonfinite: .truncate)
    let error = try #require(throws: EnvironmentError.self) { _ = try play(&bad, steps: 10) }
    #expect(error.reason.contains("observation leaf \"kind\" is 3, not one of 0 ... 2"), "\(error)")
  }

  @Test func aFailedLaneCostsItsEpisodeOnly() throws {
    var bad = try environment("fault", lanes: 3)
    let episodes = try play(&bad, steps: 20).episodes
    #expect(bad.faults > 0)
    #expect(bad.faults == episodes.filter { $0.truncated }.count)
    #expect(bad.nonfiniteEpisodes == 0)
    let fault = bad.lastFault
    let text = try #require(fault)
    #expect(text.contains("lane has come apart") && text.contains("seed"), "\(text)")
  }

  @Test(arguments: ["prints", "modes", "single-lane", "newer-plugin", "metric-infinite"])
  func aHarmlessPluginGivesTheResultsOfAGoodOne(name: String) throws {
    var good = try environment("prints", id: "Good-v0")
    let expected = try play(&good, steps: 23)
    var bad = try environment(name, id: name == "newer-plugin" ? "Good-v0" : "Bad-v0")
    let result = try play(&bad, steps: 23)
    #expect(result.hashes == expected.hashes)
    #expect(result.episodes.map(\.seed) == expected.episodes.map(\.seed))
    #expect(result.episodes.allSatisfy { $0.metrics[0] == 5 || name == "metric-infinite" })
  }

  @Test func aNewerPluginIsReadAsFarAsItIsKnown() throws {
    let plugin = try EnvironmentPlugin(path: Fixture.named("newer-plugin").path)
    #expect(plugin.abi == "1.7")
    let good = try plugin.environment("Good-v0")
    #expect(good.spec?.maxEpisodeSteps == 10)
    #expect(good.options.map(\.key) == ["speed", "mode"])
    // describe says otherwise, in a struct that is shorter than the plugin's own
    #expect(try environment("newer-plugin", id: "Good-v0").spec.maxEpisodeSteps == 12)
  }

  @Test func onlyOneInstanceIsMadeWhereThereCanBeOnlyOne() throws {
    let plugin = try EnvironmentPlugin(path: Fixture.named("single-instance").path)
    func make(_ instances: Int) throws -> VectorEnvironment {
      try VectorEnvironment(
        plugin, id: "Bad-v0", lanes: 4, instances: instances, plan: .training(seed: 1))
    }
    let several = try #require(throws: PluginError.self) { _ = try make(2) }
    #expect(several.description.contains("2 instances are not possible: ask for 1"))
    var first = try make(1)
    let second = try #require(throws: PluginError.self) { _ = try make(1) }
    #expect(second.description.contains("a process can hold one instance, and it has one"))
    _ = try play(&first, steps: 10)
  }

  @Test func aSingleLaneEnvironmentGetsAnInstanceForEachLane() throws {
    var environment = try environment("single-lane", lanes: 5)
    #expect(Set(try play(&environment, steps: 9).episodes.map(\.lane)) == [0, 1, 2, 3, 4])
  }

  @Test func thePluginsFloatingPointModeStaysWithIt() throws {
    var bad = try environment("modes", instances: 2)
    _ = try play(&bad, steps: 9)
    #expect(smallestNormal(halvedBy: 2) > 0, "subnormal numbers are flushed")
    #expect(oneThird(of: 1) == 0x1.5555555555555p-2, "rounding is not to nearest")
    #expect(-oneThird(of: -1) == 0x1.5555555555555p-2, "rounding is not to nearest")
  }

  @inline(never) private func smallestNormal(halvedBy divisor: Float) -> Float {
    Float.leastNormalMagnitude / divisor
  }

  @inline(never) private func oneThird(of value: Double) -> Double { value / 3 }

  @Test func aBrokenLibraryIsNotCalledAgain() throws {
    let path = try Fixture.named("status-fatal").path
    let plugin = try EnvironmentPlugin(path: path)
    var bad = try VectorEnvironment(plugin, id: "Bad-v0", lanes: 2, plan: .training(seed: 1))
    let failure = try #require(throws: EnvironmentError.self) { _ = try play(&bad, steps: 10) }
    #expect(failure.reason.contains(Fixture.named("status-fatal").word), "\(failure)")
    for attempt in 0..<2 {
      let error = try #require(throws: PluginError.self) {
        if attempt == 0 { _ = try EnvironmentPlugin(path: path) }
        _ = try VectorEnvironment(plugin, id: "Good-v0", lanes: 2, plan: .training(seed: 1))
      }
      #expect(error.description.contains("RLENV_E_FATAL: the library reported it"), "\(error)")
    }
  }

  @Test(arguments: ["status-internal", "status-unlisted", "status-positive"])
  func aBrokenInstanceIsNotCalledAgain(name: String) throws {
    var bad = try environment(name)
    let first = try #require(throws: EnvironmentError.self) { _ = try play(&bad, steps: 10) }
    #expect(first.reason.contains(", step "))
    var batch = StepBatch(bad.spec, lanes: 2)
    // the plugin would play on: its faults come in the middle of an episode
    let second = try #require(throws: EnvironmentError.self) { try bad.reset(&batch) }
    #expect(second.reason.contains(Fixture.named(name).word), "\(second)")
  }
}
