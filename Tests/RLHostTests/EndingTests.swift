import Foundation
import RLTestSupport
import Testing

/// However a training ends, nothing is lost and nothing is half-written.
@Suite struct EndingTests {
  private func state(_ host: Host) throws -> String {
    try host.json("runs/a/run.json")["state"] as? String ?? ""
  }

  /// A training that goes on until it is stopped.
  private func start(_ host: Host) throws -> Running {
    let running = try host.start(
      shortTraining("a", steps: 1_000_000_000, ["--log-every", "500", "--eval-every", "5M"]))
    let log = host.path("runs/a/metrics.jsonl")
    waitUntil { (FileManager.default.contents(atPath: log)?.count ?? 0) > 2000 }
    return running
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalSavesAPolicyThatCanBeUsed(_ number: Int32) throws {
    let host = try Host()
    let running = try start(host)
    kill(running.process.processIdentifier, number)
    let answer = running.wait()
    #expect(answer.status == 128 + number)
    #expect(try state(host) == "stopped")
    #expect(answer.talk.contains("stopping at the next update; again to stop at once\n"))
    #expect(answer.output.contains("rl-host eval runs/a"))
    let again = try host.run(["eval", "runs/a", "--episodes", "2", "--json"])
    #expect(again.status == 0)
    #expect(try host.text("runs/a/metrics.jsonl").hasSuffix("}\n"))
    #expect(try host.text("runs/a/episodes.csv").hasSuffix("\r\n"))
  }

  @Test func aClosedPipeEndsQuietlyWithThePolicySaved() throws {
    let host = try Host()
    let process = Process()
    let (output, talk) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: Host.binary)
    process.arguments = try shortTraining(
      "a", steps: 1_000_000_000, ["--json", "-q", "--log-every", "500"])
    process.currentDirectoryURL = URL(filePath: host.folder)
    process.standardOutput = output
    process.standardError = talk
    try process.run()
    _ = try output.fileHandleForReading.read(upToCount: 1)
    try output.fileHandleForReading.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 141)
    #expect(try talk.fileHandleForReading.readToEnd() ?? Data() == Data())
    #expect(try state(host) == "stopped")
    #expect(try host.run(["inspect", "runs/a/policy.safetensors"]).status == 0)
  }

  @Test func aPluginThatBreaksItsContractEndsTheRun() throws {
    let host = try Host()
    let plugin = try misbehaving("NAN_REWARD")
    let answer = try host.run([
      "--env", plugin, "--algo", "dqn", "--steps", "5000", "--name", "a", "-o", "hidden=8", "-o",
      "bufferSize=6000", "--log-every", "50",
    ])
    #expect(answer.status == 69)
    for word in ["Walk-v0", "reward", "lane 0", "seed"] { #expect(answer.talk.contains(word)) }
    let manifest = try host.json("runs/a/run.json")
    #expect(manifest["state"] as? String == "failed")
    #expect(manifest["exit_code"] as? Int == 69)
    #expect((manifest["error"] as? String ?? "").contains("reward"))
    #expect(try host.text("runs/a/metrics.jsonl").hasSuffix("}\n"))
    let names = try FileManager.default.contentsOfDirectory(atPath: host.path("runs/a"))
    #expect(!names.contains { $0.hasSuffix(".tmp") })
    #expect(try host.run(["inspect", "runs/a/policy.safetensors"]).status == 0)
  }

  @Test func aNumberThatIsNotFiniteCanEndTheEpisodeInstead() throws {
    let host = try Host()
    let plugin = try misbehaving("NAN_REWARD")
    let answer = try host.run([
      "--env", plugin, "--algo", "dqn", "--steps", "1000", "--name", "a", "-o", "hidden=8", "-o",
      "bufferSize=3000", "--on-nonfinite", "truncate", "--eval-episodes", "0",
    ])
    #expect(answer.status == 0)
    #expect(answer.talk.contains("truncated, because"))
  }

  @Test func numbersThatDivergeEndTheRun() throws {
    let host = try Host()
    let answer = try host.run([
      "--env", try misbehaving("ENORMOUS"), "--algo", "dqn", "--steps", "2000", "--name", "a", "-o",
      "hidden=8", "-o", "bufferSize=3000", "-o", "loss=squared",
    ])
    #expect(answer.status == 76, "\(answer.talk)")
    #expect(answer.talk.contains("not finite"))
    #expect(try state(host) == "failed")
    #expect(!host.exists("runs/a/policy.safetensors"))
  }

  @Test func aFullDiskEndsTheRunWithItsOwnStatus() throws {
    let host = try Host()
    // files of at most 32 KiB, as if the disk were full
    let words = try shortTraining("a", steps: 20_000, ["--log-every", "1"])
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let answer = try host.start(
      ["-c", "trap '' XFSZ; ulimit -f 32; exec '\(Host.binary)' \(line)"], command: "/bin/bash"
    ).wait()
    #expect(answer.status == 74, "\(answer.talk)")
    #expect(answer.talk.contains("metrics.jsonl"))
    #expect(try state(host) == "failed")
  }

  @Test func whatAPluginPrintsDoesNotReachTheAnswer() throws {
    let host = try Host()
    let plugin = try misbehaving("NOISY")
    let answer = try host.run([
      "--env", plugin, "--algo", "dqn", "--steps", "300", "--name", "a", "-o", "hidden=8", "-o",
      "bufferSize=600", "--json", "--eval-episodes", "2", "--max-episode-steps", "20",
    ])
    #expect(answer.status == 0)
    #expect(!answer.output.contains("noise") && answer.talk.contains("noise"))
    for line in answer.lines {
      #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
    }
  }

  @Test func anEnvironmentWithOneInstanceIsTrainedThenEvaluated() throws {
    let host = try Host()
    let base = [
      "--env", try misbehaving("GLOBAL"), "--algo", "dqn", "--steps", "300", "--name", "a", "-o",
      "hidden=8", "-o", "bufferSize=600", "--max-episode-steps", "20",
    ]
    let refused = try host.run(base + ["--eval-every", "100"])
    #expect(refused.status == 64)
    #expect(refused.talk.contains("--eval-every"))
    #expect(try host.run(base).status == 0)
    #expect(try host.metrics("a").contains { $0["eval/iqm"] != nil })
  }
}
