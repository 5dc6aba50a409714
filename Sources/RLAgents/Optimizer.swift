import RLCore
import RLNetworks
import RLParallel

/// The optimizer that a configuration names; exactly one of the two is there.
///
/// Two optionals and not an enumeration: a payload of megabytes is then updated in place.
struct Optimizer: Sendable {
  private var adam: Adam?
  private var rmsprop: RMSProp?

  init(_ configuration: DQN.Configuration, count: Int) {
    switch configuration.optimizer {
    case .adam: adam = Adam(count: count, learningRate: configuration.learningRate)
    case .rmsprop: rmsprop = RMSProp(count: count, learningRate: configuration.learningRate)
    }
  }

  /// One step down the gradient, which is first multiplied by `scale`.
  mutating func step(
    _ parameters: inout [Float], gradient: [Float], scale: Float, pool: WorkerPool
  ) {
    adam?.step(&parameters, gradient: gradient, scale: scale, pool: pool)
    rmsprop?.step(&parameters, gradient: gradient, scale: scale, pool: pool)
  }

  func saveState() -> SavedState { adam?.saveState() ?? rmsprop?.saveState() ?? SavedState() }

  mutating func restore(_ state: SavedState) throws(StateError) {
    try adam?.restore(state)
    try rmsprop?.restore(state)
  }
}
