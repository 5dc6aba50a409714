public import RLCore

/// Receives what happens during training; every member has a default that does nothing.
///
/// What it throws ends the run.
public protocol TrainingObserver: ~Copyable {
  /// Polled between stretches: after some milliseconds, or one step of all lanes or an update that
  /// takes longer; `true` ends the run.
  var shouldStop: Bool { get }

  /// Once for each episode that ended, in order of step and lane.
  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws

  /// Once for each record of the log, the last one at the run's end.
  mutating func logged(_ record: TrainingRecord) throws

  /// After each evaluation. `isBest`: its mean return is above that of all before it, so of equal
  /// ones the earliest is the best.
  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy) throws

  /// The same, with the wrappers that stood before the policy; that without them is called unless
  /// this is there.
  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy,
    wrappers: WrapperState?) throws

  /// After every stretch, for a display that goes by the clock; it must be cheap.
  mutating func ticked(step: Int, episodes: Int, updates: Int)

  /// Asked between stretches whether a checkpoint is to be taken; it must be cheap.
  mutating func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) throws -> Bool

  /// Whether the next state must count from the beginning: what it would have gone on from is lost.
  var needsWholeState: Bool { get }

  /// Takes the state of the agent, the environment and the training itself, under these names. What
  /// was observed so far belongs to it, what will be observed does not.
  mutating func checkpoint(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int) throws
}

extension TrainingObserver where Self: ~Copyable {
  public var shouldStop: Bool { false }
  public mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws {}
  public mutating func logged(_ record: TrainingRecord) throws {}
  public mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws {}
  public mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy,
    wrappers: WrapperState?
  ) throws {
    try evaluated(evaluation, step: step, isBest: isBest, policy: policy)
  }
  public mutating func ticked(step: Int, episodes: Int, updates: Int) {}
  public var needsWholeState: Bool { false }
  public mutating func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) -> Bool { false }
  public mutating func checkpoint(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int
  ) throws {}
}
