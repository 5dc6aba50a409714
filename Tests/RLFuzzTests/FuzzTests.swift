import Foundation
import Testing

/// The short form of `make fuzz`: each target in processes of its own, beside the one that runs the
/// tests.
@Suite struct FuzzTests {
  private static let binary =
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/rl-fuzz"

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: Self.binary)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  @Test func noDamagedFileCrashesHangsOrTakesMuchMemory() throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    let answer = try run(["--count", "1000", "--seed", "\(seed)"])
    #expect(answer.status == 0, "\(answer.output)")
    let lines = answer.output.split(separator: "\n")
    let targets = try run(["--list"]).output.split(separator: "\n")
    #expect(lines.count == targets.count && targets.count >= 9)
    for line in lines {
      let words = line.split(separator: " ")
      #expect(words[1] == "1000", "\(line)")
      // damage that is never accepted, or always, proves little
      #expect((Int(words[5]) ?? 0) > 100, "\(line)")
    }
  }

  @Test func whatAReaderShouldNotDoIsFound() throws {
    for (fault, word) in [("crash", "signal"), ("hang", "did not end"), ("memory", "allocation")] {
      let answer = try run(["fault-\(fault)", "--count", "40", "--seed", "1", "--findings", "1"])
      #expect(answer.status == 1)
      #expect(answer.output.contains(word), "\(answer.output)")
      #expect(answer.output.contains("repeat: rl-fuzz fault-\(fault) --seed 1 --case"))
    }
  }

  @Test func aCaseIsAFunctionOfItsSeed() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/rl-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try ["7", "7", "8"].enumerated().map { index, seed in
      let path = "\(folder)/\(index)"
      _ = try run(["policy", "--seed", seed, "--case", "12", "--write", path])
      return try Data(contentsOf: URL(filePath: path))
    }
    #expect(files[0] == files[1] && files[0] != files[2])
  }
}
