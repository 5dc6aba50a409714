public import RLCore
import RLKernels
public import RLParallel

/// Adam (Kingma & Ba 2015) with the bias corrections of its algorithm 1, as PyTorch computes it.
/// A value: a copy has its own moments.
public struct Adam: Sendable, Equatable {
  public var learningRate: Float
  public let beta1: Float
  public let beta2: Float
  public let epsilon: Float
  private var firstMoment: [Float]  // [P]
  private var secondMoment: [Float]  // [P]
  private var beta1Power: Double = 1  // beta1 to the number of steps
  private var beta2Power: Double = 1

  /// An optimiser of `count` parameters that has made no step.
  public init(
    count: Int, learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.999,
    epsilon: Float = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    firstMoment = Array(repeating: 0, count: count)
    secondMoment = firstMoment
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
    beta1Power *= Double(beta1)
    beta2Power *= Double(beta2)
    let step = AdamStep(
      scale: scale, beta1: Double(beta1), beta2: Double(beta2),
      stepSize: Float(Double(learningRate) / (1 - beta1Power)),
      secondScale: Float(1 / (1 - beta2Power).squareRoot()), epsilon: epsilon)
    adamStep(
      step, parameters: &parameters, gradient: gradient, firstMoment: &firstMoment,
      secondMoment: &secondMoment, boundary: boundary, pool: pool)
  }

  /// Moments and counters, to be saved.
  public func saveState() -> SavedState {
    SavedState(entries: [
      "firstMoment": .floats(firstMoment), "secondMoment": .floats(secondMoment),
      "betaPowers": .words([beta1Power.bitPattern, beta2Power.bitPattern]),
    ])
  }

  /// Continues from saved moments and counters.
  ///
  /// - Throws: `StateError` when they are of another optimiser; nothing is changed then.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    let first = try state.floats("firstMoment", count: firstMoment.count)
    let second = try state.floats("secondMoment", count: secondMoment.count)
    let powers = try state.words("betaPowers", count: 2)
    copy(first, to: &firstMoment)
    copy(second, to: &secondMoment)
    beta1Power = Double(bitPattern: powers[0])
    beta2Power = Double(bitPattern: powers[1])
  }
}
