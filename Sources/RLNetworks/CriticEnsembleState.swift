public import RLCore
public import RLParallel

extension CriticEnsemble {
  /// Every critic's networks and moments, to be saved.
  public func saveState() -> SavedState {
    var state = SavedState()
    for (index, member) in members.enumerated() {
      state.merge(member.saveState(), prefix: "\(index)")
    }
    return state
  }

  /// Takes over saved critics.
  ///
  /// - Throws: `StateError` when they are of other critics.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    for index in members.indices { try members[index].restore(state.part("\(index)")) }
  }

  /// The parameters as Stable-Baselines3 names them: `<prefix>qf0.0.weight` ...
  public func tensors(prefix: String, ofTarget: Bool = false) -> [PolicyExport.Tensor] {
    members.enumerated().flatMap { index, member in
      (ofTarget ? member.target : member.online).tensors(prefix: "\(prefix)qf\(index).")
    }
  }

  /// Takes over parameters in the form that `tensors` gives; other tensors are ignored.
  ///
  /// - Throws: `StateError` when one is missing or has another shape.
  public mutating func load(
    tensors: [PolicyExport.Tensor], prefix: String, targetPrefix: String
  ) throws(StateError) {
    for index in members.indices {
      try members[index].online.load(tensors: tensors, prefix: "\(prefix)qf\(index).")
      try members[index].target.load(tensors: tensors, prefix: "\(targetPrefix)qf\(index).")
    }
  }

  /// Evaluates every critic: for reports and tests, it allocates.
  ///
  /// - Parameters:
  ///   - encoder: of the observations.
  ///   - rows: `count` observation rows.
  ///   - actions: `[count, C]`, in -1 ... 1.
  ///   - pool: the threads.
  /// - Returns: Q(s, a), `[critics, count]`.
  public func values(
    _ encoder: ObservationEncoder, of rows: [UInt8], actions: [Float], pool: WorkerPool
  ) -> [[Float]] {
    let count = actions.count / controls
    return members.map { member in
      var tape = member.online.makeTape(rows: count)
      encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
      for row in 0..<count {
        for c in 0..<controls {
          tape.input[row * tape.inputStride + observationWidth + c] = actions[row * controls + c]
        }
      }
      member.online.forward(&tape, rows: count, pool: pool)
      return (0..<count).map { tape.output[$0 * tape.outputStride] }
    }
  }
}
