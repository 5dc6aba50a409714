import RLCore
import RLKernels

/// How an agent's actions reach the environment. The batch holds the environment's own rows.
extension WrappedEnvironment where Base: ~Copyable {
  /// Steps with the batch's actions, as often and as changed as the wrappers want; then they are the
  /// agent's again.
  mutating func takeActions(_ batch: inout StepBatch) throws(EnvironmentError) {
    guard sticky != nil || repetition != nil else { return try take(&batch, isPlaying) }
    copyActions(of: batch)
    defer { giveBackActions(to: &batch) }
    stick(&batch, isPlaying, masks: batch.masks)
    try take(&batch, isPlaying)
    repetition?.begin(batch)
    if repetition != nil { try takeAgain(&batch) }
    repetition?.end(&batch)
  }

  private mutating func take(
    _ batch: inout StepBatch, _ lanes: [Bool]
  ) throws(EnvironmentError) {
    for lane in elapsed.indices where lanes[lane] { elapsed[lane] += 1 }
    try base.step(&batch)
  }

  /// Steps the lanes that go on with their action until it was taken often enough.
  private mutating func takeAgain(_ batch: inout StepBatch) throws(EnvironmentError) {
    // the environment goes on in these rows; what the agent acted on is put back
    exchangeStart(&batch)
    defer { exchangeStart(&batch) }
    for _ in 1..<(repetition?.times ?? 1) {
      giveBackActions(to: &batch)
      guard repetition?.choose(batch, spec.action, isPlaying) == true else { return }
      let going = repetition?.going ?? []
      stick(&batch, going, masks: batch.nextMasks)
      for lane in elapsed.indices where going[lane] { elapsed[lane] += 1 }
      try base.step(&batch, only: going)
      repetition?.add(batch)
    }
  }

  private mutating func exchangeStart(_ batch: inout StepBatch) {
    swap(&batch.observations, &start.observations)
    swap(&batch.masks, &start.masks)
  }

  private mutating func stick(_ batch: inout StepBatch, _ lanes: [Bool], masks: [UInt8]) {
    guard sticky != nil else { return }
    for lane in lanes.indices where lanes[lane] {
      sticky?.apply(&batch, lane: lane, masks: masks)
    }
  }

  private mutating func copyActions(of batch: borrowing StepBatch) {
    for k in chosen.choices.indices { chosen.choices[k] = batch.choices[k] }
    for k in chosen.controls.indices { chosen.controls[k] = batch.controls[k] }
  }

  private func giveBackActions(to batch: inout StepBatch) {
    for k in chosen.choices.indices { batch.choices[k] = chosen.choices[k] }
    for k in chosen.controls.indices { batch.controls[k] = chosen.controls[k] }
  }
}
