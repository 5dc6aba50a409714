import RLCore
import RLSystem
import RLTraining

/// What `train` says at its end: results, where things are, and what to do next.
struct FinalBlock {
  var summary: TrainingSummary
  var directory: RunDirectory
  var environmentID: String
  var stop: ExitStatus?  // why it ended early, if it did
  var hasBest: Bool

  /// For people. `heading` may paint.
  func text(heading: (String) -> String) -> String {
    let isStopped = stop != nil
    var pairs = [
      (isStopped ? "stopped" : "trained", "\(CountText.grouped(summary.steps)) steps in \(time)"),
      ("", counts),
    ]
    if let mean = summary.returnMean100 {
      pairs.append(("return", "\(fixed(mean, decimals: 2)) over the last 100 episodes of training"))
    }
    if let last = summary.last {
      pairs.append(("last", line(last)))
      if let metrics = metrics(last.evaluation) { pairs.append(("", metrics)) }
    }
    if let best = summary.best, hasBest { pairs.append(("best", line(best))) }
    pairs.append(("run", directory.path))
    pairs.append(("policy", directory.policyPath))
    if hasBest { pairs.append(("best policy", directory.bestPolicyPath)) }
    pairs.append(("next", shellCommand([Self.program, "eval", toEvaluate])))
    if isStopped { pairs.append(("go on", Self.resumeCommand(directory))) }
    return heading(isStopped ? "Stopped" : "Done") + "\n" + listing(pairs)
  }

  /// The best policy there is: what somebody would go on with.
  private var toEvaluate: String { hasBest ? directory.bestPolicyPath : directory.path }

  private var counts: String {
    "\(counted(summary.episodes, "episode")), \(counted(summary.updates, "update"))"
  }

  /// Of the training alone, and with its evaluations where they took long enough to be seen.
  private var time: String {
    let (alone, whole) = (summary.trainingSeconds, summary.wallSeconds)
    return "\(DurationText.short(alone)), \(CountText.short(summary.stepsPerSecond)) steps/s"
      + (whole > alone * 1.01 ? "; \(DurationText.short(whole)) with the evaluations" : "")
  }

  private func metrics(_ evaluation: Evaluation) -> String? {
    let texts = evaluation.metrics.entries.map { "\(metricName($0)) \(metricText($0))" }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  private func line(_ placed: PlacedEvaluation) -> String {
    let evaluation = placed.evaluation
    return "IQM \(iqmText(evaluation.returns)) (95 %), mean "
      + "\(fixed(evaluation.returns.mean, decimals: 2)), "
      + "\(counted(evaluation.episodes.count, "greedy episode")), step "
      + CountText.grouped(placed.step)
  }

  /// What continues a run, to paste.
  static func resumeCommand(_ directory: RunDirectory) -> String {
    shellCommand([program, "resume", directory.path])
  }

  /// The program as it was called, for commands to paste.
  static var program: String { CommandLine.arguments.first ?? "rl-host" }

  /// The last line of `train --json`.
  var json: JSON {
    let evaluation = summary.last.map {
      EvaluationAnswer(
        evaluation: $0.evaluation, environmentID: environmentID, policy: directory.policyPath
      ).json
    }
    return .object([
      .init("schema", .text("rl-host/train/1")), .init("run", .text(directory.path)),
      .init("policy", .text(directory.policyPath)), .init("steps", .integer(summary.steps)),
      .init("wall_s", .number(summary.wallSeconds)),
      .init("steps_per_s", .number(summary.stepsPerSecond)),
      .init("eval", evaluation ?? .null),
    ])
  }
}
