import RLCore
import RLKernels
import RLNetworks
import RLParallel

/// Some lanes that a policy acts in: their streams and noise, and what acting works in. Allocated
/// once.
struct ActingLanes: Sendable {
  /// One stream a lane: so lanes may draw at the same time.
  var random: [RandomStream]
  var noise: SDENoise?  // of gSDE, [N, L, C]
  private var room: ActingRoom
  private(set) var actions: ActionRows  // [N, ...] as drawn
  /// Of the observations that were acted on, where one trunk gives them too; else empty.
  private(set) var values: [Float]  // [N]
  var finals: FinalValues
  /// Whether the actions are those of the batch that was acted on last, and the step is not yet recorded.
  var isPending = false

  /// Lanes that draw from `random`, one stream each.
  init(_ actor: Actor, random: [RandomStream]) {
    self.random = random
    let (head, lanes) = (actor.head, random.count)
    if !head.freeShape.isEmpty, head.distribution == .gsde { noise = head.makeNoise(lanes: lanes) }
    room = ActingRoom(
      actor.network, head, actor.encoder, rows: lanes, threads: actor.pool.threads)
    values = Array(repeating: 0, count: actor.network.architecture.isShared ? lanes : 0)
    actions = head.makeActions(rows: lanes)
    finals = FinalValues(actor.network, lanes: lanes)
  }

  /// Draws an action for each lane.
  ///
  /// - Parameters:
  ///   - step: of these lanes.
  ///   - actor: who acts. Not changed; it is lent, so that no count of references is.
  ///   - drawsNoise: whether gSDE's matrices are drawn anew before.
  mutating func act(_ step: inout StepBatch, _ actor: inout Actor, drawsNoise: Bool) {
    if drawsNoise, var drawn = noise {
      noise = nil  // so that the matrices are written in place
      actor.head.resetNoise(
        &drawn, free: actor.free, random: &random, scratch: &actions, pool: actor.pool)
      noise = drawn
    }
    copyElements(step.masks, to: &actions.masks, at: 0)
    actor.network.act(
      on: step.observations, rows: step.lanes, head: actor.head, free: actor.free, noise: noise,
      room: &room, random: &random, into: &actions, values: &values, pool: actor.pool)
    actor.head.write(actions, to: &step)
    isPending = true
  }
}

extension PolicyHead {
  /// Hands the actions over in the form that environments take.
  func write(_ actions: borrowing ActionRows, to step: inout StepBatch) {
    for i in step.choices.indices { step.choices[i] = actions.choices[i] }
    environmentControls(actions.controls, rows: step.lanes, into: &step.controls)
  }
}
