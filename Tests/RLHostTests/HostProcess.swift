import Foundation
import RLTestSupport

/// The built command as a process of its own, in a folder of its own.
final class Host: Sendable {
  /// What a process left behind.
  struct Answer {
    var status: Int32
    var output: String  // standard output
    var talk: String  // standard error

    /// The lines of the output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The last line of the output as a JSON object; empty if it is none.
    var json: [String: Any] {
      let object = try? JSONSerialization.jsonObject(with: Data((lines.last ?? "").utf8))
      return object as? [String: Any] ?? [:]
    }
  }

  /// The folder in which processes run.
  let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/rl-host-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The binary beside the one that runs the tests.
  static let binary: String = {
    let tests = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
    let release = PluginBuild.root + "/.build/release/rl-host"
    let beside = tests + "/rl-host"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : release
  }()

  /// Runs `rl-host` with `arguments` to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Answer {
    try start(arguments, environment: environment).wait()
  }

  /// Starts `rl-host`, or another command that does.
  func start(
    _ arguments: [String], command: String = Host.binary, environment: [String: String] = [:]
  ) throws -> Running {
    try Running(arguments, command: command, host: self, environment: environment)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// The fields of a JSON file.
  func json(_ name: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: bytes(name)) as? [String: Any] ?? [:]
  }

  /// `metrics.jsonl` without what depends on the clock.
  func metrics(_ run: String) throws -> [NSDictionary] {
    try text("runs/\(run)/metrics.jsonl").split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      return NSDictionary(dictionary: object.filter { !$0.key.hasPrefix("time/") })
    }
  }
}

/// A process that may still run. Its words go to files, so it never waits for a reader.
struct Running {
  let process = Process()
  private let host: Host  // its folder is there as long as this is
  private let output: String
  private let talk: String

  init(
    _ arguments: [String], command: String, host: Host, environment: [String: String]
  ) throws {
    self.host = host
    let stem = "\(host.folder)/.\(UUID().uuidString)"
    (output, talk) = (stem + ".out", stem + ".err")
    process.executableURL = URL(filePath: command)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: host.folder)
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("RLHOST_") }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.create(output)
    process.standardError = try Self.create(talk)
    try process.run()
  }

  /// Waits for its end, and ends it after a minute.
  func wait() -> Host.Answer {
    for _ in 0..<12_000 where process.isRunning { usleep(5000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return Host.Answer(
      status: isSignal ? -process.terminationStatus : process.terminationStatus,
      output: Self.text(output), talk: Self.text(talk))
  }

  private static func create(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(filePath: path))
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

/// Waits until `condition` holds; gives up after half a minute.
func waitUntil(_ condition: () -> Bool) {
  for _ in 0..<3000 where !condition() { usleep(10_000) }
}

/// Arguments of a short training on CartPole in the run called `name`.
func shortTraining(_ name: String, steps: Int = 2000, _ more: [String] = []) throws -> [String] {
  let environment = try PluginBuild.plugin("cartpole")
  return [
    "--env", environment, "--algo", "dqn", "--steps", "\(steps)", "--name", name, "-o",
    "hidden=16", "-o", "bufferSize=5000",
  ] + more
}

/// The fixture that does what `behaviour` says.
func misbehaving(_ behaviour: String) throws -> String {
  try PluginBuild.compile(
    source: "Tests/RLHostTests/Fixtures/misbehaving.c", name: "misbehaving-\(behaviour)",
    defines: ["CASE=\(behaviour)"])
}
