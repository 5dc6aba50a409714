public import RLCore
import RLKernels
public import RLParallel

/// RMSProp (Tieleman & Hinton 2012, lecture 6.5), no momentum, not centred. A value: a copy has its
/// own squares.
public struct RMSProp: Sendable, Equatable {
  /// Two libraries' arrangements of the same method.
  public enum Form: String, Sendable, CaseIterable {
    /// p -= learningRate · g / (sqrt(v) + epsilon); the squares' mean v starts at 0.
    case pyTorch
    /// p -= learningRate · g / sqrt(v + epsilon); v starts at 1, so that the first steps are no
    /// longer than the others. It is SB3's `RMSpropTFLike`.
    case tensorFlow
  }

  public let form: Form
  public var learningRate: Float
  public let alpha: Float  // decay of the squares' mean
  public let epsilon: Float
  private var squares: [Float]  // [P]

  /// An optimiser of `count` parameters that has made no step.
  public init(
    count: Int, learningRate: Float, alpha: Float = 0.99, epsilon: Float = 1e-8,
    form: Form = .pyTorch
  ) {
    self.form = form
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    squares = Array(repeating: form == .tensorFlow ? 1 : 0, count: count)
  }

  /// Moves the parameters one step down the gradient.
  ///
  /// - Parameters:
  ///   - parameters: `[P]`.
  ///   - gradient: `[P]`.
  ///   - scale: factor of the gradient, such as `clippingFactor`.
  ///   - boundary: where two threads divide the parameters, if they keep a part each.
  ///   - pool: the threads; the bits do not depend on their number.
  public mutating func step(
    _ parameters: inout [Float], gradient: [Float], scale: Float = 1, boundary: Int? = nil,
    pool: WorkerPool
  ) {
    let step = RMSPropStep(
      scale: scale, alpha: Double(alpha), learningRate: learningRate, epsilon: epsilon,
      isEpsilonInside: form == .tensorFlow)
    rmspropStep(
      step, parameters: &parameters, gradient: gradient, squares: &squares, boundary: boundary,
      pool: pool)
  }

  /// The squares' mean, to be saved.
  public func saveState() -> SavedState { SavedState(entries: ["squares": .floats(squares)]) }

  /// Continues from saved squares.
  ///
  /// - Throws: `StateError` when they are of another optimiser.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    copy(try state.floats("squares", count: squares.count), to: &squares)
  }
}
