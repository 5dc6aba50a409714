public import RLCore
import RLKernels
public import RLParallel

/// Action values Q(s, .) of an encoded observation, `[B, A]`.
///
/// Plain, it is an MLP with `hidden` between the observation and the values.
///
/// Dueling (Wang et al. 2016, section 3), all of `hidden` but its last width is a trunk; over it lie
/// two streams, each with a hidden layer of the last width: one ends in the state's value V, the
/// other in an advantage for each action, and Q = V + A - mean A (equation 9). So `[256, 256]` is a
/// trunk of 256 and two streams of 256; `[64]` has no trunk: both streams, each with its 64, read
/// the observation; with `[]` V and A are linear in the observation. Unlike the paper, the gradient
/// that enters the trunk is not scaled by 1 / sqrt 2.
///
/// The streams are computed side by side, as one layer of twice the width and one with V and A as
/// its outputs; the weights that would join the streams are 0, and their gradients are set to 0.
public struct QNetwork: Sendable, Equatable {
  public let hidden: [Int]
  public let actions: Int
  public let isDueling: Bool
  let blocks: [WeightBlock]
  private var mlp: MLP

  /// A network with fresh weights and biases, uniform in ±1/sqrt(inputs).
  ///
  /// - Parameters:
  ///   - inputs: numbers in an encoded observation.
  ///   - hidden: widths of the hidden layers.
  ///   - actions: A.
  ///   - isDueling: whether the values are made of V and A.
  ///   - activation: of the hidden layers.
  ///   - random: where the weights are drawn from.
  public init(
    inputs: Int, hidden: [Int], actions: Int, isDueling: Bool, activation: Activation,
    random: inout RandomStream
  ) {
    self.hidden = hidden
    self.actions = actions
    self.isDueling = isDueling
    blocks = WeightBlock.blocks(
      inputs: inputs, hidden: hidden, actions: actions, isDueling: isDueling)
    mlp = MLP(
      zeros: DenseStack(
        sizes: WeightBlock.sizes(
          inputs: inputs, hidden: hidden, actions: actions, isDueling: isDueling),
        hidden: activation.dense, output: .identity))
    for block in blocks { block.draw(in: mlp.layers, into: &mlp.parameters, random: &random) }
  }

  /// `[P]`, as in `MLP`.
  public var parameters: [Float] {
    get { mlp.parameters }
    _modify { yield &mlp.parameters }
  }

  public var inputs: Int { mlp.inputs }

  var layers: [DenseLayer] { mlp.layers }

  /// Room for passes over up to `rows` rows.
  public func makeTape(rows: Int) -> Tape { mlp.makeTape(rows: rows) }

  /// Evaluates the first `rows` rows of `tape.input` into the first A columns of `tape.output`.
  ///
  /// A row's result does not depend on the batch, its place in it or the threads.
  public func forward(_ tape: inout Tape, rows: Int, pool: WorkerPool) {
    mlp.forward(&tape, rows: rows, pool: pool)
    if isDueling { joinStreams(&tape, rows: rows) }
  }

  /// Writes the gradient of a loss whose slope at Q is in the first A columns of
  /// `tape.outputGradient`, which is used up.
  ///
  /// - Parameters:
  ///   - tape: as `forward` left it, with `outputGradient` filled in.
  ///   - rows: as given to `forward`.
  ///   - gradient: `[P]`, overwritten.
  ///   - pool: the threads; the bits do not depend on their number.
  public func backward(
    _ tape: inout Tape, rows: Int, gradient: inout [Float], pool: WorkerPool
  ) {
    if isDueling { splitSlopes(&tape, rows: rows) }
    mlp.backward(&tape, rows: rows, gradient: &gradient, pool: pool)
    if isDueling { separateStreams(&gradient) }
  }

  /// Q = V + (A - mean A), from V, A in columns 0 and 1... to columns 0...
  private func joinStreams(_ tape: inout Tape, rows: Int) {
    for row in 0..<rows {
      let start = row * tape.outputStride
      let value = tape.output[start]
      var sum: Float = 0
      for action in 1...actions { sum += tape.output[start + action] }
      let mean = sum / Float(actions)
      for action in 0..<actions {
        tape.output[start + action] = value + (tape.output[start + action + 1] - mean)
      }
    }
  }

  /// dV = sum of dQ and dA = dQ - mean of dQ, from columns 0... to columns 0 and 1...
  private func splitSlopes(_ tape: inout Tape, rows: Int) {
    for row in 0..<rows {
      let start = row * tape.outputStride
      var sum: Float = 0
      for action in 0..<actions { sum += tape.outputGradient[start + action] }
      let mean = sum / Float(actions)
      for action in (0..<actions).reversed() {
        tape.outputGradient[start + action + 1] = tape.outputGradient[start + action] - mean
      }
      tape.outputGradient[start] = sum
    }
  }

  /// Keeps at 0 what would join a stream's hidden layer to the other's output.
  private func separateStreams(_ gradient: inout [Float]) {
    guard let width = hidden.last else { return }
    let head = mlp.layers[mlp.layers.count - 1]
    for input in 0..<width {
      for action in 1...actions { gradient[head.weightIndex(input, action)] = 0 }
      gradient[head.weightIndex(width + input, 0)] = 0
    }
  }

  /// Takes over another network's parameters, into this one's own storage.
  public mutating func copyParameters(from other: QNetwork) { mlp.copyParameters(from: other.mlp) }

  /// Moves the parameters a fraction `tau` of the way to another network's.
  public mutating func blend(toward other: QNetwork, tau: Float) {
    mlp.blend(toward: other.mlp, tau: tau)
  }

  /// The parameters, to be saved.
  public func saveState() -> SavedState { mlp.saveState() }

  /// Takes over saved parameters.
  ///
  /// - Throws: `StateError` when they are of another network; nothing is changed then.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    try mlp.restore(state)
  }
}
