import Foundation
import RLTestSupport
import Testing

/// Wrappers through the command: given, shown, saved, applied, resumed.
@Suite struct WrapperTests {
  private static let everything = [
    "-w", "normalize=true", "-w", "clip_obs=5", "-w", "frame_stack=2", "-w", "timeAware=true",
    "-w", "actionRepeat=2", "-w", "stickyActions=0.2", "-w", "rewardScale=0.5",
  ]

  private func result(_ json: [String: Any]) -> NSDictionary {
    NSDictionary(dictionary: json.filter { $0.key != "wall_s" && $0.key != "steps_per_s" })
  }

  @Test func aReloadedPolicyActsIdentically() throws {
    let host = try Host()
    let training = try host.run(
      shortTraining(
        "a", steps: 4000,
        Self.everything + ["--json", "--lanes", "4", "--eval-episodes", "9", "--eval-every", "1k"]))
    #expect(training.status == 0, "\(training.talk)")
    let inside = try #require(training.json["eval"] as? [String: Any])
    for more in [["--lanes", "1"], ["--lanes", "5", "--threads", "2"]] {
      let again = try host.run(
        ["eval", "runs/a", "--episodes", "9", "--json", "--episodes-csv", "\(more[1]).csv"] + more)
      #expect(result(again.json) == result(inside))
      #expect(again.talk.contains("wrapped: ") && again.talk.contains("frameStack 2"))
    }
    #expect(try host.text("1.csv") == host.text("5.csv"))
    // the best policy has the statistics of its own moment
    let best = try host.run(["eval", "runs/a/policy-best.safetensors", "--episodes", "9", "--json"])
    let records = try host.metrics("a").compactMap { $0["eval/mean_reward"] as? Double }
    let mean = (best.json["return"] as? [String: Any])?["mean"] as? Double
    #expect(mean == records.max())
  }

  @Test func rewardsAreRawInEvaluationsAndRecords() throws {
    let host = try Host()
    let scaled = ["-w", "rewardScale=0.001", "-w", "normalizeReward=true", "-w", "clipReward=0.1"]
    #expect(try host.run(shortTraining("a", scaled)).status == 0)
    // a step of CartPole earns 1
    let lines = try host.text("runs/a/episodes.csv").split(whereSeparator: \.isNewline)
    let heads = lines[0].split(separator: ",").map(String.init)
    let (reward, length) = (
      try #require(heads.firstIndex(of: "return")), try #require(heads.firstIndex(of: "length"))
    )
    for line in lines.dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      #expect(Double(cells[reward]) == Double(cells[length]))
    }
    let answer = try host.run(["eval", "runs/a", "--episodes", "5", "--json"])
    let mean = { (name: String) in (answer.json[name] as? [String: Any])?["mean"] as? Double }
    #expect(mean("return") == mean("length"))
  }

  /// The training of `ResumeTests`, by any algorithm.
  private func training(_ name: String, by algorithm: String, _ more: [String]) throws -> [String] {
    let training = try ResumeTests.training(name, Self.everything + more)
    if algorithm == "dqn" { return training }
    return training.map { word in
      word == "dqn" ? algorithm : word == "bufferSize=5000" ? "nSteps=40" : word
    }
  }

  @Test(arguments: ["dqn", "ppo", "a2c"])
  func aKilledRunEndsWithTheBitsOfOneThatWasNot(algorithm: String) throws {
    let host = try Host()
    #expect(
      try host.run(training("whole", by: algorithm, ["--checkpoint-seconds", "0"])).status == 0)
    var running = try host.start(training("a", by: algorithm, ["--threads", "1"]))
    waitUntil { host.exists("runs/a/run.json") }
    for attempt in 0..<12 where try running.isRunningAfter(microseconds: .random(in: 0..<90_000)) {
      kill(running.process.processIdentifier, SIGKILL)
      _ = running.wait()
      running = try host.start(["resume", "runs/a", "--threads", "\(1 + attempt % 2)"])
    }
    #expect(running.wait().status == 0)
    try ResumeTests.expectSame(host, "whole", "a")
  }

  @Test func theConfigurationFileReproducesTheRun() throws {
    let host = try Host()
    #expect(try host.run(shortTraining("a", Self.everything)).status == 0)
    let text = try host.text("runs/a/config.yaml")
    #expect(text.contains("wrappers:\n  normalizeObservation: true  # flag\n"))
    #expect(text.contains("  clipObservation: 5.0  # flag\n"))
    #expect(text.contains("  clipReward: 10.0  # default\n"))
    #expect(try host.run(["--config", "runs/a/config.yaml", "--name", "b"]).status == 0)
    #expect(try host.bytes("runs/a/policy.safetensors") == host.bytes("runs/b/policy.safetensors"))
    // a flag wins over the file
    let other = try host.run([
      "--config", "runs/a/config.yaml", "--name", "c", "-w", "normalizeObservation=false", "-w",
      "frameStack=1",
    ])
    #expect(other.status == 0)
    #expect(
      try host.text("runs/c/config.yaml").contains("  normalizeObservation: false  # flag\n"))
  }

  @Test func whatIsWrappedIsShown() throws {
    let host = try Host()
    let training = try host.run(shortTraining("a", Self.everything))
    for words in [
      "wrapped: normalizeObservation true, normalizeReward true", "clipReward 10.0",
      "the agent observes Dict(observation: Box(8) f32 [-5.0, 5.0], time: Box(1) f32 [0.0, 1.0])",
    ] { #expect(training.talk.contains(words), "\(training.talk)") }
    let policy = try host.run(["inspect", "runs/a/policy.safetensors"])
    for words in ["observes   Box(4)", "timeLimit 500", "observation.mean", "gamma 0.99"] {
      #expect(policy.output.contains(words), "\(policy.output)")
    }
    let json = try host.run(["inspect", "runs/a/policy.safetensors", "--json"])
    let wrappers = try #require(json.json["wrappers"] as? [String: Any])
    #expect((wrappers["settings"] as? [String: Any])?["frameStack"] as? String == "2")
    let statistics = wrappers["statistics"] as? [String: [Double]]
    #expect(statistics?["observation.variance"]?.count == 4)
    let list = try host.run(["list", "wrappers"])
    #expect(list.status == 0 && list.output.contains("normalizeObservation"))
    let one = try host.run(["list", "wrappers", "frame_stack", "--json"])
    #expect((one.json["wrappers"] as? [Any])?.count == 1)
  }

  @Test func withoutWrappersAPolicyFileSaysNothingOfThem() throws {
    let host = try Host()
    #expect(try host.run(shortTraining("a")).status == 0)
    #expect(try host.run(shortTraining("b", ["-w", "frameStack=1"])).status == 0)
    let bytes = try host.bytes("runs/a/policy.safetensors")
    #expect(bytes.range(of: Data("wrapper".utf8)) == nil)
    #expect(try host.bytes("runs/b/policy.safetensors") == bytes)
    #expect(try host.text("runs/a/config.yaml").hasSuffix("wrappers: {}\n"))
  }
}
