internal import Glibc
internal import RLEnvironments

/// Runs tests, each in its own process unless told otherwise.
public struct Runner {
  public var subject: Subject
  /// Tests run in this process, for a debugger; a crash then ends it.
  public var isInProcess = false

  public init(_ subject: Subject) { self.subject = subject }

  /// Runs one test on the subject.
  public func run(_ test: ConformanceTest) -> TestResult {
    let (answer, status, seconds, output) =
      isInProcess ? runHere(test) : runApart(test)
    return TestResult(
      name: test.name, family: test.family, summary: test.summary,
      environment: test.isOfLibrary ? nil : subject.environment, status: status,
      findings: answer.findings, remarks: answer.remarks + [answer.skipReason].compactMap { $0 },
      seconds: seconds, output: status.isFailure ? output : "")
  }

  /// What is told of a test that cannot be run.
  public func skip(_ test: ConformanceTest, _ reason: String) -> TestResult {
    TestResult(
      name: test.name, family: test.family, summary: test.summary,
      environment: test.isOfLibrary ? nil : subject.environment, status: .skip, findings: [],
      remarks: [reason], seconds: 0, output: "")
  }

  private func runHere(_ test: ConformanceTest) -> (Answer, Status, Double, String) {
    let start = ChildProcess.now()
    let trial = Trial(subject, Progress())
    trial.run(test.body)
    return (trial.answer, trial.answer.status, ChildProcess.now() - start, "")
  }

  private func runApart(_ test: ConformanceTest) -> (Answer, Status, Double, String) {
    do {
      let remains = try ChildProcess.run(
        subject.arguments(child: test.name), timeout: subject.timeout, isLeader: true)
      var (answer, status) = Verdict(remains, timeout: subject.timeout).answer
      if status == .crash, let hint = test.crashHint {
        answer.findings[answer.findings.count - 1].advice = hint
      }
      return (answer, status, remains.seconds, remains.output)
    } catch {
      var answer = Answer()
      answer.skipReason = (error as? NotJudged)?.reason ?? "\(error)"
      return (answer, .skip, 0, "")
    }
  }

  /// The ids of the library's environments that can be judged.
  ///
  /// - Throws: `PluginError` where the file is missing or has no such environment; `Finding` where
  ///   the library cannot even be loaded.
  public func environments() throws -> [String] {
    let remains = try ChildProcess.run(
      subject.arguments(child: ChildTask.list), timeout: subject.timeout, isLeader: true)
    let (answer, status) = Verdict(remains, timeout: subject.timeout).answer
    if let usage = answer.skipReason {
      throw PluginError.usage(path: subject.path, environment: subject.environment, reason: usage)
    }
    guard !status.isFailure else {
      throw answer.findings.first ?? Finding("the library cannot be loaded", advice: "see load")
    }
    return answer.remarks
  }
}

extension Subject {
  private static func absolute(_ path: String) -> String {
    guard let whole = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(whole) }
    return unsafe String(cString: whole)
  }

  /// The arguments of a process that does `child` on this subject.
  func arguments(child: String) -> [String] {
    // a plugin may change the working folder
    let path = Self.absolute(path)
    let name = environment.map { "\(path):\($0)" } ?? path
    let settings = options.sorted { $0.key < $1.key }.flatMap { ["-E", "\($0.key)=\($0.value)"] }
    return [
      "check", name, "--child", child, "--seed", "\(seed)", "--steps", "\(steps)", "--timeout",
      "\(timeout)",
    ] + settings
  }
}
