import Foundation
import RLTestSupport
import Testing

/// Each fault is found by the test that is made for it, and by no other.
@Suite struct ConformanceTests {
  private func results(_ answer: Host.Answer) -> [[String: Any]] {
    answer.json["tests"] as? [[String: Any]] ?? []
  }

  private func troubles(_ answer: Host.Answer) -> [String] {
    results(answer).filter { !["pass", "skip"].contains($0["status"] as? String ?? "") }
      .compactMap { $0["name"] as? String }
  }

  @Test(arguments: ConformanceFixture.all)
  func aBrokenRuleIsFoundByItsTestAlone(fixture: ConformanceFixture) throws {
    let host = try Host()
    let plugin = try ConformanceFixture.path() + ":\(fixture.name)-v0"
    let found = try host.run([
      "check", plugin, "--only", fixture.test, "--json", "--timeout",
      fixture.status == "timeout" ? "1s" : "30s",
    ])
    let result = try #require(results(found).first, "\(found.talk)")
    #expect(result["status"] as? String == fixture.status, "\(found.output)")
    #expect(found.status == (fixture.status == "warn" ? 0 : 1))
    for finding in result["findings"] as? [[String: Any]] ?? [] {
      #expect((finding["problem"] as? String ?? "").count > 10)
      #expect((finding["advice"] as? String ?? "").count > 10)
    }
    let others = try host.run([
      "check", plugin, "--in-process", "--steps", "200", "--json", "--skip", fixture.test, "time",
      "speed",
    ])
    #expect(others.status == 0 && troubles(others) == [], "\(others.output) \(others.talk)")
  }

  @Test func theFixtureInOrderPassesEverything() throws {
    let answer = try Host().run(["check", ConformanceFixture.path() + ":Good-v0", "--json"])
    #expect(answer.status == 0)
    #expect(results(answer).allSatisfy { $0["status"] as? String == "pass" }, "\(answer.output)")
    #expect(
      Set(results(answer).compactMap { $0["name"] as? String }).isSuperset(
        of: ConformanceFixture.all.map(\.test)))
  }

  @Test(arguments: [
    ("load", "crash"), ("scan-time", "warn"), ("dependencies", "warn"), ("init-again", "fail"),
    ("unknown-id", "fail"),
  ])
  func aFaultOfTheLibraryIsFoundByItsTestAlone(name: String, status: String) throws {
    let path = try ConformanceFixture.library(name)
    let answer = try Host().run(["check", path, "--skip", "time", "speed", "--json"])
    let mine = results(answer).first { $0["name"] as? String == name }
    #expect(mine?["status"] as? String == status, "\(answer.output)")
    #expect(troubles(answer) == [name], "\(answer.output)")
  }

  @Test func aDamagedTableIsTheBusinessOfTables() throws {
    let path = try PluginBuild.compile(
      source: "Tests/Plugins/fixtures/malformed.c", name: "conformance-malformed",
      defines: ["CASE=\"low-above-high\""])
    let answer = try Host().run(["check", path + ":Bad-v0", "--json"])
    #expect(answer.status == 1)
    #expect(troubles(answer) == ["tables"], "\(answer.output)")
  }

  @Test func aFileThatIsNoPluginIsTheBusinessOfLoad() throws {
    let host = try Host()
    _ = FileManager.default.createFile(atPath: host.path("text.so"), contents: Data("text".utf8))
    let answer = try host.run(["check", "text.so", "--json"])
    #expect(answer.status == 1 && troubles(answer) == ["load"], "\(answer.output)")
  }
}
