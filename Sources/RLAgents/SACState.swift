public import RLCore
import RLNetworks

extension SAC {
  public func saveState() -> SavedState {
    var state = learned
    state.merge(experience.saveState(), prefix: "experience")
    return state
  }

  public mutating func capture() -> StateCapture {
    var capture = StateCapture(state: learned)
    capture.merge(experience.capture(), prefix: "experience")
    return capture
  }

  public mutating func captureAnew() { experience.captureAnew() }

  /// All but the experience.
  private var learned: SavedState {
    var state = SavedState()
    state.merge(actor.saveState(), prefix: "actor")
    state.merge(optimizer.saveState(), prefix: "optimizer")
    state.merge(critics.saveState(), prefix: "critics")
    state.merge(temperature.saveState(), prefix: "temperature")
    if let noise { state["noise"] = .floats(noise.weights) }
    state["report"] = .words(report.words)
    return state
  }

  public mutating func restore(_ state: SavedState) throws(StateError) {
    let words = try state.words("report", count: OffPolicyReport.wordCount)
    var noise = noise
    if let count = noise?.weights.count { noise?.weights = try state.floats("noise", count: count) }
    try experience.restore(state.part("experience"))
    try actor.restore(state.part("actor"))
    try optimizer.restore(state.part("optimizer"))
    try critics.restore(state.part("critics"))
    try temperature.restore(state.part("temperature"))
    self.noise = noise
    report = OffPolicyReport(words: words)
  }
}
