import Foundation
import RLTestSupport
import Testing

/// DDPG, TD3 and SAC on Pendulum, as the command trains, stops, resumes and evaluates them.
@Suite struct ControlAlgorithmTests {
  private func training(_ algorithm: String, _ name: String) throws -> [String] {
    [
      "--env", try PluginBuild.plugin("pendulum"), "--algo", algorithm, "--steps", "12k", "--name",
      name, "--lanes", "4", "--log-every", "500", "--eval-every", "4k", "--eval-episodes", "3",
      "--checkpoint-seconds", "0.02", "-o", "hidden=16,16", "-o", "batchSize=16", "-o",
      "bufferSize=4000",
    ]
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func afterAStopItGoesOnToTheSameBits(algorithm: String) throws {
    let host = try Host()
    let whole = try host.run(training(algorithm, "whole") + ["--threads", "1"])
    #expect(whole.status == 0, "\(whole.talk)")
    let running = try ResumeTests.started(host, training(algorithm, "a") + ["--threads", "2"])
    kill(running.process.processIdentifier, SIGINT)
    if running.wait().status != 0 {
      let resumed = try host.run(["resume", "runs/a", "--threads", "1"])
      #expect(resumed.status == 0 && resumed.talk.contains("goes on from step"), "\(resumed.talk)")
    }
    try ResumeTests.expectSame(host, "whole", "a")

    let answer = try host.run(["eval", "runs/whole", "--episodes", "4", "--json"])
    #expect(answer.status == 0, "\(answer.talk)")
    let again = try host.run(["eval", "runs/a", "--episodes", "4", "--json"])
    let returns = try #require(answer.json["return"] as? [String: Any])
    #expect(
      returns["mean"] as? Double == (again.json["return"] as? [String: Any])?["mean"] as? Double)
    let contents = try host.run(["inspect", "runs/whole/policy.safetensors"])
    let name = algorithm == "sac" ? "actor.log_std.weight" : "actor.mu.4.weight"
    #expect(contents.status == 0 && contents.output.contains(name), "\(contents.output)")
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func discreteActionsAreRefusedInWords(algorithm: String) throws {
    let answer = try Host().run([
      "--env", try PluginBuild.plugin("cartpole"), "--algo", algorithm, "--steps", "100",
    ])
    #expect(answer.status == 69)
    #expect(answer.talk.contains("\(algorithm) needs continuous actions alone"), "\(answer.talk)")
  }
}
