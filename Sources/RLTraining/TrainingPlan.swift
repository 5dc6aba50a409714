public import RLCore

/// What a run does beside learning. All counts are environment steps summed over lanes.
public struct TrainingPlan: Sendable, Equatable {
  /// The run ends at the first multiple of the lanes that reaches this.
  public let steps: Int
  /// A record for the log every so many steps.
  public let logEvery: Int
  /// An evaluation every so many steps; `nil`: never during training.
  public let evaluateEvery: Int?
  /// A checkpoint every so many steps; `nil`: none is due by steps. It changes no result.
  public let checkpointEvery: Int?

  /// - Throws: `ConfigurationError` naming the count that is not positive.
  public init(
    steps: Int, logEvery: Int, evaluateEvery: Int? = nil, checkpointEvery: Int? = nil
  ) throws(ConfigurationError) {
    let counts = [
      ("steps", steps), ("logEvery", logEvery), ("evaluateEvery", evaluateEvery ?? 1),
      ("checkpointEvery", checkpointEvery ?? 1),
    ]
    for (name, count) in counts where count < 1 {
      throw ConfigurationError(field: name, reason: "is \(count), should be 1 or more")
    }
    self.steps = steps
    self.logEvery = logEvery
    self.evaluateEvery = evaluateEvery
    self.checkpointEvery = checkpointEvery
  }
}
