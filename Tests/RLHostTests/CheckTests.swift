import Foundation
import RLTestSupport
import Testing

/// What `rl-host check` says of plugins that keep the contract, and how it says it.
@Suite struct CheckTests {
  private func statuses(_ answer: Host.Answer) -> [String: Set<String>] {
    let tests = answer.json["tests"] as? [[String: Any]] ?? []
    return Dictionary(
      tests.map { ($0["status"] as? String ?? "", [$0["name"] as? String ?? ""]) },
      uniquingKeysWith: { $0.union($1) })
  }

  @Test(arguments: ["cartpole", "template"])
  func ourPluginsPassEachTestInAProcessOfItsOwn(name: String) throws {
    let host = try Host()
    let answer = try host.run(["check", PluginBuild.plugin(name), "--json"])
    #expect(answer.status == 0)
    let statuses = statuses(answer)
    #expect(Set(statuses.keys).isSubset(of: ["pass", "skip"]), "\(answer.output)")
    #expect(statuses["pass", default: []].count > 55)
  }

  @Test func everyProbePasses() throws {
    let host = try Host()
    let answer = try host.run([
      "check", PluginBuild.plugin("probes"), "--in-process", "--steps", "1000", "--skip", "time",
      "speed", "--json",
    ])
    #expect(answer.status == 0)
    let statuses = statuses(answer)
    #expect(Set(statuses.keys).isSubset(of: ["pass", "skip"]), "\(answer.output)")
    #expect((answer.json["tests"] as? [Any] ?? []).count > 13 * 55)
  }

  @Test(arguments: ["mountain_car", "mountain_car_continuous", "pendulum", "acrobot"])
  func classicControlPasses(name: String) throws {
    let answer = try Host().run([
      "check", PluginBuild.plugin(name), "--in-process", "--skip", "time", "speed", "--json",
    ])
    #expect(answer.status == 0)
    let statuses = statuses(answer)
    #expect(Set(statuses.keys).isSubset(of: ["pass", "skip"]), "\(answer.output)")
    #expect(statuses["pass", default: []].count > 55)
  }

  @Test(arguments: ["cpp", "rs"])
  func theTemplatesInOtherLanguagesPass(suffix: String) throws {
    guard let path = try PluginBuild.template(suffix) else { return }
    let answer = try Host().run(["check", path, "--skip", "time", "--json"])
    #expect(answer.status == 0)
    #expect(Set(statuses(answer).keys).isSubset(of: ["pass", "skip"]), "\(answer.output)")
  }

  @Test func eachFindingSaysWhereAndWhatToChange() throws {
    let host = try Host()
    let plugin = try ConformanceFixture.path()
    let answer = try host.run(["check", plugin + ":observations-v0", "--only", "observations"])
    #expect(answer.status == 1)
    for word in [
      "fail", "leaf \"kind\" is outside its space", "call step", "lane ", "step 9", "seed ",
      "value 3", "bound 0 ... 2", "change: write one of the declared values", "1 failed",
    ] {
      #expect(answer.output.contains(word), "\(answer.output)")
    }
    #expect(!answer.output.contains("\u{1B}"))
  }

  @Test func aCrashAndAHangNameTheCall() throws {
    let host = try Host()
    let plugin = try ConformanceFixture.path()
    let crash = try host.run([
      "check", plugin + ":snapshot-damaged.crash-v0", "--only", "snapshot-damaged",
    ])
    #expect(crash.status == 1)
    #expect(crash.output.contains("crashed with SIGSEGV in load"), "\(crash.output)")
    let exit = try host.run([
      "check", plugin + ":step-finished-lane.exit-v0", "--only", "step-finished-lane",
    ])
    #expect(exit.output.contains("exited with status 3 in step"), "\(exit.output)")
    let hang = try host.run([
      "check", plugin + ":step-finished-lane.hang-v0", "--only", "step-finished-lane",
      "--timeout", "1s",
    ])
    #expect(hang.status == 1)
    #expect(hang.output.contains("timeout") && hang.output.contains("hung in step"))
  }

  @Test func whatWouldOnlyBeSaidAgainIsSkipped() throws {
    let plugin = try PluginBuild.compile(
      source: "Tests/RLHostTests/Fixtures/step.c", name: "crashing", defines: ["STEP=abort()"])
    let answer = try Host().run(["check", plugin, "--json"])
    #expect(answer.status == 1)
    #expect(statuses(answer)["crash", default: []].count == 4, "\(answer.output)")
    #expect(answer.output.contains("mend step first"))
  }

  @Test func aSlowEnvironmentIsCheckedInItsTime() throws {
    let plugin = try PluginBuild.compile(
      source: "Tests/RLHostTests/Fixtures/step.c", name: "slow", defines: ["STEP=usleep(2000)"])
    let answer = try Host().run(["check", plugin, "--only", "same-seed", "--only", "lane-count"])
    #expect(answer.status == 0, "\(answer.output)")
    #expect(answer.talk.contains("a step takes"), "\(answer.talk)")
  }

  @Test func warningsLeaveTheStatusAtZero() throws {
    let plugin = try ConformanceFixture.path()
    let answer = try Host().run(["check", plugin + ":time-limit-v0", "--only", "time-limit"])
    #expect(answer.status == 0)
    #expect(answer.output.contains("warn") && answer.output.contains("max_episode_steps"))
  }

  @Test func randomCasesAreFoundAndRepeated() throws {
    let host = try Host()
    let plugin = try ConformanceFixture.path()
    let good = try host.run(["check", plugin + ":Good-v0", "--fuzz", "1s", "--json"])
    #expect(good.status == 0 && statuses(good) == ["pass": ["fuzz"]], "\(good.output)")
    let bad = try host.run(["check", plugin + ":lane-index-v0", "--fuzz", "5s"])
    #expect(bad.status == 1)
    let number = try #require(bad.output.firstMatch(of: /--reproduce (\d+)/)).1
    let again = try host.run(["check", plugin + ":lane-index-v0", "--reproduce", "\(number)"])
    #expect(again.status == 1)
    let finding = { (answer: Host.Answer) in
      answer.lines.first { $0.contains("where:") }
    }
    #expect(finding(again) != nil && finding(again) == finding(bad))
  }

  @Test func whatCannotBeCheckedHasAStatusOfItsOwn() throws {
    let host = try Host()
    let plugin = try PluginBuild.plugin("template")
    #expect(try host.run(["check", "nothing.so"]).status == 66)
    #expect(try host.run(["check", plugin + ":Wlak-v0"]).status == 64)
    #expect(try host.run(["check"]).status == 64)
    let option = try host.run(["check", plugin, "-E", "cells=3"])
    #expect(option.status == 64 && option.talk.contains("cells"))
    let name = try host.run(["check", plugin, "--only", "same-sed"])
    #expect(name.status == 64 && name.talk.contains("did you mean same-seed?"))
    let names = try host.run(["check", "--list"])
    #expect(names.status == 0 && names.lines.contains { $0.hasPrefix("guard-pages ") })
  }
}
