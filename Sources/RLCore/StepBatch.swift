/// One step of `N` lanes. Row `n` of every array belongs to lane `n`.
///
/// O is the bytes of an observation row, M the mask's length, D the choices and C the controls of
/// an action.
public struct StepBatch: Sendable {
  public let lanes: Int
  public var observations: [UInt8]  // [N, O] what the action was chosen on
  public var masks: [UInt8]  // [N, M] 1 = allowed; empty without a mask
  public var choices: [Int32]  // [N, D] indices from 0, whatever the leaf's start
  public var controls: [Float]  // [N, C]
  public var rewards: [Float]  // [N]
  public var terminated: [Bool]  // [N] the task ended: do not bootstrap
  public var truncated: [Bool]  // [N] something outside the task ended the episode: bootstrap
  public var nextObservations: [UInt8]  // [N, O] true successors, never a reset observation
  public var nextMasks: [UInt8]  // [N, M] what is allowed in the successor

  /// An empty batch for `lanes` lanes of an environment.
  public init(_ spec: EnvironmentSpec, lanes: Int) {
    let rowBytes = RowLayout(spec.observation).rowBytes
    self.lanes = lanes
    observations = Array(repeating: 0, count: lanes * rowBytes)
    masks = Array(repeating: 1, count: lanes * spec.action.maskLength)
    choices = Array(repeating: 0, count: lanes * spec.action.choices.count)
    controls = Array(repeating: 0, count: lanes * spec.action.controlCount)
    rewards = Array(repeating: 0, count: lanes)
    terminated = Array(repeating: false, count: lanes)
    truncated = Array(repeating: false, count: lanes)
    nextObservations = observations
    nextMasks = masks
  }
}
