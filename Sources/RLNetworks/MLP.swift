public import RLCore
public import RLKernels
public import RLParallel

/// What a layer applies to its sums.
public enum Activation: String, Sendable {
  case relu
  case tanh
  case identity

  var dense: DenseActivation {
    switch self {
    case .relu: .relu
    case .tanh: .tanh
    case .identity: .identity
    }
  }
}

/// A multilayer perceptron.
///
/// All weights and biases lie in one flat array. So a target network is a copy, an optimiser is one
/// pass over it, and a checkpoint is that array. A copy shares storage until one side writes.
public struct MLP: Sendable, Equatable {
  /// Layers and the places of their weights in `parameters`.
  public let stack: DenseStack

  /// `[P]`: for each layer its weights, `[inputs, outputs]`, then its biases, `[outputs]`, with the
  /// outputs padded to a multiple of 16. The padding is 0 and stays 0.
  public var parameters: [Float]

  /// A network with fresh weights.
  ///
  /// - Parameters:
  ///   - inputs: numbers in an encoded observation.
  ///   - hidden: outputs of each hidden layer; empty is a linear map.
  ///   - outputs: numbers in a result.
  ///   - activation: of the hidden layers.
  ///   - outputActivation: of the last layer.
  ///   - initialisation: how the weights are drawn.
  ///   - random: where they are drawn from.
  public init(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation,
    outputActivation: Activation = .identity, initialisation: Initialisation,
    random: inout RandomStream
  ) {
    stack = DenseStack(
      sizes: [inputs] + hidden + [outputs], hidden: activation.dense,
      output: outputActivation.dense)
    parameters = Array(repeating: 0, count: stack.parameterCount)
    for (index, layer) in stack.layers.enumerated() {
      let isOutput = index + 1 == stack.layers.count
      initialisation.draw(layer, isOutput: isOutput, into: &parameters, random: &random)
    }
  }

  /// A network whose weights are all 0.
  init(zeros stack: DenseStack) {
    self.stack = stack
    parameters = Array(repeating: 0, count: stack.parameterCount)
  }

  public var inputs: Int { stack.layers[0].inputs }
  public var outputs: Int { stack.layers[stack.layers.count - 1].outputs }
  public var layers: [DenseLayer] { stack.layers }

  /// Multiply-adds of one row's forward pass, without padding.
  public var multiplyAdds: Int { stack.layers.reduce(0) { $0 + $1.inputs * $1.outputs } }

  /// Room for passes over up to `rows` rows.
  ///
  /// - Parameters:
  ///   - rows: the most rows of a pass.
  ///   - inputGradient: whether `backward` also writes the slope at the input.
  /// - Returns: a tape of zeros.
  public func makeTape(rows: Int, inputGradient: Bool = false) -> Tape {
    Tape(stack, rows: rows, inputGradient: inputGradient)
  }

  /// Evaluates the first `rows` rows of `tape.input` into `tape.output`.
  ///
  /// A row's result does not depend on the batch, its place in it or the threads.
  public func forward(_ tape: inout Tape, rows: Int, pool: WorkerPool) {
    denseForward(
      stack, parameters: parameters, input: tape.input, rows: rows, scratch: &tape.scratch,
      output: &tape.output, pool: pool)
  }

  /// Writes the gradient of a loss whose slope at the output of the last `forward` is
  /// `tape.outputGradient`, summed over `rows` rows.
  ///
  /// `tape.outputGradient` is used up. `tape.inputGradient` is written if the tape has one.
  ///
  /// - Parameters:
  ///   - tape: as `forward` left it, with `outputGradient` filled in.
  ///   - rows: as given to `forward`.
  ///   - gradient: `[P]`, overwritten.
  ///   - pool: the threads; the bits do not depend on their number.
  public func backward(
    _ tape: inout Tape, rows: Int, gradient: inout [Float], pool: WorkerPool
  ) {
    denseBackward(
      stack, parameters: parameters, input: tape.input, output: tape.output, rows: rows,
      scratch: &tape.scratch, outputGradient: &tape.outputGradient, gradient: &gradient,
      inputGradient: &tape.inputGradient, pool: pool)
  }

  /// Takes over another network's parameters, into this one's own storage.
  public mutating func copyParameters(from other: MLP) {
    precondition(stack == other.stack, "the networks have different layers")
    copy(other.parameters, to: &parameters)
  }

  /// Moves the parameters a fraction `tau` of the way to another network's.
  public mutating func blend(toward other: MLP, tau: Float) {
    precondition(stack == other.stack, "the networks have different layers")
    RLKernels.blend(&parameters, toward: other.parameters, tau: tau)
  }

  /// The parameters, to be saved.
  public func saveState() -> SavedState {
    SavedState(entries: ["parameters": .floats(parameters)])
  }

  /// Takes over saved parameters.
  ///
  /// - Throws: `StateError` when they are of another network.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    copy(try state.floats("parameters", count: stack.parameterCount), to: &parameters)
  }
}

/// The rows of a network's passes: its inputs, its outputs and what `backward` needs.
public struct Tape: Sendable {
  /// Room, in rows.
  public let rows: Int
  /// `[rows, inputStride]`; columns from the network's inputs on are not read.
  public var input: [Float]
  public let inputStride: Int
  /// `[rows, outputStride]`.
  public var output: [Float]
  public let outputStride: Int
  /// `[rows, outputStride]`, the slope of the loss at the output; columns from the network's
  /// outputs on are ignored.
  public var outputGradient: [Float]
  /// `[rows, inputStride]`, the slope at the input; empty unless the tape was made for it.
  public internal(set) var inputGradient: [Float]

  let stack: DenseStack
  var scratch: DenseScratch

  init(_ stack: DenseStack, rows: Int, inputGradient: Bool) {
    precondition(rows >= 0, "room for \(rows) rows")
    self.stack = stack
    self.rows = rows
    inputStride = stack.inputStride
    outputStride = stack.outputStride
    input = Array(repeating: 0, count: rows * inputStride)
    output = Array(repeating: 0, count: rows * outputStride)
    outputGradient = output
    self.inputGradient = inputGradient ? input : []
    scratch = DenseScratch(stack, rows: rows)
  }
}
