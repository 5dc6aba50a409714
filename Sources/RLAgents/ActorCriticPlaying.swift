import RLCore
import RLNetworks
import RLParallel

extension ActorCriticLearner {
  /// Draws an action for each lane.
  mutating func act(_ step: inout StepBatch) {
    acting.act(&step, &actor, drawsNoise: drawsNoise(at: rollout.position))
  }

  /// Whether gSDE's matrices are drawn before a step of the rollout: for its first one, and every
  /// `sdeSampleFreq` steps.
  private func drawsNoise(at position: Int) -> Bool {
    position == 0 || sdeSampleFreq > 0 && position.isMultiple(of: sdeSampleFreq)
  }

  /// Records the step that `act` acted on.
  mutating func observe(_ step: borrowing StepBatch) {
    if acting.isPending, !acting.values.isEmpty {
      estimates.record(
        acting.values, steps: 1, lanes: 0..<step.lanes, from: rollout.position, lanes: step.lanes)
    }
    observe(step, actions: acting.actions)
  }

  /// Records the step, with the actions as `act` drew them, whatever the environments made of them,
  /// and the values of the final observations of episodes that were cut off.
  mutating func observe(_ step: borrowing StepBatch, actions: ActionRows) {
    acting.finals.judge(step, &actor)
    rollout.append(step, actions: actions, finalValues: acting.finals.values)
    steps += step.lanes
    acting.isPending = false
  }

  /// Iterations until the rollout is full, as far as groups of lanes have room for them.
  var playableIterations: Int { min(rollout.steps - rollout.position, groupRoom) }

  /// Whether a stretch of lanes that are grouped like this is to be played side by side: whether it
  /// is long enough, and the groups keep most threads busy.
  func playsSideBySide(_ stretch: borrowing Stretch, _ lanes: [Range<Int>]) -> Bool {
    lanes.count > 1 && 2 * lanes.count >= pool.threads && stretch.length >= 4
      && stretch.length * rollout.lanes >= 256
  }

  /// Plays a stretch in every group of lanes side by side: acts with what `acting` knows of the
  /// lanes, and records what came of it there and in the rollout.
  mutating func playSideBySide<E: Environment & ~Copyable>(
    _ stretch: inout Stretch, in environment: inout E, _ batch: inout StepBatch
  ) throws(EnvironmentError) {
    precondition(stretch.length <= playableIterations, "no room for \(stretch.length) iterations")
    prepareGroups(environment.groups)
    let length = stretch.length
    var groups: [PlayingGroup] = []
    swap(&groups, &self.groups)
    defer { swap(&groups, &self.groups) }
    for group in groups.indices {
      groups[group].begin(acting, actor, of: updates)
    }
    let first = rollout.position
    try environment.play(
      &stretch, &batch, players: &groups,
      act: { group, step in
        group.act(&step, drawsNoise: drawsNoise(at: first + group.part.position))
      },
      observe: { group, step in group.observe(step, length: length) })
    for group in groups {
      group.end(&acting)
      rollout.write(group.part, lanes: group.lanes)
      if network.architecture.isShared { group.record(in: &estimates, from: rollout) }
    }
    rollout.count(length)
    steps += length * rollout.lanes
    acting.isPending = false
  }

  private mutating func prepareGroups(_ lanes: [Range<Int>]) {
    if groups.elementsEqual(lanes, by: { $0.lanes == $1 }) { return }
    groups = lanes.map { PlayingGroup(spec, actor, acting, lanes: $0, room: groupRoom) }
  }
}

extension Rollout {
  /// Iterations whose rows stay within a share of the cache, at most those of the rollout.
  var groupRoom: Int {
    let bytes = rowBytes + maskLength + 4 * (choiceCount + controlCount) + 13
    return max(1, min(steps, 1 << 20 / (lanes * bytes)))
  }
}
