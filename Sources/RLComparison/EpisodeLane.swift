internal import RLCore
internal import RLEnvironments

/// A lane of a comparison: the episode that both sides play in it.
struct EpisodeLane {
  let lane: Int
  private(set) var episode: Int
  private(set) var seed: UInt64
  private(set) var isLive: Bool
  var length = 0  // steps
  /// Of the actions; a function of the episode's seed.
  var random: RandomStream
  /// What the next action is chosen on.
  private(set) var before: (a: [UInt8], b: [UInt8])?
  private(set) var mask: [UInt8] = []
  private(set) var isOver = false
  /// From before the last step, where they are kept.
  var snapshots: (a: [UInt8], b: [UInt8]) = ([], [])

  /// Larger ones are not kept at every step.
  static let largestSnapshot = 1 << 16  // bytes

  init(lane: Int, _ plan: ComparisonPlan) {
    self.lane = lane
    episode = lane
    seed = 0
    isLive = false
    random = RandomStream(seed: 0)
    begin(episode: lane, plan)
  }

  /// Goes to an episode, if the plan has it.
  mutating func begin(episode: Int, _ plan: ComparisonPlan) {
    self.episode = episode
    isLive = episode < plan.episodes
    seed = plan.seed(of: episode)
    random = RandomStream(seed: seed, purpose: "actions")
    length = 0
    before = nil
    isOver = false
  }

  /// Goes on from what A and B have answered; A says whether the episode is over.
  mutating func follow(_ a: ExactEnvironment.Answer, _ b: ExactEnvironment.Answer) {
    before = (a.observation, b.observation)
    mask = a.mask
    isOver = a.flags != 0
  }

  var moment: Moment { Moment(episode: episode, seed: seed, step: length, lane: lane) }

  var text: String {
    "lane \(lane): episode \(episode), seed \(seed), "
      + (length == 0 ? "reset" : "step \(length)")
  }
}
