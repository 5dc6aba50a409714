internal import RLCore

/// A batch's arrays as pointers, from one lane on. Valid during one call.
@unsafe struct BatchRows {
  var observations: UnsafeMutableRawPointer
  var nextObservations: UnsafeMutableRawPointer
  var masks: UnsafeMutablePointer<UInt8>
  var nextMasks: UnsafeMutablePointer<UInt8>
  var choices: UnsafePointer<Int32>
  var controls: UnsafePointer<Float>
  var rewards: UnsafeMutablePointer<Float>
  var terminated: UnsafeMutablePointer<Bool>
  var truncated: UnsafeMutablePointer<Bool>

  /// The rows from `lane` on.
  func from(_ lane: Int, _ sizes: RowSizes) -> BatchRows {
    unsafe BatchRows(
      observations: observations + lane * sizes.observation,
      nextObservations: nextObservations + lane * sizes.observation,
      masks: masks + lane * sizes.mask, nextMasks: nextMasks + lane * sizes.mask,
      choices: choices + lane * sizes.choices, controls: controls + lane * sizes.controls,
      rewards: rewards + lane, terminated: terminated + lane, truncated: truncated + lane)
  }
}

/// How much of each array belongs to one lane.
struct RowSizes {
  var observation: Int  // bytes
  var mask: Int
  var choices: Int
  var controls: Int

  init(_ spec: EnvironmentSpec) {
    observation = RowLayout(spec.observation).rowBytes
    mask = spec.action.maskLength
    choices = spec.action.choices.count
    controls = spec.action.controlCount
  }

  /// Stops the program unless the batch was made for these sizes.
  func check(_ batch: borrowing StepBatch, lanes: Int) {
    precondition(
      batch.lanes == lanes && batch.observations.count == lanes * observation
        && batch.nextObservations.count == lanes * observation
        && batch.masks.count == lanes * mask && batch.nextMasks.count == lanes * mask
        && batch.choices.count == lanes * choices && batch.controls.count == lanes * controls
        && batch.rewards.count == lanes && batch.terminated.count == lanes
        && batch.truncated.count == lanes,
      "the batch was made for another environment or another number of lanes")
  }
}

/// Runs `body` with the batch's arrays as pointers.
@inline(__always)
func withRows(_ batch: inout StepBatch, _ body: (BatchRows) -> Void) {
  unsafe lend(
    &batch.observations, &batch.nextObservations, &batch.masks, &batch.nextMasks, batch.choices,
    batch.controls, &batch.rewards, &batch.terminated, &batch.truncated, body)
}

@inline(__always)
private func lend(
  _ observations: UnsafeMutableRawPointer, _ nextObservations: UnsafeMutableRawPointer,
  _ masks: UnsafeMutablePointer<UInt8>, _ nextMasks: UnsafeMutablePointer<UInt8>,
  _ choices: UnsafePointer<Int32>, _ controls: UnsafePointer<Float>,
  _ rewards: UnsafeMutablePointer<Float>, _ terminated: UnsafeMutablePointer<Bool>,
  _ truncated: UnsafeMutablePointer<Bool>, _ body: (BatchRows) -> Void
) {
  unsafe body(
    BatchRows(
      observations: observations, nextObservations: nextObservations, masks: masks,
      nextMasks: nextMasks, choices: choices, controls: controls, rewards: rewards,
      terminated: terminated, truncated: truncated))
}
