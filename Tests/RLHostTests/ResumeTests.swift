import Foundation
import RLTestSupport
import Testing

/// A run that was interrupted ends with the files of one that was not.
@Suite struct ResumeTests {
  static let steps = 12_000

  /// What takes part of a second, with evaluations on the way.
  static func training(_ name: String, _ more: [String] = []) throws -> [String] {
    try shortTraining(
      name, steps: steps,
      [
        "--lanes", "4", "--log-every", "500", "--eval-every", "3k", "--eval-episodes", "5",
        "--checkpoint-seconds", "0.02",
      ] + more)
  }

  /// Two runs have the same policies and logs, the clock apart.
  static func expectSame(_ host: Host, _ a: String, _ b: String) throws {
    for file in ["policy.safetensors", "policy-best.safetensors", "episodes.csv"] {
      #expect(try host.bytes("runs/\(a)/\(file)") == host.bytes("runs/\(b)/\(file)"), "\(file)")
    }
    #expect(try host.metrics(a) == host.metrics(b))
    #expect(try host.json("runs/\(b)/run.json")["state"] as? String == "completed")
  }

  /// Starts a training and waits until it has taken a checkpoint.
  static func started(_ host: Host, _ arguments: [String]) throws -> Running {
    let running = try host.start(arguments)
    waitUntil { host.exists("runs/a/checkpoints/LATEST") || !running.process.isRunning }
    return running
  }

  @Test func afterAKillAtARandomMomentNothingDiffers() throws {
    let host = try Host()
    #expect(try host.run(Self.training("whole", ["--checkpoint-seconds", "0"])).status == 0)
    var kills = 0
    for name in ["a", "b", "c"] {
      var running = try host.start(Self.training(name, ["--threads", "1"]))
      let run = host.path("runs/\(name)/run.json")
      waitUntil { FileManager.default.fileExists(atPath: run) }
      for attempt in 0..<20 where try running.isRunningAfter(microseconds: .random(in: 0..<80_000))
      {
        kill(running.process.processIdentifier, SIGKILL)
        kills += 1
        _ = running.wait()
        running = try host.start(["resume", "runs/\(name)", "--threads", "\(1 + attempt % 2)"])
      }
      let answer = running.wait()
      #expect(answer.status == 0, "\(answer.talk)")
      try Self.expectSame(host, "whole", name)
    }
    #expect(kills > 0)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func afterAStopItGoesOn(_ number: Int32) throws {
    let host = try Host()
    #expect(try host.run(Self.training("whole")).status == 0)
    let running = try Self.started(host, Self.training("a"))
    kill(running.process.processIdentifier, number)
    let stopped = running.wait()
    #expect(stopped.status == 128 + number)
    #expect(stopped.output.contains("rl-host resume runs/a"))
    let list = try host.run(["list", "runs"])
    #expect(list.output.contains("stopped"))
    let resumed = try host.run(["resume", "runs/a", "--threads", "2"])
    #expect(resumed.status == 0 && resumed.talk.contains("goes on from step"), "\(resumed.talk)")
    try Self.expectSame(host, "whole", "a")
    let resumes = try host.json("runs/a/run.json")["resumes"] as? [[String: Any]]
    #expect(resumes?.count == 1 && resumes?[0]["step"] as? Int ?? 0 > 0)
    let again = try host.run(["resume", "runs/a"])
    #expect(again.status == 0)
    #expect(again.talk.contains("complete") && again.talk.contains("rl-host eval runs/a"))
  }

  @Test func theRunStartsOverWhereThereIsNoCheckpoint() throws {
    let host = try Host()
    #expect(try host.run(Self.training("whole")).status == 0)
    #expect(try host.run(Self.training("a")).status == 0)
    // as a death before the first checkpoint leaves it
    try FileManager.default.removeItem(atPath: host.path("runs/a/checkpoints"))
    try host.setManifest("a", ["state": "running"])
    let answer = try host.run(["resume", "runs/a"])
    #expect(answer.status == 0 && answer.talk.contains("starts over"), "\(answer.talk)")
    try Self.expectSame(host, "whole", "a")
  }

  @Test func aDamagedCheckpointIsPassedOver() throws {
    let host = try Host()
    #expect(try host.run(Self.training("whole")).status == 0)
    #expect(try host.run(Self.training("a", ["--checkpoint-every", "1k"])).status == 0)
    try host.setManifest("a", ["state": "running"])
    let latest = try host.text("runs/a/checkpoints/LATEST").split(separator: "\n")[0]
    let path = host.path("runs/a/checkpoints/\(latest)/state.safetensors")
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: path))
    let answer = try host.run(["resume", "runs/a", "-q"])
    #expect(answer.status == 0, "\(answer.talk)")
    #expect(answer.talk.contains("passed over") && answer.talk.contains(latest), "\(answer.talk)")
    try Self.expectSame(host, "whole", "a")
  }

  @Test func anEpisodeWithoutSnapshotsIsPlayedAgain() throws {
    let host = try Host()
    func training(_ name: String) throws -> [String] {
      [
        "--env", try misbehaving("QUIET"), "--algo", "dqn", "--steps", "20000", "--name", name,
        "-o", "hidden=8", "-o", "bufferSize=3000", "--eval-every", "5k", "--eval-episodes", "3",
        "--max-episode-steps", "50", "--checkpoint-seconds", "0.02",
      ]
    }
    #expect(try host.run(training("whole")).status == 0)
    let running = try Self.started(host, training("a"))
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    #expect(try host.run(["resume", "runs/a"]).status == 0)
    try Self.expectSame(host, "whole", "a")
  }
}

extension Running {
  /// Lets it run for a while.
  func isRunningAfter(microseconds: UInt32) throws -> Bool {
    usleep(microseconds)
    return process.isRunning
  }
}

extension Host {
  /// Changes fields of a run's manifest, which then is of a process that died.
  func setManifest(_ run: String, _ fields: [String: Any]) throws {
    var manifest = try json("runs/\(run)/run.json").merging(fields) { $1 }
    manifest["pid"] = nil
    let data = try JSONSerialization.data(withJSONObject: manifest)
    try data.write(to: URL(filePath: path("runs/\(run)/run.json")))
  }
}
