public import RLCore

/// One record of the log: everything in it but `time` is a function of the run's seed.
public struct TrainingRecord: Sendable, Equatable {
  /// What the clock says, kept apart.
  public struct Time: Sendable, Equatable {
    /// Seconds since the run began.
    public var wallSeconds: Double
    /// Environment steps a second; evaluations not counted.
    public var stepsPerSecond: Double

    public init(wallSeconds: Double, stepsPerSecond: Double) {
      self.wallSeconds = wallSeconds
      self.stepsPerSecond = stepsPerSecond
    }
  }

  public var step: Int  // environment steps summed over lanes
  public var episodes: Int  // ended since the start
  public var updates: Int  // gradient steps since the start
  /// Over the last 100 episodes; `nil` before the first has ended.
  public var returnMean100: Double?
  public var lengthMean100: Double?
  /// What the agent reports, as means since the record before.
  public var agentMetrics: Metrics
  /// Means of the environment's declared metrics over the last 100 episodes.
  public var environmentMetrics: Metrics
  public var time: Time

  public init(
    step: Int, episodes: Int, updates: Int, returnMean100: Double?, lengthMean100: Double?,
    agentMetrics: Metrics, environmentMetrics: Metrics, time: Time
  ) {
    self.step = step
    self.episodes = episodes
    self.updates = updates
    self.returnMean100 = returnMean100
    self.lengthMean100 = lengthMean100
    self.agentMetrics = agentMetrics
    self.environmentMetrics = environmentMetrics
    self.time = time
  }
}
