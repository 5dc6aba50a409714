extension Runner {
  /// Plays random cases for `seconds`, or until one fails.
  public func fuzz(seconds: Double) -> TestResult {
    run(FuzzOrder(first: firstCase, seconds: seconds))
  }

  /// Plays one case again.
  public func reproduce(_ number: UInt64) -> TestResult {
    run(FuzzOrder(first: number, seconds: 0))
  }

  /// Cases are numbered on from the seed.
  private var firstCase: UInt64 { subject.seed &* 1_000_000_007 % (1 << 53) }

  private func run(_ order: FuzzOrder) -> TestResult {
    let timeout = subject.timeout + order.seconds
    var status = Status.skip
    var answer = Answer()
    var (seconds, output, number) = (0.0, "", order.first)
    if isInProcess {
      let trial = Trial(subject, Progress())
      trial.run { try playFuzzCases($0, order) }
      (answer, status) = (trial.answer, trial.answer.status)
      number = trial.progress.fuzzCase
    } else if let remains = try? ChildProcess.run(
      subject.arguments(child: ChildTask.fuzz), input: order.bytes, timeout: timeout,
      isLeader: true)
    {
      (answer, status) = Verdict(remains, timeout: timeout).answer
      (seconds, output) = (remains.seconds, status.isFailure ? remains.output : "")
      number = remains.progress.fuzzCase
    }
    for k in answer.findings.indices {
      answer.findings[k].advice += "; again: --reproduce \(number)"
    }
    return TestResult(
      name: "fuzz", family: "fuzz", summary: "random legal calls give what a replay gives",
      environment: subject.environment, status: status, findings: answer.findings,
      remarks: answer.remarks + [answer.skipReason].compactMap { $0 }, seconds: seconds,
      output: output)
  }
}

/// Which cases are to be played.
struct FuzzOrder {
  var first: UInt64
  var seconds: Double  // 0: the first case only

  init(first: UInt64, seconds: Double) {
    self.first = first
    self.seconds = seconds
  }

  init(_ bytes: [UInt8]) {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    first = words.first.flatMap { UInt64($0) } ?? 0
    seconds = words.last.flatMap { Double($0) } ?? 0
  }

  var bytes: [UInt8] { Array("\(first) \(seconds)".utf8) }
}

/// Plays the ordered cases.
func playFuzzCases(_ trial: Trial, _ order: FuzzOrder) throws {
  let start = ChildProcess.now()
  var count: UInt64 = 0
  repeat {
    trial.progress.fuzzCase = order.first &+ count
    do { try playFuzzCase(trial, order.first &+ count) } catch let failure as CallFailure {
      throw failure.finding
    }
    count += 1
  } while ChildProcess.now() - start < order.seconds
  trial.remark("\(count) case\(count == 1 ? "" : "s")")
}
