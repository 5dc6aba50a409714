import RLCore
import RLNetworks

extension DeterministicLearner {
  func saveState() -> SavedState {
    var state = learned
    state.merge(experience.saveState(), prefix: "experience")
    return state
  }

  mutating func capture() -> StateCapture {
    var capture = StateCapture(state: learned)
    capture.merge(experience.capture(), prefix: "experience")
    return capture
  }

  mutating func captureAnew() { experience.captureAnew() }

  private var learned: SavedState {
    var state = SavedState()
    state.merge(actor.saveState(), prefix: "actor")
    state.merge(actorTarget.saveState(), prefix: "actorTarget")
    state.merge(optimizer.saveState(), prefix: "optimizer")
    state.merge(critics.saveState(), prefix: "critics")
    state.merge(noise.saveState(), prefix: "noise")
    state["report"] = .words(report.words)
    return state
  }

  /// Nothing is changed when it throws.
  mutating func restore(_ state: SavedState) throws(StateError) {
    var other = self
    other.report = OffPolicyReport(
      words: try state.words("report", count: OffPolicyReport.wordCount))
    try other.experience.restore(state.part("experience"))
    try other.actor.restore(state.part("actor"))
    try other.actorTarget.restore(state.part("actorTarget"))
    try other.optimizer.restore(state.part("optimizer"))
    try other.critics.restore(state.part("critics"))
    try other.noise.restore(state.part("noise"))
    self = other
  }
}
