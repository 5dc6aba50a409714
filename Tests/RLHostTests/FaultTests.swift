import Foundation
import RLTestSupport
import Testing

/// What a plugin that gives up or crashes leaves behind.
@Suite struct FaultTests {
  private func training(_ behaviour: String, _ more: [String] = []) throws -> [String] {
    [
      "--env", try misbehaving(behaviour), "--algo", "dqn", "--steps", "1000", "--name", "a", "-o",
      "hidden=8", "-o", "bufferSize=3000", "--eval-episodes", "0",
    ] + more
  }

  @Test func aLaneThatIsGivenUpIsTold() throws {
    let host = try Host()
    let answer = try host.run(training("FAULT_LATE", ["-q"]))
    #expect(answer.status == 0)
    for word in ["warning:", "lane 0", "seed", "step", "the floor gave way"] {
      #expect(answer.talk.contains(word), "\(answer.talk)")
    }
    let evaluation = try host.run(["eval", "runs/a", "--episodes", "40", "--sampled", "-q"])
    #expect(evaluation.status == 0)
    #expect(evaluation.talk.contains("the floor gave way"), "\(evaluation.talk)")
  }

  @Test func aRunOfNothingButFaultsFails() throws {
    let host = try Host()
    let answer = try host.run(training("FAULT"))
    #expect(answer.status == 69)
    #expect(answer.talk.contains("every episode") && answer.talk.contains("the floor gave way"))
    let manifest = try host.json("runs/a/run.json")
    #expect(manifest["state"] as? String == "failed")
    #expect((manifest["error"] as? String ?? "").contains("the floor gave way"))
  }

  @Test(arguments: [("SEGV", SIGSEGV), ("ABORT", SIGABRT)])
  func aCrashNamesThePlugin(_ behaviour: String, _ number: Int32) throws {
    let host = try Host()
    // a backtrace of the Swift runtime would follow
    let answer = try host.run(
      training(behaviour), environment: ["SWIFT_BACKTRACE": "enable=no"])
    #expect(answer.status == -number)
    let line = try #require(answer.talk.split(separator: "\n").last)
    #expect(line.hasPrefix("error: the process crashed (SIG"))
    for word in [behaviour, "misbehaving-\(behaviour)", "tools/rlenv-run"] {
      #expect(line.contains(word), "\(line)")
    }
    let list = try host.run(["list", "runs"])
    #expect(list.output.contains("died") && !list.output.contains("running"))
    #expect(try host.run(["inspect", "runs/a"]).output.contains("died"))
  }

  @Test func runsAreListedWithTheNewestLast() throws {
    let host = try Host()
    for name in ["b", "a"] {
      #expect(try host.run(shortTraining(name, steps: 100)).status == 0)
      usleep(1_100_000)
    }
    let lines = try host.run(["list", "runs"]).lines
    #expect(lines.count == 4)
    #expect(lines[2].hasPrefix("runs/b") && lines[3].hasPrefix("runs/a"))
  }
}
