import RLCore
import RLEnvironments
import Testing

/// Each fixture has one fault. Its error must say where, and hold the word that its line names.
@Suite struct MalformedPluginTests {
  @Test func thereAreManyFixtures() {
    #expect(Fixture.all.count >= 100)
    #expect(Set(Fixture.all.map(\.name)).count == Fixture.all.count)
  }

  @Test(arguments: Fixture.at(.load)) func isRefusedWhole(fixture: Fixture) throws {
    let path = try fixture.path
    let error = try #require(throws: PluginError.self) { try EnvironmentPlugin(path: path) }
    guard case .refused = error else {
      Issue.record("\(error) is not a refusal")
      return
    }
    expectTells(error, path: path, fixture)
  }

  @Test(arguments: Fixture.at(.environment))
  func refusesOneEnvironmentAndKeepsTheOther(fixture: Fixture) throws {
    let path = try fixture.path
    let plugin = try EnvironmentPlugin(path: path)
    #expect(plugin.environments.map(\.id) == ["Good-v0"])
    #expect(plugin.refusals.map(\.id) == ["Bad-v0"])
    let error = try #require(throws: PluginError.self) { try plugin.environment("Bad-v0") }
    expectTells(error, path: path, environment: "Bad-v0", fixture)
    var good = try VectorEnvironment(plugin, id: "Good-v0", lanes: 2, plan: .training(seed: 1))
    _ = try play(&good, steps: 5)
  }

  @Test(arguments: Fixture.at(.create)) func isRefusedWhenItIsMade(fixture: Fixture) throws {
    let path = try fixture.path
    let plugin = try EnvironmentPlugin(path: path)
    let error = try #require(throws: PluginError.self) {
      _ = try VectorEnvironment(plugin, id: "Bad-v0", lanes: 2, plan: .training(seed: 1))
    }
    expectTells(error, path: path, environment: "Bad-v0", fixture)
  }

  /// A failed lane costs its episode only, and a broken library can be loaded once in a process: those
  /// two are tested by themselves.
  @Test(arguments: Fixture.at(.run).filter { !["fault", "status-fatal"].contains($0.name) })
  func endsTheRunWithAnError(fixture: Fixture) throws {
    let path = try fixture.path
    let plugin = try EnvironmentPlugin(path: path)
    var environment = try VectorEnvironment(
      plugin, id: "Bad-v0", lanes: 2, plan: .training(seed: 1))
    let error = try #require(throws: EnvironmentError.self) {
      _ = try play(&environment, steps: 10)
    }
    let text = error.description
    #expect(text.contains("\(path):Bad-v0"), "\(text)")
    #expect(text.contains(fixture.word), "\(text)")
    #expect(text.contains("lane"), "\(text)")
    #expect(text.contains("step ") || text.contains("reset"), "\(text)")
    #expect(text.utf8.allSatisfy { $0 >= 0x20 }, "control characters reach the terminal")
    // the environment stays broken
    var batch = StepBatch(environment.spec, lanes: 2)
    #expect(throws: EnvironmentError.self) { try environment.step(&batch) }
  }

  private func expectTells(
    _ error: PluginError, path: String, environment: String? = nil, _ fixture: Fixture
  ) {
    let text = error.description
    #expect(text.hasPrefix(path + ": "), "\(text)")
    #expect(text.dropFirst(path.count).contains(fixture.word), "\(text)")
    if let environment { #expect(text.contains("environment \(environment): "), "\(text)") }
    #expect(text.utf8.allSatisfy { $0 >= 0x20 }, "control characters reach the terminal")
  }

  @Test func noTwoFixturesOfTheTablesHaveTheSameError() throws {
    var texts: [String: String] = [:]
    for fixture in Fixture.at(.load) + Fixture.at(.environment) {
      let path = try fixture.path
      let error = try #require(throws: PluginError.self, "\(fixture.name)") {
        try EnvironmentPlugin(path: path).environment("Bad-v0")
      }
      let text = String(error.description.dropFirst(path.count))
      if let other = texts[text] { Issue.record("\(fixture.name) and \(other): \(text)") }
      texts[text] = fixture.name
    }
  }
}
