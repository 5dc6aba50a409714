public import RLCore
import RLNetworks

extension DQN {
  public func saveState() -> SavedState {
    var state = learning
    state.merge(replay.saveState(), prefix: "replay")
    if let priorities { state.merge(priorities.saveState(), prefix: "priorities") }
    return state
  }

  public mutating func capture() -> StateCapture {
    var capture = StateCapture(state: learning)
    capture.merge(replay.capture(), prefix: "replay")
    if let changed = priorities?.capture() { capture.merge(changed, prefix: "priorities") }
    return capture
  }

  public mutating func captureAnew() {
    replay.captureAnew()
    priorities?.captureAnew()
  }

  /// All but the replay and its priorities.
  private var learning: SavedState {
    var state = SavedState()
    state.merge(online.saveState(), prefix: "online")
    state.merge(target.saveState(), prefix: "target")
    state.merge(optimizer.saveState(), prefix: "optimizer")
    state["random"] = .words(exploreRandom.words + replayRandom.words)
    state["counters"] = .words([UInt64(steps), UInt64(updates), UInt64(learnedSteps)])
    state["report"] = .words(report.words)
    return state
  }

  public mutating func restore(_ state: SavedState) throws(StateError) {
    let random = try state.words("random", count: 8)
    let counters = try state.words("counters", count: 3)
    // updates that are due are made at once: a wrong distance would keep `learn` busy for ever
    guard counters.allSatisfy({ $0 < 1 << 62 }), counters[2] <= counters[0],
      counters[0] - counters[2] <= replay.lanes * replay.rowsPerLane
    else { throw StateError(reason: "a counter is damaged") }
    try online.restore(state.part("online"))
    try target.restore(state.part("target"))
    try optimizer.restore(state.part("optimizer"))
    try replay.restore(state.part("replay"))
    try replay.check(spec)
    guard counters[0] == 0 || replay.count > 0 else {
      throw StateError(reason: "the replay ring is empty after \(counters[0]) steps")
    }
    try priorities?.restore(state.part("priorities"), replay)
    exploreRandom = try RandomStream(words: Array(random[0..<4]))
    replayRandom = try RandomStream(words: Array(random[4..<8]))
    steps = Int(counters[0])
    updates = Int(counters[1])
    learnedSteps = Int(counters[2])
    report = UpdateReport(words: try state.words("report", count: UpdateReport.wordCount))
  }
}
