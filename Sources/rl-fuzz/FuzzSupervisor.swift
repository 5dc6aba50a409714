import Foundation

/// A case that ended its process, threw what is no refusal, or did not end.
struct FuzzFinding {
  let target: String
  let index: Int
  let what: String
}

/// Runs a target's cases in child processes, and goes on after one that died.
struct FuzzSupervisor {
  let binary: String
  let target: String
  let seed: UInt64
  let folder: String
  /// Ends after so many.
  let findingsWanted: Int
  /// A case that takes longer hangs.
  static let secondsPerCase = 5.0
  private static let casesPerProcess = 10_000

  func run(_ cases: Range<Int>) throws -> (tally: FuzzTally, findings: [FuzzFinding]) {
    var tally = FuzzTally()
    var findings: [FuzzFinding] = []
    var next = cases.lowerBound
    while next < cases.upperBound, findings.count < findingsWanted {
      let part = next..<min(next + Self.casesPerProcess, cases.upperBound)
      switch try child(part) {
      case .success(let found):
        tally.add(found)
        next = part.upperBound
      case .failure(let end):
        findings.append(FuzzFinding(target: target, index: end.index, what: end.what))
        next = end.index + 1
      }
    }
    return (tally, findings)
  }

  private struct End: Error {
    let index: Int
    let what: String
  }

  private func child(_ cases: Range<Int>) throws -> Result<FuzzTally, End> {
    let progress = folder + "/progress"
    let (output, talk) = (folder + "/output", folder + "/talk")
    for path in [progress, output, talk] {
      _ = FileManager.default.createFile(atPath: path, contents: Data())
    }
    let process = Process()
    process.executableURL = URL(filePath: binary)
    process.arguments = [
      target, "--seed", "\(seed)", "--worker", "\(cases.lowerBound)..<\(cases.upperBound)",
      "--folder", folder,
    ]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: talk))
    try process.run()
    let hangs = waitForEnd(process, progress: progress)
    process.waitUntilExit()
    if !hangs, process.terminationStatus == 0, process.terminationReason == .exit,
      let tally = FuzzTally(text(output).trimmingCharacters(in: .whitespacesAndNewlines))
    {
      return .success(tally)
    }
    let index = Int(text(progress).split(separator: "\n").first ?? "") ?? cases.lowerBound
    return .failure(End(index: index, what: cause(process, hangs: hangs, talk: text(talk))))
  }

  /// Kills a process whose case does not end.
  ///
  /// - Returns: whether it did.
  private func waitForEnd(_ process: Process, progress: String) -> Bool {
    var last = ""
    var since = DispatchTime.now()
    while process.isRunning {
      usleep(20_000)
      let now = text(progress)
      if now != last { (last, since) = (now, .now()) }
      let waited = Double(DispatchTime.now().uptimeNanoseconds - since.uptimeNanoseconds) / 1e9
      if waited > Self.secondsPerCase {
        kill(process.processIdentifier, SIGKILL)
        return true
      }
    }
    return false
  }

  private func cause(_ process: Process, hangs: Bool, talk: String) -> String {
    if hangs { return "did not end within \(Int(Self.secondsPerCase)) s" }
    let last = talk.split(separator: "\n").prefix(3).joined(separator: " / ")
    let isSignal = process.terminationReason == .uncaughtSignal
    return (isSignal ? "signal" : "status") + " \(process.terminationStatus): \(last)"
  }

  private func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}
