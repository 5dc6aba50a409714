import RLCore
public import RLKernels
public import RLParallel

/// One action value Q(s, a), its target network, its optimiser and the rows they work in.
///
/// The network reads the encoded observation, then the action in -1 ... 1, as in Stable-Baselines3's
/// `ContinuousCritic`. Critics that learn from the same batch touch nothing of each other: each has
/// its own parameters, moments and rows, so that they can run side by side.
public struct Critic: SideTask {
  public internal(set) var online: MLP
  public internal(set) var target: MLP
  var optimizer: Adam
  var tape: Tape  // [B, ...] of s and a
  var nextTape: Tape  // [B, ...] of s' and a'
  var gradient: [Float]  // [P]
  var targets: [Float]  // [B]
  var weights: [Float]  // [B]
  var errors: [Float]  // [B] Q(s, a) - y
  var slopeRows: [Int32]  // [B] the rows whose slopes at the action are asked for, ascending
  var slopeCount = 0
  var step = CriticStep()
  var pass = Pass.targetValues
  private(set) var loss: Float = 0  // mean of the weighted squared errors
  private(set) var isFinite = true

  /// What the next `run` does.
  enum Pass: Sendable {
    case targetValues
    case learning
    case values
    case actionSlopes
  }

  init(
    inputs: Int, hidden: [Int], activation: Activation, learningRate: Float, batchSize: Int,
    random: inout RandomStream
  ) {
    online = MLP(
      inputs: inputs, hidden: hidden, outputs: 1, activation: activation,
      initialisation: .uniformFanIn, random: &random)
    target = online
    optimizer = Adam(count: online.parameters.count, learningRate: learningRate)
    tape = online.makeTape(rows: batchSize, inputGradient: true)
    nextTape = online.makeTape(rows: batchSize)
    gradient = Array(repeating: 0, count: online.parameters.count)
    targets = Array(repeating: 0, count: batchSize)
    weights = Array(repeating: 1, count: batchSize)
    errors = Array(repeating: 0, count: batchSize)
    slopeRows = Array(repeating: 0, count: batchSize)
  }

  public mutating func run(_ pool: WorkerPool) {
    switch pass {
    case .targetValues: target.forward(&nextTape, rows: nextTape.rows, pool: pool)
    case .learning: learn(pool)
    case .values: online.forward(&tape, rows: tape.rows, pool: pool)
    case .actionSlopes: findSlopes(pool)
    }
  }

  /// Asks for the slopes of the rows that belong to `owner`.
  mutating func askForSlopes(of owners: [UInt8], _ owner: UInt8) {
    slopeCount = 0
    for row in owners.indices where owners[row] == owner {
      slopeRows[slopeCount] = Int32(truncatingIfNeeded: row)
      slopeCount += 1
    }
  }

  /// Writes the slopes of Q at the inputs of `slopeRows`, one after the other, into
  /// `tape.inputGradient`; the rows of the last forward pass are used up.
  private mutating func findSlopes(_ pool: WorkerPool) {
    guard slopeCount > 0 else { return }
    tape.scratch.moveToFront(slopeRows, count: slopeCount, of: online.stack)
    for i in 0..<slopeCount { tape.outputGradient[i * tape.outputStride] = 1 }
    online.backwardToInput(&tape, rows: slopeCount, pool: pool)
  }

  /// One step of Adam on the mean of w (Q - y)^2 times `step.lossScale`, then the target's step.
  ///
  /// Nothing is changed when the loss or the gradient is not finite.
  private mutating func learn(_ pool: WorkerPool) {
    let rows = tape.rows
    online.forward(&tape, rows: rows, pool: pool)
    var total: Float = 0
    let factor = 2 * step.lossScale / Float(rows)
    for b in 0..<rows {
      let error = tape.output[b * tape.outputStride] - targets[b]
      errors[b] = error
      total += weights[b] * error * error
      tape.outputGradient[b * tape.outputStride] = factor * weights[b] * error
    }
    loss = step.lossScale * (total / Float(rows))
    online.backward(&tape, rows: rows, gradient: &gradient, pool: pool)
    isFinite = loss.isFinite && sumOfSquares(gradient, pool: pool).isFinite
    guard isFinite else { return }
    optimizer.learningRate = step.learningRate
    optimizer.step(&online.parameters, gradient: gradient, pool: pool)
    if step.tau > 0 { target.blend(toward: online, tau: step.tau) }
  }

  /// The parameters of both networks and the moments, to be saved.
  func saveState() -> SavedState {
    var state = SavedState()
    state.merge(online.saveState(), prefix: "online")
    state.merge(target.saveState(), prefix: "target")
    state.merge(optimizer.saveState(), prefix: "optimizer")
    return state
  }

  /// - Throws: `StateError` when the state is of another critic.
  mutating func restore(_ state: SavedState) throws(StateError) {
    try online.restore(state.part("online"))
    try target.restore(state.part("target"))
    try optimizer.restore(state.part("optimizer"))
  }
}

/// How critics learn from a batch.
public struct CriticStep: Sendable, Equatable {
  /// Factor of the mean squared error: 1 in TD3, 1/2 in SAC.
  public var lossScale: Float
  public var learningRate: Float
  /// Share of the online network in the step of the target network that follows; 0: none.
  public var tau: Float

  public init(lossScale: Float = 1, learningRate: Float = 0, tau: Float = 0) {
    self.lossScale = lossScale
    self.learningRate = learningRate
    self.tau = tau
  }
}

extension MLP {
  /// Widths of the hidden layers.
  public var hidden: [Int] { stack.layers.dropLast().map(\.outputs) }

  /// Writes `tape.inputGradient` alone, from the slope at the output of the last `forward` in
  /// `tape.outputGradient`, which is used up: the gradient of the parameters is not computed.
  ///
  /// - Precondition: the tape was made for it.
  public func backwardToInput(_ tape: inout Tape, rows: Int, pool: WorkerPool) {
    precondition(!tape.inputGradient.isEmpty, "the tape has no slope at the input")
    var none: [Float] = []
    denseBackward(
      stack, parameters: parameters, input: tape.input, output: tape.output, rows: rows,
      scratch: &tape.scratch, outputGradient: &tape.outputGradient, gradient: &none,
      inputGradient: &tape.inputGradient, pool: pool)
  }
}
