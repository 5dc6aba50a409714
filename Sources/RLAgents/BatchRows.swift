import RLCore
import RLNetworks

/// A batch of a rollout's rows, and what a gradient step works in; allocated once.
struct BatchRows: Sendable {
  var tape: ActorCriticTape  // [B, ...]
  var rows: [Int32]  // [B] of the rollout
  var actions: ActionRows  // [B, ...]
  var loss: LossRows  // [B]
  var gradient: [Float]  // [P]
  var freeGradient: [Float]  // [E]

  var size: Int { rows.count }

  init(_ network: ActorCritic, _ head: PolicyHead, size: Int) {
    tape = network.makeTape(rows: size, for: .training)
    rows = Array(repeating: 0, count: size)
    actions = head.makeActions(rows: size)
    loss = LossRows(size: size)
    gradient = Array(repeating: 0, count: network.parameters.count)
    freeGradient = Array(repeating: 0, count: network.architecture.freeCount)
  }

  /// Copies what is known of the first `count` of `rows`.
  mutating func gather(
    _ count: Int, from rollout: borrowing Rollout, _ estimates: borrowing RolloutEstimates,
    _ encoder: ObservationEncoder
  ) {
    encoder.encode(
      gathering: rows, count: count, from: rollout.observations, into: &tape.input,
      stride: tape.inputStride)
    gatherRows(rollout.choices, rows, count, width: rollout.choiceCount, into: &actions.choices)
    gatherRows(rollout.controls, rows, count, width: rollout.controlCount, into: &actions.controls)
    gatherRows(rollout.masks, rows, count, width: rollout.maskLength, into: &actions.masks)
    gatherRows(rollout.logProbabilities, rows, count, width: 1, into: &loss.oldLogProbabilities)
    gatherRows(estimates.advantages, rows, count, width: 1, into: &loss.advantages)
    gatherRows(estimates.returns, rows, count, width: 1, into: &loss.returns)
    gatherRows(estimates.values, rows, count, width: 1, into: &loss.oldValues)
  }
}

/// Copies row `rows[i]` of `source`, `[R, width]`, to row `i` of `target`, for `i` below `count`.
private func gatherRows<Element>(
  _ source: [Element], _ rows: [Int32], _ count: Int, width: Int, into target: inout [Element]
) {
  if width == 1 {
    for i in 0..<count { target[i] = source[Int(rows[i])] }
  } else {
    for i in 0..<count {
      let from = Int(rows[i]) * width
      for column in 0..<width { target[i * width + column] = source[from + column] }
    }
  }
}
