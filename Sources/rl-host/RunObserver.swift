import RLAgents
import RLCore
import RLSystem
import RLTraining

/// What happens beside a training: logs, the best policy, what is shown, the wish to stop.
struct RunObserver: TrainingObserver, ~Copyable {
  private(set) var step = 0
  private(set) var updates = 0
  private var log: RunLog
  private var display: ProgressDisplay
  private var isReaderGone = false
  private let directory: RunDirectory
  private let saver: PolicySaver
  private let keepsBest: Bool
  private let console: Console

  /// Creates the run's logs.
  init(
    _ settings: RunSettings, spec: EnvironmentSpec, _ directory: RunDirectory,
    _ saver: PolicySaver, _ console: Console
  ) throws(FileError) {
    let log = try RunLog(in: directory, spec: spec)
    self.log = log
    self.directory = directory
    self.saver = saver
    self.console = console
    keepsBest = settings.evaluateEvery != nil
    display = ProgressDisplay(
      title: "\(settings.algorithm.name) · \(spec.id) · seed \(settings.seed)",
      total: settings.steps, style: console.progressStyle, width: console.talkWidth)
  }

  /// Why the run should stop, if it should.
  var stop: ExitStatus? {
    if let signal = StopSignal.received { return .signal(signal) }
    return isReaderGone ? .closedPipe : nil
  }

  var shouldStop: Bool { stop != nil }

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws {
    try log.episodeEnded(episode, step: step)
    display.note(episode)
  }

  /// Puts what is collected of the logs on the disk: for the run's end.
  mutating func flush() throws { try log.flush() }

  mutating func logged(_ record: TrainingRecord) throws {
    try log.logged(record)
    display.note(record)
    try tell(MetricsRecord(record))
  }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws {
    try log.evaluated(evaluation, step: step, isBest: isBest, policy: policy)
    if isBest, keepsBest { try saver.save(policy, steps: step, to: directory.bestPolicyPath) }
    try tell(MetricsRecord(evaluation, step: step))
    if keepsBest { say(evaluation, step, isBest) }
  }

  mutating func ticked(step: Int, episodes: Int, updates: Int) {
    self.step = step
    self.updates = updates
    display.update(step: step)
  }

  /// Takes the progress away; nothing more will be shown.
  mutating func endDisplay() { display.clear() }

  /// The record for whoever reads the standard output, if it is JSON.
  private mutating func tell(_ record: MetricsRecord) throws {
    guard console.isJSON, !isReaderGone else { return }
    isReaderGone = try !console.offer(record.json)
  }

  private mutating func say(_ evaluation: Evaluation, _ step: Int, _ isBest: Bool) {
    display.clear()
    let returns = evaluation.returns
    console.say(
      "evaluation at step \(CountText.grouped(step)): mean \(fixed(returns.mean, decimals: 2)), "
        + "IQM \(iqmText(returns)), \(counted(evaluation.episodes.count, "episode"))"
        + (isBest ? ", the best so far" : ""))
  }
}

/// The IQM with its interval: `487.31 [470.10, 500.00]`.
func iqmText(_ returns: ReturnStatistics) -> String {
  "\(fixed(returns.iqm, decimals: 2)) "
    + "[\(fixed(returns.ci95.low, decimals: 2)), \(fixed(returns.ci95.high, decimals: 2))]"
}
