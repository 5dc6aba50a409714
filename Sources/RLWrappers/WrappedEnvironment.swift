public import RLCore
import RLKernels

/// An environment behind wrappers: what an agent observes, what its actions do and what it is paid
/// are changed as a `WrapperConfiguration` says. Records of episodes stay those of the environment.
///
/// Statistics are joined in the order of the lanes, so that bits depend neither on threads nor on
/// instances. Every observation counts once, also the final one of an episode: successors are taken
/// in by `step` before they are shown, first observations by `reset` and `advance`. Nothing
/// allocates in `step` and `advance` after the first call of each.
public struct WrappedEnvironment<Base: Environment & ~Copyable>: Environment, ~Copyable {
  public let spec: EnvironmentSpec
  public let configuration: WrapperConfiguration
  public internal(set) var base: Base

  let source: EpisodeSource
  private let isPlain: Bool  // nothing is wrapped: calls are passed on
  var observations: ObservationWrappers?
  var rewards: RewardWrappers?
  var sticky: StickyActions?
  var repetition: ActionRepetition?
  /// The rows that are not in the batch: the environment's own, and while it works the wrapped ones.
  var aside: (observations: [UInt8], successors: [UInt8]) = ([], [])
  var elapsed: [Int]  // [N] environment steps of the running episode, where the time is shown
  var isPlaying: [Bool]  // [N] whether a lane has an episode
  var playing: RowChoice  // the lanes that have one
  var begun: [Int32] = []  // lanes that begin an episode
  var chosen: (choices: [Int32], controls: [Float])  // by the agent
  /// What the agent acted on, while its action is repeated.
  var start: (observations: [UInt8], masks: [UInt8]) = ([], [])

  /// Wraps a fresh environment, with statistics of nothing.
  ///
  /// - Throws: `ConfigurationError` when a wrapper has nothing to work on, or needs a time limit.
  public init(
    _ base: consuming Base, _ configuration: WrapperConfiguration, source: EpisodeSource
  ) throws(ConfigurationError) {
    let plan = try configuration.plan(
      base.spec.observation, timeLimit: base.spec.maxEpisodeSteps)
    self.init(base, configuration, plan: plan, source: source)
  }

  init(
    _ base: consuming Base, _ configuration: WrapperConfiguration, plan: ObservationPlan?,
    source: EpisodeSource
  ) {
    let (own, lanes) = (base.spec, base.lanes)
    let batch = StepBatch(own, lanes: lanes)
    var spec = own
    if let plan {
      spec.observation = plan.space
      observations = ObservationWrappers(plan, configuration, lanes: lanes)
      aside = (batch.observations, batch.nextObservations)
    }
    if source.isTraining, configuration.changesRewards {
      rewards = RewardWrappers(configuration, lanes: lanes)
    }
    if configuration.stickyActions > 0 {
      sticky = StickyActions(configuration.stickyActions, own.action, lanes: lanes)
    }
    if configuration.actionRepeat > 1 {
      repetition = ActionRepetition(configuration.actionRepeat, lanes: lanes)
      start = (batch.observations, batch.masks)
    }
    self.spec = spec
    self.configuration = configuration
    self.source = source
    isPlain = configuration.isEmpty
    self.base = base
    elapsed = Array(repeating: 0, count: plan?.timeLimit == nil ? 0 : lanes)
    isPlaying = Array(repeating: true, count: lanes)
    playing = .first(lanes)
    chosen = (batch.choices, batch.controls)
    begun.reserveCapacity(lanes)
  }

  public var lanes: Int { base.lanes }

  public var finishedEpisodes: [EpisodeRecord] { base.finishedEpisodes }

  public var isExhausted: Bool { base.isExhausted }

  public func episodeIndex(lane: Int) -> Int? { base.episodeIndex(lane: lane) }

  /// Wrappers join what they learn in the order of the lanes, step by step.
  public var groups: [Range<Int>] { isPlain ? base.groups : [] }

  public mutating func play<Player>(
    _ stretch: inout Stretch, _ batch: inout StepBatch, players: inout [Player],
    act: (inout Player, inout StepBatch) -> Void,
    observe: (inout Player, borrowing StepBatch) -> Void
  ) throws(EnvironmentError) {
    precondition(isPlain, "lanes behind wrappers play together")
    try base.play(&stretch, &batch, players: &players, act: act, observe: observe)
  }

  public mutating func reset(_ batch: inout StepBatch) throws(EnvironmentError) {
    exchangeRows(&batch)
    defer { exchangeRows(&batch) }
    try base.reset(&batch)
    rewards?.begin()
    choosePlaying()
    for lane in 0..<lanes { begin(lane) }
    if source.isTraining { observations?.learn(batch.observations, playing) }
    let all = RowChoice.first(lanes)
    observations?.begin(batch.observations, all, into: &aside.observations)
    observations?.begin(batch.observations, all, into: &aside.successors)
  }

  public mutating func step(_ batch: inout StepBatch) throws(EnvironmentError) {
    if isPlain { return try base.step(&batch) }
    exchangeRows(&batch)
    defer { exchangeRows(&batch) }
    try takeActions(&batch)
    if source.isTraining { observations?.learn(batch.nextObservations, playing) }
    observations?.follow(
      batch.nextObservations, playing, after: aside.observations, elapsed: elapsed,
      into: &aside.successors)
    rewards?.apply(&batch.rewards, terminated: batch.terminated, truncated: batch.truncated)
  }

  public mutating func advance(_ batch: inout StepBatch) throws(EnvironmentError) {
    if isPlain { return try base.advance(&batch) }
    let hasEnded = !base.finishedEpisodes.isEmpty
    exchangeRows(&batch)
    defer { exchangeRows(&batch) }
    if hasEnded { listEnded() }
    try base.advance(&batch)
    swap(&aside.observations, &aside.successors)
    if hasEnded { beginEnded(batch) }
  }

  /// Puts the environment's own rows into the batch, or the wrapped ones back.
  mutating func exchangeRows(_ batch: inout StepBatch) {
    guard observations != nil else { return }
    swap(&batch.observations, &aside.observations)
    swap(&batch.nextObservations, &aside.successors)
  }

  /// Notes the lanes whose episode has ended.
  private mutating func listEnded() {
    begun.removeAll(keepingCapacity: true)
    for episode in base.finishedEpisodes { begun.append(Int32(episode.lane)) }
  }

  /// Shows the first observations of the lanes whose episode ended; lanes without another one keep
  /// their rows.
  private mutating func beginEnded(_ batch: borrowing StepBatch) {
    let ended = begun.count
    for position in 0..<ended { begin(Int(begun[position])) }
    begun.removeAll { base.episodeIndex(lane: Int($0)) == nil }
    if begun.count < ended { retire() }
    guard observations != nil else { return }
    let choice = RowChoice.of(begun)
    if source.isTraining { observations?.learn(batch.observations, choice) }
    observations?.begin(batch.observations, choice, into: &aside.observations)
  }

  /// Lets the rows of lanes that have no further episode be.
  private mutating func retire() {
    choosePlaying()
    guard let plan = observations?.plan else { return }
    let retired = (0..<lanes).filter { !isPlaying[$0] }.map { Int32($0) }
    let row = RowField(offset: 0, rowBytes: plan.shown.rowBytes)
    copyField(
      row, of: aside.observations, .of(retired), bytes: row.rowBytes, into: &aside.successors,
      at: row)
  }

  /// Starts what wrappers keep for an episode.
  private mutating func begin(_ lane: Int) {
    guard let episode = base.episodeIndex(lane: lane) else { return }
    if !elapsed.isEmpty { elapsed[lane] = 0 }
    sticky?.begin(lane: lane, seed: source.seed(lane: lane, episode: episode))
  }

  /// Notes which lanes have an episode.
  mutating func choosePlaying() {
    for lane in 0..<lanes { isPlaying[lane] = base.episodeIndex(lane: lane) != nil }
    let live = (0..<lanes).filter { isPlaying[$0] }
    playing = live.count == lanes ? .first(lanes) : .of(live.map { Int32($0) })
  }
}
