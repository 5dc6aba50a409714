import Foundation
import RLTestSupport
import Testing

/// Signals, and checkpoints that cannot be written.
@Suite struct CheckpointTests {
  private let endless = ["--steps", "1000000000", "--eval-every", "1G"]

  private func started(_ host: Host, _ more: [String] = []) throws -> Running {
    try ResumeTests.started(host, ResumeTests.training("a", endless + more))
  }

  private func state(_ host: Host) throws -> String {
    try host.json("runs/a/run.json")["state"] as? String ?? ""
  }

  @Test func aWishIsAnsweredAndTheRunGoesOn() throws {
    let host = try Host()
    let running = try host.start(
      ResumeTests.training("a", endless + ["--checkpoint-seconds", "0"]))
    let log = host.path("runs/a/metrics.jsonl")
    waitUntil { (FileManager.default.contents(atPath: log)?.count ?? 0) > 2000 }
    #expect(!host.exists("runs/a/checkpoints"))
    kill(running.process.processIdentifier, SIGUSR1)
    waitUntil { host.exists("runs/a/checkpoints/LATEST") || !running.process.isRunning }
    usleep(100_000)
    #expect(running.process.isRunning)
    kill(running.process.processIdentifier, SIGINT)
    let answer = running.wait()
    #expect(answer.status == 130)
    #expect(answer.talk.contains("checkpoint at step "), "\(answer.talk)")
  }

  @Test func aSecondSignalEndsAtOnceAndTheCheckpointIsGood() throws {
    let host = try Host()
    let running = try started(host)
    kill(running.process.processIdentifier, SIGINT)
    kill(running.process.processIdentifier, SIGTERM)
    kill(running.process.processIdentifier, SIGINT)
    #expect([130, 143].contains(running.wait().status))
    let resumed = try host.start(["resume", "runs/a"])
    waitUntil { (try? state(host)) == "running" }
    usleep(200_000)
    kill(resumed.process.processIdentifier, SIGINT)
    let answer = resumed.wait()
    #expect(answer.status == 130, "\(answer.talk)")
  }

  @Test func aTerminalThatIsGoneEndsNothing() throws {
    let host = try Host()
    #expect(try host.run(ResumeTests.training("whole")).status == 0)
    // a terminal of its own, whose other end dies with `script`
    let words = try ResumeTests.training("a", ["--threads", "1"]).map { "'\($0)'" }
    let line = ([Host.binary] + words).joined(separator: " ")
    let script = try host.start(["-qec", line, "/dev/null"], command: "/usr/bin/script")
    waitUntil { host.exists("runs/a/checkpoints/LATEST") || !script.process.isRunning }
    kill(script.process.processIdentifier, SIGKILL)
    _ = script.wait()
    waitUntil { (try? state(host)) == "completed" }
    try ResumeTests.expectSame(host, "whole", "a")
  }

  @Test func threeFailuresInARowEndTheRunWithThePolicySaved() throws {
    let host = try Host()
    // no file above 16 KiB: the logs fit, the checkpoints do not
    let words = try ResumeTests.training(
      "a", endless + ["-o", "hidden=64", "--log-every", "1M", "--checkpoint-every", "2k"])
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let answer = try host.start(
      ["-c", "ulimit -f 48; exec '\(Host.binary)' \(line)"], command: "/bin/bash"
    ).wait()
    #expect(answer.status == 74, "\(answer.talk)")
    #expect(answer.talk.split(separator: "\n").filter { $0.contains("tried again") }.count == 2)
    #expect(answer.talk.contains("three times in a row"), "\(answer.talk)")
    #expect(try state(host) == "failed")
    #expect(try host.run(["inspect", "runs/a/policy.safetensors"]).status == 0)
  }

  @Test func aFullDiskLeavesTheCheckpointBefore() throws {
    let host = try Host()
    let folder = host.path("runs")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let mount = try host.start(
      ["-t", "tmpfs", "-o", "size=600k", "none", folder], command: "/bin/mount"
    ).wait()
    if mount.status != 0 { return }  // only root may
    defer { _ = try? host.start([folder], command: "/bin/umount").wait() }
    let running = try started(host, ["--keep-checkpoints", "1"])
    _ = try host.start(
      ["-c", "head -c 2000000 /dev/zero > runs/filler"], command: "/bin/bash"
    ).wait()
    let answer = running.wait()
    #expect(answer.status == 74, "\(answer.talk)")
    try? FileManager.default.removeItem(atPath: folder + "/filler")
    let resumed = try host.start(["resume", "runs/a"])
    waitUntil { (try? state(host)) == "running" || !resumed.process.isRunning }
    usleep(200_000)
    kill(resumed.process.processIdentifier, SIGINT)
    let end = resumed.wait()
    #expect([130, 74].contains(end.status) && end.talk.contains("goes on from"), "\(end.talk)")
  }

  @Test func checkpointsThatAreRemovedMeanwhileAreWrittenAnew() throws {
    let host = try Host()
    #expect(try host.run(ResumeTests.training("whole")).status == 0)
    let running = try ResumeTests.started(host, ResumeTests.training("a"))
    try FileManager.default.moveItem(
      atPath: host.path("runs/a/checkpoints"), toPath: host.path("away"))
    waitUntil { host.exists("runs/a/checkpoints/LATEST") || !running.process.isRunning }
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    #expect(try host.run(["resume", "runs/a"]).status == 0)
    try ResumeTests.expectSame(host, "whole", "a")
  }

  @Test func aPluginAtFaultSaysHowToGoOn() throws {
    let host = try Host()
    let answer = try host.run([
      "--env", try misbehaving("NAN_REWARD"), "--algo", "dqn", "--steps", "5000", "--name", "a",
      "-o", "hidden=8", "-o", "bufferSize=6000", "--checkpoint-every", "100",
    ])
    #expect(answer.status == 69)
    #expect(answer.talk.contains("rl-host resume runs/a"), "\(answer.talk)")
    // a hint, which resume does without
    try FileManager.default.removeItem(atPath: host.path("runs/a/checkpoints/LATEST"))
    let list = try host.run(["list", "runs", "--json"])
    let runs = list.json["runs"] as? [[String: Any]]
    #expect(runs?.first?["resumable_at"] as? Int == 200)
  }
}
