/// How fast an environment is, so that the tests of a slow one come to their end.
extension Runner {
  /// The subject with as few steps as its time limit allows, where it is slow.
  ///
  /// - Returns: the subject, and what to tell the user when it was changed.
  public func paced() -> (subject: Subject, remark: String?) {
    var subject = subject
    guard let seconds = pace() else { return (subject, nil) }
    // a test plays about forty traces in the time that it has
    let affordable = max(20, Int(min(subject.timeout / 40 / seconds, 1e9)))
    guard affordable < subject.steps else { return (subject, nil) }
    subject.steps = affordable
    let milliseconds = (seconds * 1e4).rounded() / 10
    return (
      subject,
      "a step takes \(milliseconds) ms, resets included: tests play \(affordable) steps; "
        + "a larger --timeout gives them more"
    )
  }

  /// Seconds a step; `nil` where that cannot be measured, which is for the tests to tell.
  private func pace() -> Double? {
    guard !isInProcess,
      let remains = try? ChildProcess.run(
        subject.arguments(child: ChildTask.pace), timeout: subject.timeout, isLeader: true)
    else { return nil }
    let (answer, status) = Verdict(remains, timeout: subject.timeout).answer
    return status.isFailure ? nil : answer.remarks.first.flatMap { Double($0) }
  }
}

/// Remarks: the seconds of a step in one lane, over half a second or 200 steps, resets included.
func measurePace(_ trial: Trial) throws {
  let start = ChildProcess.now()
  let player = Player(
    try Instance(trial.environment(), lanes: 1), streams: [0], seed: trial.seed)
  var steps = 0
  repeat {
    try player.tick()
    steps += 1
  } while steps < 200 && ChildProcess.now() - start < 0.5
  trial.remark("\((ChildProcess.now() - start) / Double(steps))")
}
