public import RLCore
import RLKernels
public import RLParallel

/// The weight of the entropy in SAC, alpha, fixed or learned so that the policy's entropy comes to
/// the target (Haarnoja et al. 2018b, section 5).
///
/// As in Stable-Baselines3, the logarithm of alpha is what Adam moves, and the loss is
/// -ln alpha · mean(ln p + target entropy), where the paper has alpha in place of its logarithm.
public struct Temperature: Sendable {
  public let isLearned: Bool
  public let targetEntropy: Float  // nats
  /// alpha.
  public private(set) var value: Float
  private var logarithm: [Float]  // [1]
  private var gradient: [Float] = [0]
  private var scratch: [Float] = [0]
  private var optimizer: Adam

  /// - Parameters:
  ///   - initial: alpha at first, positive if it is learned.
  ///   - isLearned: whether it moves.
  ///   - targetEntropy: in nats.
  ///   - learningRate: at first.
  public init(initial: Float, isLearned: Bool, targetEntropy: Float, learningRate: Float) {
    precondition(initial > 0 || !isLearned, "a temperature of \(initial) has no logarithm")
    self.isLearned = isLearned
    self.targetEntropy = targetEntropy
    logarithm = [isLearned ? initial : 1]
    apply(.log, to: &logarithm)
    value = initial
    optimizer = Adam(count: 1, learningRate: learningRate)
  }

  /// One step towards the target entropy, if alpha is learned.
  ///
  /// - Parameters:
  ///   - logProbabilities: `[rows or more]`, of actions that the policy drew.
  ///   - rows: how many count.
  ///   - learningRate: of this step.
  ///   - pool: the threads.
  /// - Returns: the loss before the step; 0 where alpha is fixed.
  public mutating func learn(
    logProbabilities: [Float], rows: Int, learningRate: Float, pool: WorkerPool
  ) -> Float {
    guard isLearned else { return 0 }
    var total: Float = 0
    for row in 0..<rows { total += logProbabilities[row] + targetEntropy }
    gradient[0] = -(total / Float(rows))
    let loss = logarithm[0] * gradient[0]
    optimizer.learningRate = learningRate
    optimizer.step(&logarithm, gradient: gradient, pool: pool)
    setValue()
    return loss
  }

  private mutating func setValue() {
    scratch[0] = logarithm[0]
    apply(.exp, to: &scratch)
    value = scratch[0]
  }

  /// The logarithm and the optimiser, to be saved.
  public func saveState() -> SavedState {
    var state = SavedState(entries: ["logarithm": .floats(logarithm)])
    state.merge(optimizer.saveState(), prefix: "optimizer")
    return state
  }

  /// Takes over a saved temperature; a fixed one stays as it is.
  ///
  /// - Throws: `StateError` when it is damaged.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    let saved = try state.floats("logarithm", count: 1)
    guard saved[0].isFinite else { throw StateError(reason: "the temperature is damaged") }
    try optimizer.restore(state.part("optimizer"))
    guard isLearned else { return }
    logarithm = saved
    setValue()
  }
}
