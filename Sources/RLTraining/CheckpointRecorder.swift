public import RLCore
public import RLSystem

/// When a run's checkpoints are taken, and what becomes of them.
///
/// Those that the plan makes due, that are the best, and that end a training are taken at their step,
/// and wait for a write that is under way. Those by the clock, and those asked for, are taken at the
/// first iteration at which none is. A write that failed is tried again a second later; a third
/// failure in a row ends the run. Nothing of this changes a result.
public struct CheckpointRecorder {
  /// Nanoseconds between a failure and the next attempt.
  private static let retryInterval: UInt64 = 1_000_000_000
  /// Failures in a row that end the run.
  static let patience = 3

  /// The newest checkpoint that is known to be on the disk.
  public private(set) var newest: (step: Int, path: String)?
  private let store: CheckpointStore
  private let facts: [String: String]
  private let interval: UInt64?  // nanoseconds; nil: none by the clock
  private var nextByClock: UInt64?
  private var isAsked = false
  private var isAnswerDue = false
  private var coveredStep: Int?  // its state is in a checkpoint, or on its way into one

  /// - Parameters:
  ///   - store: of the run, continuing from `checkpoint`.
  ///   - seconds: between two checkpoints by the clock; 0: none.
  ///   - facts: for the checkpoints' manifests.
  ///   - checkpoint: the one that the run continues from.
  public init(
    _ store: CheckpointStore, seconds: Double, facts: [String: String],
    continuing checkpoint: Checkpoint? = nil
  ) {
    self.store = store
    self.facts = facts
    interval = seconds > 0 ? UInt64(min(seconds, 1e9) * 1e9) : nil
    newest = checkpoint.map { ($0.step, $0.path) }
    coveredStep = checkpoint?.step
    nextByClock = interval.map { MonotonicClock.nanoseconds() + $0 }
  }

  /// Whether to take one now. `isAsked`: the user has just asked for one; that is not forgotten.
  public mutating func wants(
    _ occasion: CheckpointOccasion, step: Int, isAsked: Bool = false
  ) -> Bool {
    if isAsked { self.isAsked = true }
    if occasion == .best { return true }
    if step == coveredStep { return false }
    guard occasion == .iteration else { return true }
    return !store.isBusy && (self.isAsked || isClockDue)
  }

  /// Whether the next capture must count from the beginning, because the checkpoint before it is gone
  /// or damaged.
  public var needsWholeState: Bool { store.needsWhole }

  private var isClockDue: Bool {
    nextByClock.map { MonotonicClock.nanoseconds() >= $0 } ?? false
  }

  /// What became of a write, once it has ended.
  ///
  /// - Returns: the news, if there is any.
  /// - Throws: `CheckpointError` after the third failure in a row.
  public mutating func poll() throws(CheckpointError) -> CheckpointNews? {
    guard store.isBusy, let outcome = store.poll() else { return nil }
    return try note(outcome)
  }

  /// Starts to write a checkpoint. The one of a stop is waited for, and tried again at once; that of
  /// the end is waited for.
  ///
  /// - Parameters:
  ///   - capture: the state of everything.
  ///   - occasion: why it is taken.
  ///   - step: environment steps made.
  ///   - logs: paths of files that must be on the disk before it.
  /// - Returns: the news of this write and of the one before.
  /// - Throws: `CheckpointError` after the third failure in a row.
  public mutating func take(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int, logs: [String]
  ) throws(CheckpointError) -> [CheckpointNews] {
    var news = try wait()
    begin(capture, occasion, step: step, logs: logs)
    guard occasion == .stop || occasion == .end else { return news }
    news += try wait()
    while occasion == .stop, coveredStep == nil, !needsWholeState {
      // the columns' changes are still with the store
      begin(StateCapture(state: capture.state), occasion, step: step, logs: logs)
      news += try wait()
    }
    return news
  }

  /// Waits for the write that is under way, if one is.
  ///
  /// - Throws: `CheckpointError` after the third failure in a row.
  public mutating func wait() throws(CheckpointError) -> [CheckpointNews] {
    guard let outcome = store.wait() else { return [] }
    return [try note(outcome)]
  }

  private mutating func begin(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int, logs: [String]
  ) {
    store.begin(
      CheckpointCapture(step: step, capture: capture, facts: facts), syncing: logs,
      isBest: occasion == .best)
    coveredStep = step
    nextByClock = interval.map { MonotonicClock.nanoseconds() + $0 }
    isAnswerDue = isAsked
    isAsked = false
  }

  private mutating func note(_ outcome: CheckpointOutcome) throws(CheckpointError) -> CheckpointNews
  {
    switch outcome {
    case .written(let step, let path, _):
      newest = (step, path)
      defer { isAnswerDue = false }
      return .written(step: step, path: path, isAnswer: isAnswerDue)
    case .failed(let error, let consecutive):
      coveredStep = nil
      isAsked = isAsked || isAnswerDue
      nextByClock = MonotonicClock.nanoseconds() + Self.retryInterval
      guard consecutive < Self.patience else { throw CheckpointError(last: error) }
      return .failed(error)
    }
  }
}

/// What became of a checkpoint.
public enum CheckpointNews: Sendable, Equatable {
  /// `isAnswer`: the user had asked for it.
  case written(step: Int, path: String, isAnswer: Bool)
  /// It is tried again.
  case failed(FileError)
}

/// Three checkpoints in a row could not be written: the run must not go on as if it were safe.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  public var last: FileError

  public init(last: FileError) { self.last = last }

  public var description: String {
    "no checkpoint could be written three times in a row; the last: \(last)"
  }
}
