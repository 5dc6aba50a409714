import Foundation
import RLTestSupport
import Testing

/// The same seed gives the same bytes, whatever else differs.
@Suite struct ReproductionTests {
  @Test(arguments: [
    ["--threads", "1"], ["--threads", "2"], ["--instances", "3", "--threads", "2"],
    ["--json", "-v"], ["--eval-episodes", "5", "-q"],
  ])
  func policyAndMetricsDependOnTheSeedAlone(_ more: [String]) throws {
    let host = try Host()
    let lanes = ["--lanes", "4"]
    #expect(try host.run(shortTraining("first", lanes)).status == 0)
    #expect(try host.run(shortTraining("second", lanes + more)).status == 0)
    let policy = "policy.safetensors"
    #expect(try host.bytes("runs/first/\(policy)") == host.bytes("runs/second/\(policy)"))
    let isTraining = { (record: NSDictionary) in record["rollout/episodes"] != nil }
    #expect(
      try host.metrics("first").filter(isTraining) == host.metrics("second").filter(isTraining))
    if !more.contains("--eval-episodes") {
      #expect(try host.metrics("first") == host.metrics("second"))
    }
    #expect(try host.text("runs/first/episodes.csv") == host.text("runs/second/episodes.csv"))
  }

  @Test func portableKernelsGiveTheSamePolicy() throws {
    let host = try Host()
    #expect(try host.run(shortTraining("fast")).status == 0)
    let portable = ["RLHOST_KERNELS": "portable"]
    #expect(try host.run(shortTraining("portable"), environment: portable).status == 0)
    let policy = "policy.safetensors"
    #expect(try host.bytes("runs/fast/\(policy)") == host.bytes("runs/portable/\(policy)"))
  }

  @Test func anotherSeedGivesAnotherPolicy() throws {
    let host = try Host()
    #expect(try host.run(shortTraining("first")).status == 0)
    #expect(try host.run(shortTraining("second", ["--seed", "1"])).status == 0)
    let policy = "policy.safetensors"
    #expect(try host.bytes("runs/first/\(policy)") != host.bytes("runs/second/\(policy)"))
  }

  @Test func theConfigurationOfARunReproducesIt() throws {
    let host = try Host()
    let more = [
      "-E", "gravity=12", "-o", "lr=1e-3", "--seed", "7", "--max-episode-steps", "60",
      "--eval-every", "1000", "--eval-episodes", "3",
    ]
    #expect(try host.run(shortTraining("first", more)).status == 0)
    let config = "runs/first/config.yaml"
    #expect(try host.run(["--config", config, "--name", "second"]).status == 0)
    for file in ["policy.safetensors", "policy-best.safetensors", "episodes.csv"] {
      #expect(try host.bytes("runs/first/\(file)") == host.bytes("runs/second/\(file)"))
    }
    #expect(try host.metrics("first") == host.metrics("second"))
    #expect(try host.run(["--config", config, "--name", "third", "--seed", "8"]).status == 0)
    let policy = "policy.safetensors"
    #expect(try host.bytes("runs/first/\(policy)") != host.bytes("runs/third/\(policy)"))
  }

  @Test func theConfigurationSaysWhereValuesComeFrom() throws {
    let host = try Host()
    try "seed: 3\nhyperparameters:\n  gamma: 0.9\n  tau: 0.5\n".write(
      toFile: host.path("mine.yaml"), atomically: true, encoding: .utf8)
    let answer = try host.run(
      shortTraining("a", ["--config", "mine.yaml", "-o", "tau=0.25", "--print-config"]))
    #expect(answer.status == 0)
    for line in [
      "seed: 3  # file", "steps: 2000  # flag", "lanes: 1  # preset zoo", "  gamma: 0.9  # file",
      "  tau: 0.25  # flag", "  batchSize: 64  # preset zoo", "  doubleQ: false  # default",
    ] { #expect(answer.lines.contains(line), "\(line)") }
    #expect(!host.exists("runs"))
  }

  @Test func aDryRunWritesNothing() throws {
    let host = try Host()
    let answer = try host.run(shortTraining("a", ["--dry-run"]))
    #expect(answer.status == 0)
    #expect(answer.talk.contains("dry run") && answer.talk.contains("CartPole-v1"))
    #expect(!host.exists("runs"))
  }
}
