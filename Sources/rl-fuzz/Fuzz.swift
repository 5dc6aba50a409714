import ArgumentParser
import Foundation

@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rl-fuzz",
    abstract: "Reads damaged files as the host would: none may crash, hang or take much memory.",
    discussion: """
      Every file is a function of target, seed and index, so a finding is repeated with
        rl-fuzz TARGET --seed SEED --case INDEX --write FILE
      Exit status: 0 nothing found, 1 a finding.
      """)

  @Argument(help: "Readers to attack; all without one.")
  var targets: [String] = []

  @Option(help: "Damaged files for each target.")
  var count = 100_000

  @Option(help: "Of the damage.")
  var seed: UInt64 = 1

  @Option(help: "A target is left after so many findings.")
  var findings = 5

  @Option(name: .customLong("case"), help: "Only this file, in this process.")
  var index: Int?

  @Option(help: "With --case: writes the damaged file there first.")
  var write: String?

  @Option(help: .hidden)
  var worker: String?

  @Option(help: .hidden)
  var folder: String?

  @Flag(help: "Only the targets' names.")
  var list = false

  func run() throws {
    if list { return print(FuzzCatalogue.names.joined(separator: "\n")) }
    let names = targets.isEmpty ? FuzzCatalogue.names : targets
    if let worker, let folder { return try work(names[0], worker, folder) }
    let memory = "/dev/shm/"  // a folder in memory, where there is one
    let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    let folder = root + "rl-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if let index { return try repeatCase(names[0], index, folder) }
    let results = try names.map { try attack($0, folder) }
    if results.contains(false) { throw ExitCode(1) }
  }

  private func work(_ name: String, _ range: String, _ folder: String) throws {
    let bounds = range.split(separator: "..<").compactMap { Int($0) }
    guard bounds.count == 2, bounds[0] <= bounds[1],
      let progress = FileHandle(forWritingAtPath: folder + "/progress")
    else { throw FuzzError("a worker was started wrongly") }
    let target = try FuzzCatalogue.target(named: name, folder: folder)
    let tally = try FuzzWorker(target: target, seed: seed)
      .run(bounds[0]..<bounds[1], progress: progress)
    print(tally.line)
  }

  private func repeatCase(_ name: String, _ index: Int, _ folder: String) throws {
    let target = try FuzzCatalogue.target(named: name, folder: folder)
    let file = FuzzCase(target, seed: seed, index: index)
    if let write { try Data(file.bytes).write(to: URL(filePath: write)) }
    let result = try file.run(target)
    print(
      "\(name) \(index): \(result.isAccepted ? "accepted" : "refused"), "
        + "\(file.bytes.count) bytes, \(result.held) held")
  }

  /// - Returns: whether nothing was found.
  private func attack(_ name: String, _ folder: String) throws -> Bool {
    let supervisor = FuzzSupervisor(
      binary: CommandLine.arguments[0], target: name, seed: seed, folder: folder,
      findingsWanted: self.findings)
    let start = DispatchTime.now().uptimeNanoseconds
    let (tally, findings) = try supervisor.run(0..<count)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    print(
      "\(name): \(tally.accepted + tally.refused) files, \(tally.accepted) accepted, "
        + "\(tally.refused) refused, at most \(tally.held >> 10) KiB held, "
        + "\(findings.count) findings; \(Int(seconds.rounded())) s")
    for finding in findings {
      print(
        "  case \(finding.index): \(finding.what)\n"
          + "  repeat: rl-fuzz \(name) --seed \(seed) --case \(finding.index)")
    }
    return findings.isEmpty
  }
}
