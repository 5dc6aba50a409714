public import RLCore

/// Why a run ended without an error.
public enum TrainingEnd: String, Sendable {
  /// All planned steps were made.
  case completed
  /// The observer asked for it.
  case stopped
}

/// An evaluation and the environment step after which it was made.
public struct PlacedEvaluation: Sendable {
  public var step: Int
  public var evaluation: Evaluation

  public init(step: Int, evaluation: Evaluation) {
    self.step = step
    self.evaluation = evaluation
  }
}

/// A run that has ended.
public struct TrainingSummary: Sendable {
  public var end: TrainingEnd
  public var steps: Int  // environment steps summed over lanes
  public var episodes: Int
  public var updates: Int
  public var wallSeconds: Double  // evaluations included
  public var trainingSeconds: Double  // evaluations, and the saving of their policies, not counted
  /// Over the last 100 episodes; `nil` when none has ended.
  public var returnMean100: Double?
  /// By mean return, the earliest of equal ones.
  ///
  /// The best of several evaluations on the same episodes is an optimistic estimate: evaluate it
  /// again with another seed before you quote it.
  public var best: PlacedEvaluation?
  public var last: PlacedEvaluation?
  /// The environment's wrappers at the end; what is saved of the policy needs them.
  public var wrappers: WrapperState?

  /// Environment steps for each second of training.
  public var stepsPerSecond: Double { trainingSeconds > 0 ? Double(steps) / trainingSeconds : 0 }
}
