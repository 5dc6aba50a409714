import RLCore
import RLKernels
import RLNetworks

/// A group of lanes that plays while others do beside it, and what it has recorded. Allocated once.
struct PlayingGroup: Sendable {
  let lanes: Range<Int>
  private var actor: Actor
  private var acting: ActingLanes
  private var updates: Int?  // after which the parameters were taken over
  private(set) var part: Rollout  // [room, lanes of the group]
  private var values: [Float]  // [room, lanes of the group], with a shared trunk

  /// A group of `lanes` with room for `room` iterations.
  init(
    _ spec: EnvironmentSpec, _ actor: Actor, _ all: ActingLanes, lanes: Range<Int>, room: Int
  ) {
    self.lanes = lanes
    self.actor = actor.apart(spec)
    acting = ActingLanes(actor, random: Array(all.random[lanes]))
    part = Rollout(spec, steps: room, lanes: lanes.count)
    let isJudging = actor.network.architecture.isShared
    values = Array(repeating: 0, count: isJudging ? room * lanes.count : 0)
  }

  /// Takes over the streams and the noise of its lanes, and the parameters after so many updates;
  /// forgets what it has recorded.
  mutating func begin(_ all: borrowing ActingLanes, _ actor: borrowing Actor, of updates: Int) {
    if self.updates != updates {
      self.actor.adopt(actor)
      self.updates = updates
    }
    acting.copyLanes(of: all, from: lanes.lowerBound, to: 0, count: lanes.count)
    part.clear()
  }

  /// Hands the streams and the noise of its lanes back.
  func end(_ all: inout ActingLanes) {
    all.copyLanes(of: acting, from: 0, to: lanes.lowerBound, count: lanes.count)
  }

  /// Draws an action for each lane of the group.
  mutating func act(_ step: inout StepBatch, drawsNoise: Bool) {
    acting.act(&step, &actor, drawsNoise: drawsNoise)
  }

  /// Records a step of the group's lanes, and after the last of `length` steps their successors.
  mutating func observe(_ step: borrowing StepBatch, length: Int) {
    copyElements(acting.values, to: &values, at: part.position * acting.values.count)
    acting.finals.judge(step, &actor)
    part.append(step, actions: acting.actions, finalValues: acting.finals.values)
    if part.position == length, !part.isFull { part.keepSuccessors(of: step) }
  }

  /// Hands over the values that acting has computed.
  func record(in estimates: inout RolloutEstimates, from rollout: borrowing Rollout) {
    estimates.record(
      values, steps: part.position, lanes: lanes, from: rollout.position, lanes: rollout.lanes)
  }
}

extension ActingLanes {
  /// Copies what goes on from step to step in `count` lanes.
  fileprivate mutating func copyLanes(
    of other: borrowing ActingLanes, from: Int, to: Int, count: Int
  ) {
    for lane in 0..<count { random[to + lane] = other.random[from + lane] }
    guard let weights = other.noise?.weights else { return }
    let width = weights.count / other.random.count
    for i in 0..<count * width { noise?.weights[to * width + i] = weights[from * width + i] }
  }
}
