import RLCore
import RLNetworks
import RLParallel

/// What acting in every lane works in; allocated once.
struct ActingRows: Sendable {
  var tape: ActorCriticTape  // [N, ...]
  var actions: ActionRows  // [N, ...] as drawn
  /// Whether the tape is of the batch that was acted on last, and the step is not yet recorded.
  var isPending = false

  init(_ network: ActorCritic, _ head: PolicyHead, lanes: Int) {
    tape = network.makeTape(rows: lanes, for: .policy)
    actions = head.makeActions(rows: lanes)
  }
}

extension ActorCriticLearner {
  /// Draws an action for each lane.
  mutating func act(_ step: inout StepBatch) {
    drawNoiseIfDue()
    encoder.encode(
      step.observations, count: step.lanes, into: &acting.tape.input,
      stride: acting.tape.inputStride)
    network.forwardPolicy(&acting.tape, rows: step.lanes, pool: pool)
    for i in step.masks.indices { acting.actions.masks[i] = step.masks[i] }
    head.sample(
      outputs: acting.tape.policy.output, stride: acting.tape.policy.outputStride,
      latent: head.distribution == .gsde ? network.lastHidden(acting.tape) : nil, free: free,
      noise: noise, rows: step.lanes, random: &laneRandom, into: &acting.actions, pool: pool)
    head.write(acting.actions, to: &step)
    acting.isPending = true
  }

  /// Records the step that `act` acted on.
  mutating func observe(_ step: borrowing StepBatch) {
    if acting.isPending, network.architecture.isShared {
      estimates.record(
        acting.tape.policy, column: network.architecture.outputs, at: rollout.position,
        lanes: step.lanes)
    }
    observe(step, actions: acting.actions)
  }

  /// Noise matrices of gSDE are drawn anew for each rollout, and every `sdeSampleFreq` steps of it.
  private mutating func drawNoiseIfDue() {
    guard var drawn = noise else { return }
    let isDue = sdeSampleFreq > 0 && rollout.position.isMultiple(of: sdeSampleFreq)
    guard isDue || rollout.position == 0 else { return }
    noise = nil  // so that the matrices are written in place
    head.resetNoise(
      &drawn, free: free, random: &laneRandom, scratch: &acting.actions, pool: pool)
    noise = drawn
  }

  /// Records the step, with the actions as `act` drew them, whatever the environments made of them,
  /// and the values of the final observations of episodes that were cut off.
  mutating func observe(_ step: borrowing StepBatch, actions: ActionRows) {
    estimates.judgeFinals(of: step, network, encoder, pool: pool)
    rollout.append(step, actions: actions, finalValues: estimates.finalValues)
    steps += step.lanes
    acting.isPending = false
  }
}

extension PolicyHead {
  /// Hands the actions over in the form that environments take.
  func write(_ actions: borrowing ActionRows, to step: inout StepBatch) {
    for i in step.choices.indices { step.choices[i] = actions.choices[i] }
    environmentControls(actions.controls, rows: step.lanes, into: &step.controls)
  }
}
