public import RLCore
public import RLSystem

/// A training at one step, whole: what was read from a checkpoint's folder.
public struct Checkpoint: Sendable {
  public let step: Int  // environment steps, summed over lanes
  public let state: SavedState
  public let facts: [String: String]
  public let path: String  // of the checkpoint's folder
  let manifest: CheckpointManifest
}

/// What a checkpoint needs from a training, at one moment.
public struct CheckpointCapture: Sendable {
  public var step: Int  // environment steps, summed over lanes
  public var capture: StateCapture
  /// What a reader must know before it uses the state, such as `plugin_sha256`.
  public var facts: [String: String]

  public init(step: Int, capture: StateCapture, facts: [String: String] = [:]) {
    self.step = step
    self.capture = capture
    self.facts = facts
  }
}

/// How a write ended.
public enum CheckpointOutcome: Sendable, Equatable {
  /// The checkpoint is on the disk, in the folder `path`.
  case written(step: Int, path: String, seconds: Double)
  /// Not everything could be done; the checkpoint before is intact, and nothing of the capture is
  /// lost: it goes into the next write. `consecutive` counts the failures since the last success.
  case failed(FileError, consecutive: Int)
}
