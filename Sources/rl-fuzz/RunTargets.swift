import Foundation
import RLSystem
import RLTraining

private let jsonWords = [
  "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "false", "nan",
  "\"nan\"", "\"inf\"", "1e400", "-0", "0.1", "[[[[[[[[", "{\"a\":{\"a\":", "\"state\"", "\"seed\"",
  "\"running\"", "\"stopped\"", "\"steps\":", "\"schema\":\"rl-host/run/2\",", "\n", "//", "/*",
]

/// `run.json`.
func runManifestTarget(folder: String) throws -> FuzzTarget {
  let path = folder + "/run.json"
  var manifest = RunManifest(
    id: "sample", argv: ["rl-host", "--env", "x.so"], env: "Sample-v1", plugin: "x.so",
    pluginSHA256: SHA256.hex(of: []), algo: "dqn", seed: 3, steps: 1000, hostVersion: "0.1.0")
  manifest.pid = 42
  try manifest.write(to: path)
  let running = try FileReader.bytes(of: path, limit: 1 << 20)
  manifest.end(.failed, stepsMade: 10, exitCode: 69, error: "it broke")
  try manifest.write(to: path)
  let failed = try FileReader.bytes(of: path, limit: 1 << 20)
  return FuzzTarget("run", samples: [running, failed], words: jsonWords) { bytes, _ in
    try putFile(bytes, path)
    do throws(FileError) {
      try RunManifest(reading: path).write(to: path)
      return true
    } catch {
      return false
    }
  }
}

/// `metrics.jsonl`.
func metricsTarget(folder: String) throws -> FuzzTarget {
  let path = folder + "/metrics.jsonl"
  let lines = [
    MetricsRecord(["step": 1000, "train/loss": 0.25, "rollout/ep_rew_mean": .nan]),
    MetricsRecord(["step": 2000, "eval/mean_reward": -1.5e300, "time/fps": .infinity]),
  ].map { $0.json + "\n" }
  let samples = [lines.joined(), lines[0]].map { Array($0.utf8) }
  return FuzzTarget("metrics", samples: samples, words: jsonWords) { bytes, _ in
    try putFile(bytes, path)
    do throws(FileError) {
      _ = try MetricsLog.read(path)
      return true
    } catch {
      return false
    }
  }
}

/// Writes a file that need not outlast a crash.
func putFile(_ bytes: [UInt8], _ path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}
