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

  /// Nothing is changed when it throws.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    var other = self
    other.report = OffPolicyReport(
      words: try state.words("report", count: OffPolicyReport.wordCount))
    if let count = noise?.weights.count {
      other.noise?.weights = try state.floats("noise", count: count)
    }
    try other.experience.restore(state.part("experience"))
    try other.actor.restore(state.part("actor"))
    try other.optimizer.restore(state.part("optimizer"))
    try other.critics.restore(state.part("critics"))
    try other.temperature.restore(state.part("temperature"))
    self = other
  }
}
