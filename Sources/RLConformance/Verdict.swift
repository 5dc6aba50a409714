/// What a test's process means: its own answer, or the way it died.
struct Verdict {
  let answer: (Answer, Status)

  init(_ remains: ChildProcess.Remains, timeout: Double) {
    var answer = Answer(remains.answer)
    let progress = remains.progress
    let calls = progress.text
    switch remains.end {
    case .exited(0) where answer.isWhole: self.answer = (answer, answer.status)
    case .exited(let code):
      answer.findings.append(
        Finding(
          "the process exited with status \(code) \(calls)", at: progress.place,
          advice: "never call exit or _exit: return a negative rlenv_status instead"))
      self.answer = (answer, .crash)
    case .killed(let number):
      answer.findings.append(
        Finding(
          "the process crashed with \(signalName(number)) \(calls)", at: progress.place,
          advice: Self.advice(number, progress.call)))
      self.answer = (answer, .crash)
    case .timeout:
      answer.findings.append(
        Finding(
          "no end after \(timeout) s: it hung \(calls)", at: progress.place,
          advice: progress.call == .none
            ? "the calls are slow: give more time with --timeout, or less work with --steps"
            : "look for an endless loop or a lock that nobody opens; a slow environment needs "
              + "a larger --timeout"))
      self.answer = (answer, .timeout)
    }
  }

  private static func advice(_ signal: Int32, _ call: Progress.Call) -> String {
    let debugger =
      "to see the line: gdb --args rl-host check PLUGIN --in-process --only NAME, with the "
      + "plugin built with -g -O0"
    return switch signalName(signal) {
    case "SIGABRT":
      "an assertion, an exception that nobody caught or a damaged heap: return a negative "
        + "rlenv_status instead; \(debugger)"
    case "SIGFPE": "a whole number was divided by zero; \(debugger)"
    case "SIGXFSZ": "more than 256 MiB were written to a file: write less, or nothing"
    case "SIGXCPU": "it computed for longer than the time limit: see --timeout"
    case "SIGKILL": "something outside killed it, perhaps for want of memory"
    default: "a pointer was wrong, such as one that was kept from an earlier call; \(debugger)"
    }
  }
}
