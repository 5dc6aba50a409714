import RLCore
import RLNetworks

extension ActorCriticLearner {
  func saveState() -> SavedState {
    var state = SavedState()
    state.merge(network.saveState(), prefix: "network")
    state.merge(optimizer.saveState(), prefix: "optimizer")
    state.merge(rollout.saveState(), prefix: "rollout")
    if let noise = acting.noise { state["noise"] = .floats(noise.weights) }
    state["random"] = .words(shuffleRandom.words + acting.random.flatMap(\.words))
    state["counters"] = .words([UInt64(steps), UInt64(updates)])
    state["report"] = .words(report.words)
    return state
  }

  mutating func restore(_ state: SavedState) throws(StateError) {
    let random = try state.words("random", count: 4 + 4 * rollout.lanes)
    let counters = try state.words("counters", count: 2)
    guard counters.allSatisfy({ $0 < 1 << 62 }) else {
      throw StateError(reason: "a counter is damaged")
    }
    var streams: [RandomStream] = []
    for start in stride(from: 0, to: random.count, by: 4) {
      streams.append(try RandomStream(words: Array(random[start..<start + 4])))
    }
    let report = OnPolicyReport(words: try state.words("report", count: OnPolicyReport.wordCount))
    var noise = acting.noise
    if let count = noise?.weights.count { noise?.weights = try state.floats("noise", count: count) }
    try rollout.restore(state.part("rollout"), spec)
    guard UInt64(rollout.position * rollout.lanes) <= counters[0] else {
      throw StateError(reason: "the rollout has more steps than were made")
    }
    try actor.network.restore(state.part("network"))
    try optimizer.restore(state.part("optimizer"))
    actor.network.copyFree(to: &actor.free)
    estimates.forgetValues()
    groups = []
    acting.isPending = false
    acting.noise = noise
    shuffleRandom = streams[0]
    acting.random = Array(streams[1...])
    steps = Int(counters[0])
    updates = Int(counters[1])
    self.report = report
  }
}
