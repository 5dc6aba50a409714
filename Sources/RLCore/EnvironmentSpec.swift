/// What an environment tells the host before the first step.
public struct EnvironmentSpec: Sendable, Equatable {
  /// A named number that the environment reports beside the reward.
  public struct Metric: Sendable, Equatable {
    /// How an episode's values become one.
    public enum Reduction: String, Sendable {
      case last
      case sum
      case mean
      case min
      case max
    }
    public var name: String
    public var reduction: Reduction

    public init(name: String, reduction: Reduction) {
      self.name = name
      self.reduction = reduction
    }
  }

  public var id: String
  public var observation: Space
  public var action: ActionSpace
  public var maxEpisodeSteps: Int?  // the host truncates there
  public var rewardThreshold: Double?  // mean return that counts as solved
  public var metrics: [Metric]

  public init(
    id: String, observation: Space, action: Space, maxEpisodeSteps: Int? = nil,
    rewardThreshold: Double? = nil, metrics: [Metric] = []
  ) {
    self.id = id
    self.observation = observation
    self.action = ActionSpace(action)
    self.maxEpisodeSteps = maxEpisodeSteps
    self.rewardThreshold = rewardThreshold
    self.metrics = metrics
  }
}
