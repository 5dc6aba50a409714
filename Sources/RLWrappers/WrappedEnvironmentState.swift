public import RLCore
import RLKernels

/// Saving and restoring. Without wrappers the state is that of the environment, and nothing else.
extension WrappedEnvironment where Base: ~Copyable {
  public func saveState(_ batch: borrowing StepBatch) throws(EnvironmentError) -> SavedState {
    guard !configuration.isEmpty else { return try base.saveState(batch) }
    var state = SavedState()
    var own = copy batch
    if observations != nil {
      (own.observations, own.nextObservations) = aside
      state["observations"] = .bytes(batch.observations)
    }
    state.merge(try base.saveState(own), prefix: "base")
    if let moments = observations?.moments { state.merge(moments.saved, prefix: "normalizer") }
    if let rewards, let moments = rewards.moments {
      state.merge(moments.saved, prefix: "rewards")
      state["rewards.returns"] = .words(rewards.returns.map(\.bitPattern))
    }
    if !elapsed.isEmpty { state["elapsed"] = .words(elapsed.map { UInt64($0) }) }
    if let sticky { state.merge(sticky.saved, prefix: "sticky") }
    return state
  }

  public mutating func restore(_ state: SavedState, _ batch: inout StepBatch) throws {
    guard !configuration.isEmpty else { return try base.restore(state, &batch) }
    let saved = try WrapperSnapshot(state, of: self)
    exchangeRows(&batch)
    defer { exchangeRows(&batch) }
    try base.restore(state.part("base"), &batch)
    if let moments = saved.observationMoments { observations?.adopt(moments) }
    if let moments = saved.rewardMoments { rewards?.adopt(moments, returns: saved.returns) }
    if let sticky = saved.sticky { self.sticky = sticky }
    if !elapsed.isEmpty { elapsed = saved.elapsed }
    if observations != nil { aside = (saved.observations, saved.observations) }
    choosePlaying()
  }
}

/// What wrappers have saved, read and checked.
private struct WrapperSnapshot {
  var observations: [UInt8] = []  // [N, O] as the agent saw them
  var observationMoments: RunningMoments?
  var rewardMoments: RunningMoments?
  var returns: [Double] = []
  var elapsed: [Int] = []
  var sticky: StickyActions?

  /// - Throws: `StateError` if an entry is missing, of another size, out of range or unknown.
  init<Base: Environment & ~Copyable>(
    _ state: SavedState, of environment: borrowing WrappedEnvironment<Base>
  ) throws(StateError) {
    let lanes = environment.lanes
    if let own = environment.observations {
      let rowBytes = own.plan.shown.rowBytes
      observations = try state.bytes("observations", count: lanes * rowBytes)
      if let leaf = leafWithForeignValue(observations, 0..<lanes, in: own.plan.space) {
        throw StateError(reason: "\"observations\" lie outside their space, in leaf \"\(leaf)\"")
      }
      if own.moments != nil {
        observationMoments = try RunningMoments(
          saved: state.part("normalizer"), columns: own.plan.columnCount)
      }
    }
    if environment.rewards?.moments != nil {
      rewardMoments = try RunningMoments(saved: state.part("rewards"), columns: 1)
      returns = try state.words("rewards.returns", count: lanes).map(Double.init(bitPattern:))
      guard returns.allSatisfy(\.isFinite) else {
        throw StateError(reason: "\"rewards.returns\" has a number that is not finite")
      }
    }
    if !environment.elapsed.isEmpty {
      let words = try state.words("elapsed", count: lanes)
      guard words.allSatisfy({ $0 < 1 << 53 }) else {
        throw StateError(reason: "\"elapsed\" has a number that no episode reaches")
      }
      elapsed = words.map { Int($0) }
    }
    sticky = environment.sticky
    try sticky?.restore(state.part("sticky"), lanes: lanes)
    try Self.refuseUnknown(state, environment)
  }

  private static func refuseUnknown<Base: Environment & ~Copyable>(
    _ state: SavedState, _ environment: borrowing WrappedEnvironment<Base>
  ) throws(StateError) {
    var prefixes = ["base."]
    if environment.observations?.moments != nil { prefixes.append("normalizer.") }
    if environment.rewards?.moments != nil { prefixes.append("rewards.") }
    if environment.sticky != nil { prefixes.append("sticky.") }
    let names = Set(
      (environment.observations == nil ? [] : ["observations"])
        + (environment.elapsed.isEmpty ? [] : ["elapsed"]))
    let unknown = state.entries.keys.filter { name in
      !names.contains(name) && !prefixes.contains { name.hasPrefix($0) }
    }
    if let name = unknown.min() {
      throw StateError(reason: "\"\(name)\" is not part of these wrappers' state")
    }
  }
}

extension RunningMoments {
  /// As a state, to the last bit.
  fileprivate var saved: SavedState {
    SavedState(entries: [
      "mean": .words(mean.map(\.bitPattern)), "variance": .words(variance.map(\.bitPattern)),
      "count": .words([count.bitPattern]),
    ])
  }

  /// - Throws: `StateError` unless it is a state of `columns` columns that can be.
  fileprivate init(saved state: SavedState, columns: Int) throws(StateError) {
    let mean = try state.words("mean", count: columns).map(Double.init(bitPattern:))
    let variance = try state.words("variance", count: columns).map(Double.init(bitPattern:))
    let count = Double(bitPattern: try state.words("count", count: 1)[0])
    guard let moments = RunningMoments(mean: mean, variance: variance, count: count) else {
      throw StateError(reason: "running statistics hold a number that cannot be")
    }
    self = moments
  }
}

extension StickyActions {
  /// As a state.
  fileprivate var saved: SavedState {
    SavedState(entries: [
      "choices": .integers(choices), "controls": .floats(controls),
      "has_taken": .bytes(hasTaken.map { $0 ? 1 : 0 }),
      "streams": .words(streams.flatMap(\.words)),
    ])
  }

  /// - Throws: `StateError` unless it is a state of these lanes and this action space.
  fileprivate mutating func restore(_ state: SavedState, lanes: Int) throws(StateError) {
    let choices = try state.integers("choices", count: choices.count)
    let controls = try state.floats("controls", count: controls.count)
    let taken = try state.bytes("has_taken", count: lanes)
    let words = try state.words("streams", count: 4 * lanes)
    guard action.holds(choices), controls.allSatisfy({ !$0.isNaN }) else {
      throw StateError(reason: "\"sticky\" has an action outside the action space")
    }
    var streams: [RandomStream] = []
    for lane in 0..<lanes {
      streams.append(try RandomStream(words: Array(words[4 * lane..<4 * lane + 4])))
    }
    adopt(choices: choices, controls: controls, hasTaken: taken.map { $0 != 0 }, streams: streams)
  }
}

extension ActionSpace {
  /// Whether each of `choices`, `[N, D]`, is one of its component's.
  fileprivate func holds(_ rows: [Int32]) -> Bool {
    rows.indices.allSatisfy { index in
      rows[index] >= 0 && Int(rows[index]) < choices[index % choices.count].count
    }
  }
}
