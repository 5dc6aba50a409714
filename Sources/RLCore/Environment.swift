/// A source of steps for `lanes` episodes at once.
///
/// The order of calls is `reset` or `restore`, then `step` and `advance` in turn. Between the two
/// the batch holds the whole transition, the true final observation of ended episodes included.
public protocol Environment: ~Copyable {
  var spec: EnvironmentSpec { get }
  var lanes: Int { get }

  /// Episodes that the last `step` ended, in order of their lanes.
  var finishedEpisodes: [EpisodeRecord] { get }

  /// Whether every planned episode has ended. Never, in training.
  var isExhausted: Bool { get }

  /// The index of the episode that `lane` is in, numbered as in `EpisodeRecord`; `nil` when no
  /// episode is left for the lane. From `reset` on, and anew after each `advance`.
  func episodeIndex(lane: Int) -> Int?

  /// Starts an episode in every lane and writes `observations` and `masks`.
  mutating func reset(_ batch: inout StepBatch) throws(EnvironmentError)

  /// Takes the batch's actions; writes rewards, ends, `nextObservations` and `nextMasks`.
  mutating func step(_ batch: inout StepBatch) throws(EnvironmentError)

  /// Makes the successors the observations to act on, and starts a new episode in each lane
  /// whose episode ended.
  mutating func advance(_ batch: inout StepBatch) throws(EnvironmentError)

  /// The state of all lanes: taken after `reset`, `restore` or `advance`, before the next `step`.
  ///
  /// `batch` is the one of those calls; its observations and masks are part of the state. The state
  /// depends neither on threads nor on how the lanes are spread over them.
  ///
  /// - Throws: `EnvironmentError` if a lane's state cannot be had.
  func saveState(_ batch: borrowing StepBatch) throws(EnvironmentError) -> SavedState

  /// Continues where the saved environment was, instead of `reset`: writes `observations` and
  /// `masks`; from then on the same actions give the same bits.
  ///
  /// - Throws: `StateError` if the state is of another environment or plan, and then nothing has
  ///   changed; `EnvironmentError` if the running episodes cannot be brought back.
  mutating func restore(_ state: SavedState, _ batch: inout StepBatch) throws

  /// Goes on within a step: between `step` and `advance`, steps the lanes that `lanes` tells once
  /// more, with the actions that are in the batch now. Lanes whose episode has ended are never
  /// stepped.
  ///
  /// Successors become the observations first, as in `advance`. Lanes that are not stepped keep
  /// their row and mask, with reward 0 and both ends false; their end was told by the call that
  /// brought it, and so was its record. Lanes that are left out although their episode goes on are
  /// stepped by the next `step` as if nothing had been.
  ///
  /// - Parameters:
  ///   - batch: that of the last `step`.
  ///   - lanes: `[N]`, which are to be stepped.
  /// - Throws: `EnvironmentError`, also when the environment cannot step some lanes alone.
  mutating func step(
    _ batch: inout StepBatch, only lanes: [Bool]
  ) throws(EnvironmentError)

  /// What is done to observations before a policy sees them, as it stands now; `nil` for nothing.
  var wrapperState: WrapperState? { get }

  /// The lanes that can play beside each other, as contiguous ranges from the first to the last lane;
  /// none when all lanes are stepped together.
  var groups: [Range<Int>] { get }

  /// Makes the iterations of a stretch in every group of `groups`, each with its own player and at
  /// its own pace. Called like `step`, and like `advance` it leaves the observations to act on. Where
  /// a group fails, the others are further than `stretch` says, in their counters of faults too.
  ///
  /// - Parameters:
  ///   - stretch: its length is read; the rest is written.
  ///   - batch: of all lanes.
  ///   - players: one a group.
  ///   - act: writes an action for each row of the observations of a group's batch.
  ///   - observe: is shown the group's batch with the whole transition.
  /// - Throws: `EnvironmentError`, that of the earliest iteration.
  mutating func play<Player>(
    _ stretch: inout Stretch, _ batch: inout StepBatch, players: inout [Player],
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) throws(EnvironmentError)
}

extension Environment where Self: ~Copyable {
  public var wrapperState: WrapperState? { nil }

  public var groups: [Range<Int>] { [] }

  public mutating func play<Player>(
    _ stretch: inout Stretch, _ batch: inout StepBatch, players: inout [Player],
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) throws(EnvironmentError) {
    preconditionFailure("\(spec.id) has no groups of lanes")
  }

  public mutating func step(
    _ batch: inout StepBatch, only lanes: [Bool]
  ) throws(EnvironmentError) {
    throw EnvironmentError(
      environment: spec.id, reason: "cannot step some of its lanes alone, so no action is repeated")
  }
}

/// An episode that ended.
public struct EpisodeRecord: Sendable, Equatable {
  public var lane: Int
  public var index: Int  // in training: of the lane; in evaluation: of the evaluation
  public var seed: UInt64
  public var episodeReturn: Double  // undiscounted sum of rewards
  public var length: Int  // steps
  public var terminated: Bool
  public var truncated: Bool
  public var metrics: [Double]  // one per declared metric; NaN = the environment said nothing

  public init(
    lane: Int, index: Int, seed: UInt64, episodeReturn: Double, length: Int, terminated: Bool,
    truncated: Bool, metrics: [Double]
  ) {
    self.lane = lane
    self.index = index
    self.seed = seed
    self.episodeReturn = episodeReturn
    self.length = length
    self.terminated = terminated
    self.truncated = truncated
    self.metrics = metrics
  }
}

/// An environment that broke its contract or reported a failure. `description` says what, where
/// and what to do.
public struct EnvironmentError: Error, Sendable, Equatable, CustomStringConvertible {
  public var environment: String
  public var reason: String

  public init(environment: String, reason: String) {
    self.environment = environment
    self.reason = reason
  }

  public var description: String { "\(environment): \(reason)" }
}
