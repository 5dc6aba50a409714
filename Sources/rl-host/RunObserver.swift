import RLAgents
import RLCore
import RLEnvironments
import RLSystem
import RLTraining

/// What happens beside a training: logs, checkpoints, the best policy, what is shown, the wish to
/// stop.
struct RunObserver: TrainingObserver, ~Copyable {
  private(set) var step: Int
  private(set) var updates = 0
  private var log: RunLog
  private var checkpoints: CheckpointRecorder
  private var display: ProgressDisplay
  private var isReaderGone = false
  private let directory: RunDirectory
  private let saver: PolicySaver
  private let keepsBest: Bool
  private let console: Console

  /// - Parameters:
  ///   - settings: of the run.
  ///   - log: new, or continuing.
  ///   - checkpoints: new, or continuing.
  ///   - directory: of the run.
  ///   - saver: writes its policies.
  ///   - console: where to say what.
  init(
    _ settings: RunSettings, _ log: consuming RunLog, _ checkpoints: CheckpointRecorder,
    _ directory: RunDirectory, _ saver: PolicySaver, _ console: Console
  ) {
    self.log = log
    self.checkpoints = checkpoints
    self.directory = directory
    self.saver = saver
    self.console = console
    step = checkpoints.newest?.step ?? 0
    keepsBest = settings.evaluateEvery != nil
    display = ProgressDisplay(
      title:
        "\(settings.algorithm.name) · \(settings.subject.environment.id) · seed \(settings.seed)",
      total: settings.steps, from: step, style: console.progressStyle, width: console.talkWidth)
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
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy,
    wrappers: WrapperState?
  ) throws {
    try log.evaluated(evaluation, step: step, isBest: isBest, policy: policy)
    if isBest, keepsBest {
      try saver.save(policy, wrappers, steps: step, to: directory.bestPolicyPath)
    }
    try tell(MetricsRecord(evaluation, step: step))
    if keepsBest { say(evaluation, step, isBest) }
  }

  mutating func ticked(step: Int, episodes: Int, updates: Int) {
    self.step = step
    self.updates = updates
    display.update(step: step)
  }

  mutating func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) throws -> Bool {
    if let news = try checkpoints.poll() { tell(news) }
    guard checkpoints.wants(occasion, step: step, isAsked: LongRunSignals.takeWish()) else {
      return false
    }
    // before the state is captured it must be known what it counts from
    try finishCheckpoint()
    return true
  }

  var needsWholeState: Bool { checkpoints.needsWholeState }

  mutating func checkpoint(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int
  ) throws {
    var capture = capture
    capture.state.merge(try log.saveState(), prefix: "logs")
    let logs = [directory.metricsPath, directory.episodesPath]
    for news in try checkpoints.take(capture, occasion, step: step, logs: logs) { tell(news) }
  }

  /// Waits for a checkpoint that is being written.
  mutating func finishCheckpoint() throws {
    for news in try checkpoints.wait() { tell(news) }
  }

  /// The newest checkpoint on the disk.
  var newestCheckpoint: (step: Int, path: String)? { checkpoints.newest }

  /// Takes the progress away; nothing more will be shown.
  mutating func endDisplay() { display.clear() }

  /// The record for whoever reads the standard output, if it is JSON.
  private mutating func tell(_ record: MetricsRecord) throws {
    guard console.isJSON, !isReaderGone else { return }
    isReaderGone = try !console.offer(record.json)
  }

  /// Failures are told to everybody, checkpoints to who asked.
  private mutating func tell(_ news: CheckpointNews) {
    switch news {
    case .failed(let error):
      display.clear()
      console.warnAlways("a checkpoint could not be written, and is tried again: \(error)")
    case .written(let step, let path, let isAnswer):
      guard isAnswer || console.isVerbose else { return }
      display.clear()
      console.say("checkpoint at step \(CountText.grouped(step)): \(path)")
    }
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
