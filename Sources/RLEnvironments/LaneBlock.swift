internal import CRLEnv
internal import RLCore

/// The lanes of one plugin instance: calls it, checks what it wrote, keeps the books of the running
/// episodes. Lanes are numbered from 0 within the block.
@safe final class LaneBlock {
  let count: Int
  /// The first lane's number in the whole environment.
  let first: Int
  /// What ended the run, if anything did.
  var failure: EnvironmentError?

  let instance: PluginInstance
  let place: String  // plugin and environment, for messages
  let plan: EpisodePlan
  let stepLimit: Int?
  let onNonfinite: NonfinitePolicy
  let totalLanes: Int
  let spec: EnvironmentSpec
  let sizes: RowSizes

  let observations: ObservationRows
  let actions: ActionRows
  let observationChecks: ObservationChecks
  let maskChecks: MaskChecks
  let metrics: EpisodeMetrics
  /// The actions of the running episodes, where they are the only way back to them.
  let journal: ActionJournal?

  let rewards: Column<Double>  // [lanes] of the last step
  let flags: Column<UInt8>  // [lanes] RLENV_* of the last step
  let returns: Column<Double>  // [lanes] of the running episode
  let starts: Column<Int>  // [lanes] the block's clock when the episode began
  let seeds: Column<UInt64>  // [lanes] of the running episode
  let episodes: Column<Int>  // [lanes] index of the running episode, -1 = none left
  var clock = 0  // steps of the block
  var earliestStart = 0  // no running episode began before

  let live: Column<UInt32>  // lanes with an episode, ascending
  var liveCount = 0
  let ended: Column<UInt32>  // lanes whose episode the last step ended, ascending
  var endedCount = 0
  /// The lanes of the call within a step, ascending, and whether each lane's episode ended before it.
  let goingOn: Column<UInt32>
  let hadEnded: Column<Bool>
  let batch: Column<rlenv_batch>

  var nonfiniteEpisodes = 0
  var faults = 0
  var lastFault: LaneFault?

  init(_ setup: BlockSetup, instance: PluginInstance, first: Int) {
    count = instance.lanes
    self.first = first
    self.instance = instance
    place = setup.place
    plan = setup.plan
    stepLimit = setup.stepLimit
    onNonfinite = setup.onNonfinite
    totalLanes = setup.lanes
    spec = setup.spec
    sizes = RowSizes(setup.spec)
    observations = ObservationRows(setup.spec.observation, lanes: count)
    actions = ActionRows(setup.spec.action, lanes: count)
    observationChecks = ObservationChecks(observations.layout)
    maskChecks = MaskChecks(setup.spec.action)
    metrics = EpisodeMetrics(setup.spec.metrics, lanes: count)
    journal =
      instance.hasSnapshots || instance.isNondeterministic
      ? nil : ActionJournal(setup.spec.action, lanes: count)
    rewards = Column(count, filledWith: 0)
    flags = Column(count, filledWith: 0)
    returns = Column(count, filledWith: 0)
    starts = Column(count, filledWith: 0)
    seeds = Column(count, filledWith: 0)
    episodes = Column(count, filledWith: -1)
    live = Column(count, filledWith: 0)
    ended = Column(count, filledWith: 0)
    goingOn = Column(count, filledWith: 0)
    hadEnded = Column(count, filledWith: false)
    unsafe batch = Column(1, filledWith: rlenv_batch())
  }

  var liveLanes: LaneList {
    unsafe LaneList(lanes: liveCount == count ? nil : UnsafePointer(live.pointer), count: liveCount)
  }

  var endedLanes: LaneList {
    unsafe LaneList(
      lanes: endedCount == count ? nil : UnsafePointer(ended.pointer), count: endedCount)
  }

  /// Steps of the lane's episode so far.
  func length(lane: Int) -> Int { clock - starts[lane] }
}

/// A lane that failed.
struct LaneFault: Equatable {
  var clock: Int  // steps of the environment before
  var text: String  // where and why
}

/// What all blocks of an environment share.
struct BlockSetup {
  var place: String
  var spec: EnvironmentSpec
  var plan: EpisodePlan
  var stepLimit: Int?
  var onNonfinite: NonfinitePolicy
  var lanes: Int
}
