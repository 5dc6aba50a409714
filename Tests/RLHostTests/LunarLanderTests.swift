import Foundation
import RLTestSupport
import Testing

/// LunarLander through the command: it keeps the contract, and a training on it is resumed exactly.
@Suite struct LunarLanderTests {
  static let ids = ["LunarLander-v3", "LunarLanderContinuous-v3"]

  @Test(arguments: ids) func itKeepsTheContract(id: String) throws {
    guard let path = try PluginBuild.lunarLander() else { return }
    let answer = try Host().run([
      "check", "\(path):\(id)", "--in-process", "--steps", "300", "--skip", "time", "speed",
      "--json",
    ])
    #expect(answer.status == 0, "\(answer.output)")
    let tests = answer.json["tests"] as? [[String: Any]] ?? []
    let statuses = tests.compactMap { $0["status"] as? String }
    #expect(Set(statuses).isSubset(of: ["pass", "skip"]), "\(answer.output)")
    #expect(statuses.filter { $0 == "pass" }.count > 45)
  }

  @Test(arguments: zip(["dqn", "ppo"], ids))
  func aTrainingThatWasKilledEndsTheSame(algorithm: String, id: String) throws {
    guard let path = try PluginBuild.lunarLander() else { return }
    let host = try Host()
    func training(_ name: String) -> [String] {
      [
        "--env", "\(path):\(id)", "--algo", algorithm, "--steps", "6k", "--name", name,
        "--lanes", "4", "-o", "hidden=16", "--eval-every", "2k", "--eval-episodes", "2",
        "--checkpoint-seconds", "0.02", "--threads", "1",
      ] + (algorithm == "ppo" ? ["-o", "nSteps=64"] : ["-o", "bufferSize=5000"])
    }
    #expect(try host.run(training("whole")).status == 0)
    let running = try ResumeTests.started(host, training("a"))
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    let resumed = try host.run(["resume", "runs/a", "--threads", "2"])
    #expect(resumed.status == 0, "\(resumed.talk)")
    try ResumeTests.expectSame(host, "whole", "a")
  }
}
