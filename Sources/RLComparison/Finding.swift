public import RLEnvironments

/// A moment of a comparison.
public struct Moment: Sendable, Equatable {
  public var episode: Int
  public var seed: UInt64?  // nil: the generator went on
  public var step: Int  // from 1; 0 is the reset
  public var lane: Int
}

/// One side as it was around a difference.
public struct SideState: Sendable, Equatable {
  /// What the action was chosen on; `nil` at a reset.
  public var before: [UInt8]?
  public var answer: ExactEnvironment.Answer
  /// Snapshots, where both sides have them and they are small.
  public var snapshotBefore: [UInt8]?
  public var snapshotAfter: [UInt8]?
}

/// A difference with all that is known of the moment.
public struct Finding: Sendable, Equatable {
  public var moment: Moment
  public var difference: Difference
  public var action: [UInt8]?  // nil at a reset
  public var a: SideState
  public var b: SideState
}

/// What a comparison has found.
public struct Comparison: Sendable, Equatable {
  /// Of A, by which the rows of a finding can be read.
  public var declaration: Declaration
  /// How the spaces differ, in words; then nothing was played.
  public var spaces: [String] = []
  public var finding: Finding?  // the first
  public var episodes = 0  // begun
  public var steps = 0
  public var differingSteps = 0  // at most 1, unless teacher-forced
  /// Of every number that was not the same, those within the tolerance included.
  public var spread = Spread()
  /// States of a trace that were compared with snapshots.
  public var states = 0
  /// States of a trace that could not be: the plugin has no snapshots, or shorter ones.
  public var statesLeftOut = 0
  public var wasInterrupted = false

  public var isEqual: Bool { spaces.isEmpty && finding == nil }

  init(_ declaration: Declaration) { self.declaration = declaration }
}
