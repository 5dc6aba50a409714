import RLEnvironments
import Testing

/// An environment whose world is memory full of addresses: it has no snapshots, so the host repeats
/// the running episodes' actions.
@Suite struct LunarLanderTests {
  static let ids = ["LunarLander-v3", "LunarLanderContinuous-v3"]

  @Test(arguments: ids) func itGoesOnFromItsActions(id: String) throws {
    guard let path = try BuiltPlugin.lunarLander() else { return }
    try ResumeTests().expectEqual(Recipe(path: path, id: id), further: 200)
  }

  @Test(arguments: ids) func itGoesOnInWindFromItsActions(id: String) throws {
    guard let path = try BuiltPlugin.lunarLander() else { return }
    let options = ["enable_wind": "true", "gravity": "-4", "wind_power": "20"]
    try ResumeTests().expectEqual(Recipe(path: path, id: id, options: options), further: 200)
  }

  @Test(arguments: ids) func lanesInstancesAndThreadsChangeNothing(id: String) throws {
    guard let path = try BuiltPlugin.lunarLander() else { return }
    let ends = try ResumeTests.splits.map { instances, threads in
      try Recipe(path: path, id: id).play(
        instances: instances, threads: threads, steps: [], total: 400
      ).end
    }
    #expect(ends[0].hashes?.count == 7)
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test func aGravityBeyondItsBoundsIsRefused() throws {
    guard let path = try BuiltPlugin.lunarLander() else { return }
    #expect(throws: (any Error).self) {
      _ = try Recipe(path: path, id: Self.ids[0], options: ["gravity": "1"]).make(
        instances: 1, threads: 1)
    }
  }
}
