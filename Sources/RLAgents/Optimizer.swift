import RLCore
import RLNetworks
import RLParallel

/// An optimizer that a configuration can name.
public enum OptimizerKind: String, Sendable, CaseIterable {
  case adam
  case rmsprop
  /// RMSProp as TensorFlow computes it.
  case rmspropTF
}

/// The optimizer that a configuration names; exactly one of the two is there.
///
/// Two optionals and not an enumeration: a payload of megabytes is then updated in place.
struct Optimizer: Sendable {
  private var adam: Adam?
  private var rmsprop: RMSProp?

  init(_ kind: OptimizerKind, count: Int, learningRate: Float, epsilon: Float) {
    switch kind {
    case .adam: adam = Adam(count: count, learningRate: learningRate, epsilon: epsilon)
    case .rmsprop: rmsprop = RMSProp(count: count, learningRate: learningRate, epsilon: epsilon)
    case .rmspropTF:
      rmsprop = RMSProp(
        count: count, learningRate: learningRate, epsilon: epsilon, form: .tensorFlow)
    }
  }

  /// Of the next step.
  var learningRate: Float {
    get { adam?.learningRate ?? rmsprop?.learningRate ?? 0 }
    set {
      adam?.learningRate = newValue
      rmsprop?.learningRate = newValue
    }
  }

  /// One step down the gradient, which is first multiplied by `scale`; two threads divide the
  /// parameters at `boundary`.
  mutating func step(
    _ parameters: inout [Float], gradient: [Float], scale: Float, boundary: Int? = nil,
    pool: WorkerPool
  ) {
    adam?.step(
      &parameters, gradient: gradient, scale: scale, boundary: boundary, pool: pool)
    rmsprop?.step(
      &parameters, gradient: gradient, scale: scale, boundary: boundary, pool: pool)
  }

  func saveState() -> SavedState { adam?.saveState() ?? rmsprop?.saveState() ?? SavedState() }

  mutating func restore(_ state: SavedState) throws(StateError) {
    try adam?.restore(state)
    try rmsprop?.restore(state)
  }
}
