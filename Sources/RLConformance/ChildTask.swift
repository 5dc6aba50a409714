internal import CEnvironmentSupport
internal import Glibc
internal import RLCore
internal import RLEnvironments

/// What a child process is asked to do: a test by its name, or a part of one.
public enum ChildTask {
  static let list = "@list"
  static let trace = "@trace"
  static let resume = "@resume"
  static let fuzz = "@fuzz"
  static let pace = "@pace"

  /// Does `task` and leaves the answer behind the descriptor that the parent gave.
  public static func run(_ task: String, _ subject: Subject) {
    ChildProcess.limitResources(seconds: subject.timeout)
    // a plugin that hangs must not outlive a check that was stopped
    cenvironment_die_with_parent()
    let progress = Progress(descriptor: ChildProcess.progressDescriptor)
    let trial = Trial(subject, progress)
    switch task {
    case list: trial.run(listEnvironments)
    case trace: trial.run(traceInThisProcess)
    case pace: trial.run(measurePace)
    case resume: trial.run(resumeInThisProcess)
    case fuzz:
      let order = FuzzOrder(input)
      ChildProcess.limitResources(seconds: subject.timeout + order.seconds)
      trial.run { try playFuzzCases($0, order) }
    default:
      if let test = ConformanceCatalogue.test(task) { trial.run(test.body) }
    }
    send(trial.answer)
    progress.enter(.exit)
  }

  private static func send(_ answer: Answer) {
    let bytes = answer.encoded()
    _ = unsafe bytes.withUnsafeBytes {
      unsafe pwrite(ChildProcess.answerDescriptor, $0.baseAddress, $0.count, 0)
    }
  }

  /// Remarks: the ids that can be judged.
  private static func listEnvironments(_ trial: Trial) throws {
    trial.progress.enter(.loading)
    let plugin: EnvironmentPlugin
    do { plugin = try EnvironmentPlugin(path: trial.subject.path) } catch {
      throw Finding(Trial.reason(error), advice: "see load")
    }
    trial.progress.leave()
    let ids = plugin.environments.map(\.id) + plugin.refusals.map(\.id)
    guard let id = trial.subject.environment else {
      if ids.isEmpty { throw NotJudged("makes environments by name: say which, as in FILE.so:Id") }
      ids.forEach(trial.remark)
      do throws(PluginError) {
        for environment in plugin.environments { try checkOptions(environment, trial) }
      } catch { throw NotJudged(Trial.reason(error)) }
      return
    }
    trial.progress.enter(.find)
    defer { trial.progress.leave() }
    do throws(PluginError) {
      let environment = try plugin.environment(id)
      trial.remark(id)
      try checkOptions(environment, trial)
    } catch {
      if case .usage(_, _, let reason) = error { throw NotJudged(reason) }
      trial.remark(id)
    }
  }

  /// - Throws: `PluginError.usage` unless the given options fit and none is missing.
  private static func checkOptions(
    _ environment: EnvironmentDescription, _ trial: Trial
  ) throws(PluginError) {
    func usage(_ reason: String) -> PluginError {
      .usage(path: trial.subject.path, environment: environment.id, reason: reason)
    }
    let given = trial.subject.options
    for key in given.keys.sorted() where !environment.options.contains(where: { $0.key == key }) {
      let near = suggestion(for: key, among: environment.options.map(\.key))
      throw usage("option \(key) does not exist" + (near.map { "; did you mean \($0)?" } ?? ""))
    }
    for option in environment.options {
      guard let text = given[option.key] ?? option.defaultText else {
        throw usage("option \(option.key) has no default: give -E \(option.key)=VALUE")
      }
      _ = try option.parts(text)
    }
  }

  /// Does `task` in another process, a child of this one.
  ///
  /// - Returns: its remarks.
  /// - Throws: `Finding` if it fails there.
  static func ask(_ task: String, _ trial: Trial, input: [UInt8] = []) throws -> [String] {
    var subject = trial.subject
    subject.timeout = subject.timeout / 2
    let remains = try ChildProcess.run(
      subject.arguments(child: task), input: input, timeout: subject.timeout, isLeader: false)
    let (answer, status) = Verdict(remains, timeout: subject.timeout).answer
    if let reason = answer.skipReason { throw NotJudged(reason) }
    if status.isFailure, let finding = answer.findings.first { throw finding }
    return answer.remarks
  }

  /// What the parent gave this process to read.
  static var input: [UInt8] { ChildProcess.contents(ChildProcess.inputDescriptor, limit: 1 << 28) }
}
