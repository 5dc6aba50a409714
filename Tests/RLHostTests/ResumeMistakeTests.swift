import Foundation
import RLTestSupport
import Testing

/// What `resume` refuses, in words.
@Suite struct ResumeMistakeTests {
  /// A run that was stopped, with a plugin of its own.
  private func stopped(_ host: Host) throws {
    try FileManager.default.copyItem(
      atPath: try PluginBuild.plugin("cartpole"), toPath: host.path("own.so"))
    var words = try ResumeTests.training("a", ["--steps", "1000000000", "--eval-every", "1G"])
    words[1] = "own.so"
    let running = try ResumeTests.started(host, words)
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.wait().status == 130)
  }

  @Test func anotherVersionIsRefusedUnlessAllowed() throws {
    let host = try Host()
    #expect(try host.run(ResumeTests.training("a")).status == 0)
    try FileManager.default.removeItem(atPath: host.path("runs/a/checkpoints"))
    try host.setManifest("a", ["state": "running", "host_version": "0.0.1"])
    let refused = try host.run(["resume", "runs/a"])
    #expect(refused.status == 69)
    #expect(refused.talk.contains("0.0.1") && refused.talk.contains("--allow-changed"))
    #expect(try host.run(["resume", "runs/a", "--allow-changed"]).status == 0)
  }

  @Test func aPluginThatWasRebuiltIsRefusedUnlessAllowed() throws {
    let host = try Host()
    try stopped(host)
    let handle = try FileHandle(forWritingTo: URL(filePath: host.path("own.so")))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    let refused = try host.run(["resume", "runs/a"])
    #expect(refused.status == 69)
    for word in ["plugin", "SHA-256", "--allow-changed"] {
      #expect(refused.talk.contains(word), "\(refused.talk)")
    }
    let running = try host.start(["resume", "runs/a", "--allow-changed", "-q"])
    waitUntil { (try? host.json("runs/a/run.json"))?["state"] as? String == "running" }
    usleep(100_000)
    kill(running.process.processIdentifier, SIGTERM)
    let answer = running.wait()
    #expect(answer.status == 143 && answer.talk.contains("warning:"), "\(answer.talk)")
    let resumes = try host.json("runs/a/run.json")["resumes"] as? [[String: Any]]
    #expect((resumes?.last?["changed"] as? [String])?.count == 1)
  }

  @Test func aPluginThatHasGoneCanBeNamed() throws {
    let host = try Host()
    try stopped(host)
    try FileManager.default.moveItem(atPath: host.path("own.so"), toPath: host.path("moved.so"))
    let missing = try host.run(["resume", "runs/a"])
    #expect(missing.status == 66)
    #expect(missing.talk.contains("own.so") && missing.talk.contains("--env"), "\(missing.talk)")
    let other = try host.run(["resume", "runs/a", "--env", "moved.so:Other-v0"])
    #expect(other.status == 64 && other.talk.contains("CartPole-v1"), "\(other.talk)")
    let running = try host.start(["resume", "runs/a", "--env", "moved.so:CartPole-v1"])
    waitUntil { (try? host.json("runs/a/run.json"))?["state"] as? String == "running" }
    usleep(100_000)
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.wait().status == 130)
  }

  @Test func aRunIsFoundFromAnotherFolder() throws {
    let host = try Host()
    try stopped(host)
    let elsewhere = try Host()
    let running = try elsewhere.start(["resume", host.path("runs/a"), "--checkpoint-seconds", "0"])
    waitUntil { (try? host.json("runs/a/run.json"))?["state"] as? String == "running" }
    usleep(100_000)
    kill(running.process.processIdentifier, SIGINT)
    let answer = running.wait()
    #expect(answer.status == 130, "\(answer.talk)")
  }

  @Test func aChangedConfigurationIsAnotherRun() throws {
    let host = try Host()
    try stopped(host)
    let path = host.path("runs/a/config.yaml")
    let text = try host.text("runs/a/config.yaml")
    try text.replacing("seed: 0", with: "seed: 1").write(
      toFile: path, atomically: false, encoding: .utf8)
    let answer = try host.run(["resume", "runs/a", "--allow-changed"])
    #expect(answer.status == 65)
    #expect(answer.talk.contains("config.yaml") && answer.talk.contains("--config"))
  }

  @Test func aBestPolicyThatWasRemovedIsNotNamed() throws {
    let host = try Host()
    #expect(try host.run(ResumeTests.training("a")).status == 0)
    try FileManager.default.removeItem(atPath: host.path("runs/a/policy-best.safetensors"))
    try host.setManifest("a", ["state": "running"])
    let answer = try host.run(["resume", "runs/a"])
    #expect(answer.status == 0, "\(answer.talk)")
    let isThere = FileManager.default.fileExists(
      atPath: host.path("runs/a/policy-best.safetensors"))
    #expect(answer.output.contains("policy-best.safetensors") == isThere, "\(answer.output)")
  }

  @Test func aLogThatLostItsEndIsDamage() throws {
    let host = try Host()
    try stopped(host)
    try Data("{}\n".utf8).write(to: URL(filePath: host.path("runs/a/metrics.jsonl")))
    let answer = try host.run(["resume", "runs/a"])
    #expect(answer.status == 65)
    #expect(answer.talk.contains("metrics.jsonl"), "\(answer.talk)")
  }

  @Test func whatIsNoRunIsSaid() throws {
    let host = try Host()
    let missing = try host.run(["resume", "runs/a"])
    #expect(missing.status == 66 && missing.talk.contains("no such run"))
    try FileManager.default.createDirectory(
      atPath: host.path("runs/a"), withIntermediateDirectories: true)
    let empty = try host.run(["resume", "runs/a/"])
    #expect(empty.status == 66 && empty.talk.contains("run.json"))
  }

  @Test func aSecondProcessIsRefused() throws {
    let host = try Host()
    let running = try ResumeTests.started(
      host, try ResumeTests.training("a", ["--steps", "1000000000"]))
    let second = try host.run(["resume", "runs/a"])
    #expect(second.status == 73)
    let pid = "\(running.process.processIdentifier)"
    #expect(second.talk.contains(pid) && second.talk.contains("making this run"), "\(second.talk)")
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.wait().status == 130)
  }
}
