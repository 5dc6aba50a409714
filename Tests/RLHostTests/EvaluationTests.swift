import Foundation
import RLTestSupport
import Testing

@Suite struct EvaluationTests {
  /// A host with a run called "a".
  private func trained(_ more: [String] = []) throws -> Host {
    let host = try Host()
    #expect(try host.run(shortTraining("a", more)).status == 0)
    return host
  }

  private func result(_ json: [String: Any]) -> NSDictionary {
    NSDictionary(dictionary: json.filter { $0.key != "wall_s" && $0.key != "steps_per_s" })
  }

  @Test func repeatsTheNumbersOfTheTraining() throws {
    let host = try Host()
    let trained = try host.run(shortTraining("a", ["--json", "--eval-episodes", "7"]))
    #expect(trained.json["schema"] as? String == "rl-host/train/1")
    let inside = try #require(trained.json["eval"] as? [String: Any])
    let again = try host.run(["eval", "runs/a", "--episodes", "7", "--json"])
    #expect(again.status == 0)
    #expect(result(again.json) == result(inside))
    #expect(
      Set(again.json.keys) == [
        "schema", "env", "policy", "episodes", "seed", "deterministic", "return", "length",
        "wall_s", "steps_per_s",
      ])
    #expect(
      Set((again.json["return"] as? [String: Any] ?? [:]).keys) == [
        "mean", "std", "median", "iqm", "ci95", "min", "max",
      ])
  }

  @Test(arguments: ["--deterministic", "--sampled"])
  func doesNotDependOnLanesOrThreads(_ choosing: String) throws {
    let host = try trained()
    let base = ["eval", "runs/a", "--episodes", "9", "--seed", "5", "--json", choosing]
    let one = try host.run(base + ["--lanes", "1", "--episodes-csv", "one.csv"])
    for lanes in ["4", "9", "64"] {
      let many = try host.run(
        base + ["--lanes", lanes, "--threads", "2", "--episodes-csv", "\(lanes).csv"])
      #expect(result(many.json) == result(one.json))
      #expect(try host.text("\(lanes).csv") == host.text("one.csv"))
    }
    #expect(one.json["deterministic"] as? Bool == (choosing == "--deterministic"))
    #expect(try host.text("one.csv").split(separator: "\r\n").count == 10)
  }

  @Test func tellsTheResultWhenItsEpisodesCannotBeWritten() throws {
    let answer = try trained().run(
      ["eval", "runs/a", "--episodes", "2", "--json", "--episodes-csv", "none/x.csv"])
    #expect(answer.status == 73)
    #expect(answer.json["episodes"] as? Int == 2)
    #expect(answer.talk.contains("none/x.csv"))
  }

  @Test func printsATable() throws {
    let answer = try trained().run(["eval", "runs/a/", "--episodes", "3"])
    #expect(answer.status == 0)
    for word in ["mean", "std", "median", "IQM", "95 % interval", "length"] {
      #expect(answer.lines[0].contains(word))
    }
    #expect(answer.talk.contains("CartPole-v1") && answer.talk.contains("greedy"))
  }

  @Test func keepsTheRunsOptionsAndLimit() throws {
    let host = try trained(["--max-episode-steps", "8", "-E", "gravity=5"])
    let answer = try host.run(["eval", "runs/a", "--episodes", "4", "--json"])
    let length = try #require(answer.json["length"] as? [String: Any])
    #expect(length["max"] as? Int == 8)
    #expect(answer.talk.contains("at most 8 steps"))
    #expect(answer.talk.contains("-E gravity=5, the rest at their defaults"), "\(answer.talk)")
    #expect(try host.run(["--config", "runs/a", "--name", "b"]).status == 0)
    #expect(try host.bytes("runs/a/policy.safetensors") == host.bytes("runs/b/policy.safetensors"))
  }

  @Test func tellsTheMetricsThatTheEnvironmentDeclares() throws {
    let host = try Host()
    let trained = try host.run([
      "--env", try PluginBuild.plugin("probes") + ":PolicyReward-v0", "--algo", "dqn", "--steps",
      "300", "--name", "a", "-o", "hidden=8", "-o", "bufferSize=500",
    ])
    #expect(trained.status == 0, "\(trained.talk)")
    let rate = /success +\d+\.\d %/
    #expect(trained.output.contains(rate), "\(trained.output)")
    #expect(try host.run(["eval", "runs/a"]).output.contains(rate))
    let metrics = try host.run(["eval", "runs/a", "--json"]).json["metrics"] as? [String: Any]
    let success = try #require(metrics?["success"] as? Double)
    #expect((0...1).contains(success))
  }

  @Test func aPolicyAloneNeedsItsEnvironment() throws {
    let host = try trained()
    let policy = "policy.safetensors"
    try host.bytes("runs/a/\(policy)").write(to: URL(filePath: host.path(policy)))
    #expect(try host.run(["eval", policy]).status == 64)
    let plugin = try PluginBuild.plugin("cartpole")
    let answer = try host.run(["eval", policy, "--env", plugin, "--episodes", "2", "--json"])
    #expect(answer.status == 0)
    #expect(answer.json["policy"] as? String == policy)
  }

  @Test func refusesOtherSpacesAndPrintsBoth() throws {
    let probes = try PluginBuild.plugin("probes")
    let answer = try trained().run(["eval", "runs/a", "--env", probes + ":ObservationReward-v0"])
    #expect(answer.status == 65)
    #expect(answer.talk.contains("Box(4)") && answer.talk.contains("Box(1)"))
    #expect(answer.output.isEmpty)
  }

  @Test func warnsOfAnotherPlugin() throws {
    let changed = try PluginBuild.compile(
      source: "plugins/cartpole.c", name: "cartpole-again", defines: ["UNUSED=1", "NDEBUG"])
    let host = try trained()
    let copy = host.path("other.so")
    // bytes after the last section change the hash and nothing else
    let bytes = try Data(contentsOf: URL(filePath: changed)) + Data("\n".utf8)
    try bytes.write(to: URL(filePath: copy))
    let answer = try host.run(["eval", "runs/a", "--env", "other.so", "--episodes", "2", "--json"])
    #expect(answer.status == 0)
    #expect(answer.talk.contains("warning: the plugin is not the one"))
  }

  @Test func findsTheRunsPluginFromElsewhere() throws {
    let host = try Host()
    let plugin = try Data(contentsOf: URL(filePath: PluginBuild.plugin("cartpole")))
    try plugin.write(to: URL(filePath: host.path("cart.so")))
    let training = try shortTraining("a").map { $0.hasSuffix("cartpole.so") ? "cart.so" : $0 }
    #expect(try host.run(training).status == 0)
    let elsewhere = try Host()
    let answer = try elsewhere.run(["eval", host.path("runs/a"), "--episodes", "2", "--json"])
    #expect(answer.status == 0, "\(answer.talk)")
    let config = host.path("runs/a/config.yaml")
    #expect(try elsewhere.run(["--config", config, "--name", "b"]).status == 0)
    #expect(
      try elsewhere.bytes("runs/b/policy.safetensors") == host.bytes("runs/a/policy.safetensors"))
    try FileManager.default.removeItem(atPath: host.path("cart.so"))
    let gone = try host.run(["eval", "runs/a"])
    #expect(gone.status == 66)
    #expect(gone.talk.contains("cart.so") && gone.talk.contains("--env"))
  }

  @Test func refusesADamagedPolicy() throws {
    let host = try trained()
    var bytes = try host.bytes("runs/a/policy.safetensors")
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(filePath: host.path("runs/a/policy.safetensors")))
    for verb in [["eval", "runs/a"], ["inspect", "runs/a/policy.safetensors"]] {
      let answer = try host.run(verb)
      #expect(answer.status == 65)
      #expect(answer.talk.contains("policy.safetensors"))
    }
  }

  @Test func statesTheCapWhereNothingLimitsAnEpisode() throws {
    let host = try Host()
    let plugin = try misbehaving("QUIET")
    let training = ["--env", plugin, "--algo", "dqn", "--steps", "200", "--name", "a"]
    #expect(try host.run(training + ["-o", "hidden=8", "-o", "bufferSize=500"]).status == 0)
    let answer = try host.run(["eval", "runs/a", "--episodes", "2", "--sampled"])
    #expect(answer.status == 0)
    #expect(answer.talk.contains("no time limit") && answer.talk.contains("--max-episode-steps"))
  }

  @Test func inspectTellsWhatThingsAre() throws {
    let host = try trained()
    let policy = try host.run(["inspect", "runs/a/policy.safetensors", "--json"])
    #expect(policy.json["schema"] as? String == "rl-host/inspect-policy/1")
    let test = try #require(policy.json["self_test"] as? [String: Any])
    #expect(test["passed"] as? Bool == true && test["rows"] as? Int ?? 0 >= 16)
    let run = try host.run(["inspect", "runs/a"])
    #expect(run.output.contains("completed") && run.output.contains("CartPole-v1"))
    let plugin = try host.run(["inspect", PluginBuild.plugin("cartpole")])
    #expect(plugin.output.contains("SHA-256") && plugin.output.contains("-E gravity"))
  }
}
