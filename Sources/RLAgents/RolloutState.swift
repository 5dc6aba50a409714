public import RLCore

extension Rollout {
  /// Everything: a rollout that is not full is part of a checkpoint.
  public func saveState() -> SavedState {
    SavedState(entries: [
      "position": .words([UInt64(position)]), "observations": .bytes(observations),
      "masks": .bytes(masks), "choices": .integers(choices), "controls": .floats(controls),
      "logProbabilities": .floats(logProbabilities), "rewards": .floats(rewards),
      "ends": .bytes(ends.map { $0 ? 1 : 0 }), "finalValues": .floats(finalValues),
    ])
  }

  /// Continues from a saved rollout of the same shape.
  ///
  /// - Throws: `StateError` when the shapes differ, or learning could not use what was recorded: a
  ///   choice becomes an index; nothing is changed then.
  public mutating func restore(_ state: SavedState, _ spec: EnvironmentSpec) throws(StateError) {
    let position = try state.words("position", count: 1)[0]
    // a full one would have been learned from
    guard position < steps else {
      throw StateError(reason: "the rollout has \(position) steps, room for \(steps)")
    }
    let written = 0..<Int(position) * lanes
    let observations = try state.bytes("observations", count: observations.count)
    if let name = leafWithForeignValue(observations, written, in: spec.observation) {
      throw StateError(
        reason: "the rollout holds an observation outside its space, in leaf \"\(name)\"")
    }
    let masks = try state.bytes("masks", count: masks.count)
    let choices = try state.integers("choices", count: choices.count)
    for row in written {
      for (d, choice) in spec.action.choices.enumerated()
      where !(0..<choice.count).contains(Int(choices[row * choiceCount + d])) {
        throw StateError(reason: "the rollout holds an action outside its space")
      }
    }
    let controls = try state.floats("controls", count: controls.count)
    let logProbabilities = try state.floats("logProbabilities", count: logProbabilities.count)
    let rewards = try state.floats("rewards", count: rewards.count)
    let ends = try state.bytes("ends", count: ends.count)
    let finalValues = try state.floats("finalValues", count: finalValues.count)
    self.position = Int(position)
    self.observations = observations
    self.masks = masks
    self.choices = choices
    self.controls = controls
    self.logProbabilities = logProbabilities
    self.rewards = rewards
    self.ends = ends.map { $0 != 0 }
    self.finalValues = finalValues
  }
}
