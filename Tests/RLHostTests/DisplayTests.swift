import Foundation
import RLTestSupport
import Testing

@Suite struct DisplayTests {
  @Test func withoutATerminalNothingIsRedrawn() throws {
    let answer = try Host().run(shortTraining("a"))
    #expect(answer.status == 0)
    #expect(!answer.talk.contains("\u{1B}") && !answer.talk.contains("\r"))
    #expect(!answer.output.contains("\u{1B}"))
  }

  @Test func theFirstWordsSayWhatWillBeDone() throws {
    let answer = try Host().run(shortTraining("a", ["--seed", "4"]))
    for word in [
      "CartPole-v1", "ABI 1.0", "Box(4)", "Discrete(2)", "hidden [16], bufferSize 5000 (flag)",
      "(preset zoo)", "seed 4", "1 lane", "runs/a",
    ] { #expect(answer.talk.contains(word), "\(word)") }
  }

  @Test func theLastWordsSayWhatToDoNext() throws {
    let answer = try Host().run(shortTraining("it's mine"))
    #expect(answer.output.contains("IQM"))
    #expect(answer.output.contains("eval 'runs/it'\\''s mine'"))
  }

  @Test func quietSaysNothingButTheAnswer() throws {
    let answer = try Host().run(shortTraining("a", ["-q"]))
    #expect(answer.status == 0)
    #expect(answer.talk.isEmpty)
  }

  @Test func theBestPolicyIsKept() throws {
    let host = try Host()
    let answer = try host.run(
      shortTraining("a", ["--eval-every", "500", "--eval-episodes", "4"]))
    #expect(answer.status == 0)
    let next = try #require(answer.lines.last { $0.hasPrefix("next ") })
    #expect(next.hasSuffix("rl-host eval runs/a/policy-best.safetensors"))
    let scores = try host.metrics("a").compactMap { $0["eval/mean_reward"] as? Double }
    #expect(scores.count == 4)
    let best = try host.run(
      ["eval", "runs/a/policy-best.safetensors", "--episodes", "4", "--json"])
    let returns = try #require(best.json["return"] as? [String: Any])
    #expect(returns["mean"] as? Double == scores.max())
  }

  @Test func aTerminalShowsTwoLinesThatFit() throws {
    let host = try Host()
    let words = try shortTraining("a", steps: 60_000).map { "'\($0)'" }.joined(separator: " ")
    // `script` runs a command on a terminal of its own
    let answer = try host.start(
      ["-qec", "'\(Host.binary)' \(words)", "/dev/null"], command: "/usr/bin/script",
      environment: ["COLUMNS": "50", "TERM": "xterm"]
    ).wait()
    #expect(answer.output.contains("steps/s") && answer.output.contains("ETA"))
    #expect(answer.output.contains("\u{1B}[K"))
    let drawn = answer.output.split(separator: "\r").filter { $0.contains("ETA") }
    #expect(drawn.allSatisfy { $0.prefix { $0 != "\u{1B}" }.count < 50 })
  }

  @Test func recordsAreTheSameOnTheOutputAndInTheLog() throws {
    let host = try Host()
    let answer = try host.run(shortTraining("a", ["--json"]))
    let logged = try host.text("runs/a/metrics.jsonl").split(separator: "\n").map(String.init)
    #expect(Array(answer.lines.dropLast()) == logged)
    #expect(answer.json["run"] as? String == "runs/a")
    #expect(answer.json["policy"] as? String == "runs/a/policy.safetensors")
    #expect(answer.json["steps"] as? Int == 2000)
  }
}
