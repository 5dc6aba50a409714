/// A moment between two iterations of a training at which its state is whole.
public enum CheckpointOccasion: Sendable, Equatable {
  /// Any iteration.
  case iteration
  /// The plan asks for a checkpoint here.
  case due
  /// The evaluation just made is the best so far.
  case best
  /// The observer wants to stop: nothing more will be trained.
  case stop
  /// All steps are made, and the last evaluation is still to come.
  case end
}
