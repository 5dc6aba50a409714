public import RLCore
public import RLKernels
public import RLParallel

/// A policy network and a value network over the same observations, with parameters beside them
/// such as a log standard deviation.
///
/// All parameters lie in one flat array: so a step of the optimiser is one pass, and the gradient
/// has one norm. Either each network has a trunk of its own, or both are columns of one network:
/// the policy's outputs, then the value. A copy shares storage until one side writes.
public struct ActorCritic: Sendable, Equatable {
  public let architecture: Architecture
  /// The policy's layers; those of both networks when they share a trunk.
  let actor: DenseStack
  /// The value's layers; those of both networks when they share a trunk.
  let critic: DenseStack
  let blocks: [LinearBlock]

  /// `[P]`: the policy's weights and biases, the value's, then the free parameters; each part as in
  /// `MLP`, padded with zeros to a multiple of 16.
  public var parameters: [Float]

  /// A network with fresh weights.
  ///
  /// - Parameters:
  ///   - architecture: sizes.
  ///   - isOrthogonal: weights with orthonormal rows or columns (Saxe et al. 2014) times sqrt(2) in
  ///     hidden layers, 0.01 before the policy's outputs and 1 before the value, biases 0, as in
  ///     Stable-Baselines3 (Andrychowicz et al. 2021 say what it is good for); else the default of
  ///     PyTorch's `Linear`.
  ///   - free: `[E]`, the free parameters at first.
  ///   - random: where the weights are drawn from.
  public init(
    _ architecture: Architecture, isOrthogonal: Bool, free: [Float], random: inout RandomStream
  ) {
    self.init(zeros: architecture)
    for block in blocks {
      block.draw(isOrthogonal: isOrthogonal, into: &parameters, random: &random)
    }
    setFree(free)
  }

  /// A network whose parameters are all 0.
  public init(zeros architecture: Architecture) {
    self.architecture = architecture
    let stacks = architecture.stacks
    (actor, critic) = stacks
    blocks = architecture.blocks(stacks)
    let used = max(actor.parameterRange.upperBound, critic.parameterRange.upperBound)
    parameters = Array(repeating: 0, count: used + padded(architecture.freeCount))
  }

  /// The place of the free parameters in `parameters`.
  public var freeRange: Range<Int> {
    let start = parameters.count - padded(architecture.freeCount)
    return start..<start + architecture.freeCount
  }

  /// The free parameters, `[E]`.
  public var free: [Float] { Array(parameters[freeRange]) }

  /// Copies the free parameters to `[E]` numbers.
  public func copyFree(to values: inout [Float]) {
    let start = freeRange.lowerBound
    for i in 0..<architecture.freeCount { values[i] = parameters[start + i] }
  }

  /// Replaces the free parameters, `[E]`.
  public mutating func setFree(_ values: [Float]) {
    precondition(values.count == architecture.freeCount, "\(values.count) free parameters")
    let start = freeRange.lowerBound
    for i in values.indices { parameters[start + i] = values[i] }
  }

  /// Sets the biases of some of the policy's outputs.
  public mutating func setPolicyBiases(_ columns: Range<Int>, to value: Float) {
    let last = actor.layers[actor.layers.count - 1]
    for column in columns { parameters[last.biasOffset + column] = value }
  }

  /// What the last pass of the policy left in its last hidden layer, or its input if it has none.
  ///
  /// It shares the tape's storage: let it go before the next pass.
  public func lastHidden(_ tape: borrowing ActorCriticTape) -> HiddenRows {
    actor.layers.count > 1
      ? HiddenRows(tape.policy.scratch, actor)
      : HiddenRows(tape.input, width: architecture.inputs, stride: tape.inputStride)
  }

  /// Evaluates the policy at the first `rows` rows of `tape.input` into `tape.policy.output`.
  ///
  /// A row's result does not depend on the batch, its place in it or the threads.
  public func forwardPolicy(_ tape: inout ActorCriticTape, rows: Int, pool: WorkerPool) {
    denseForward(
      actor, parameters: parameters, input: tape.input, rows: rows, scratch: &tape.policy.scratch,
      output: &tape.policy.output, pool: pool)
  }

  /// Evaluates the value of the first `rows` rows of `tape.input` into `values`.
  ///
  /// With a shared trunk it evaluates the policy too. A row's result does not depend on the batch,
  /// its place in it or the threads.
  public func forwardValue(
    _ tape: inout ActorCriticTape, rows: Int, values: inout [Float], at start: Int = 0,
    pool: WorkerPool
  ) {
    if architecture.isShared {
      forwardPolicy(&tape, rows: rows, pool: pool)
      readValues(tape.policy, column: architecture.outputs, rows: rows, &values, at: start)
    } else {
      denseForward(
        critic, parameters: parameters, input: tape.input, rows: rows,
        scratch: &tape.value.scratch, output: &tape.value.output, pool: pool)
      readValues(tape.value, column: 0, rows: rows, &values, at: start)
    }
  }

  /// Evaluates both at the first `rows` rows of `tape.input`.
  public func forward(
    _ tape: inout ActorCriticTape, rows: Int, values: inout [Float], pool: WorkerPool
  ) {
    if !architecture.isShared { forwardPolicy(&tape, rows: rows, pool: pool) }
    forwardValue(&tape, rows: rows, values: &values, pool: pool)
  }

  private func readValues(
    _ side: borrowing ActorCriticTape.Side, column: Int, rows: Int, _ values: inout [Float],
    at start: Int
  ) {
    for row in 0..<rows { values[start + row] = side.output[row * side.outputStride + column] }
  }

  /// Writes the gradient of a loss whose slope at the policy's outputs is in
  /// `tape.policy.outputGradient`, which is used up, and at the values in `valueSlopes`; summed over
  /// `rows` rows. Free parameters are left to the caller: their part of `gradient` is not written.
  ///
  /// - Parameters:
  ///   - tape: as `forward` left it, with `policy.outputGradient` filled in.
  ///   - rows: as given to `forward`.
  ///   - valueSlopes: `[rows or more]`.
  ///   - gradient: `[P]`.
  ///   - pool: the threads; the bits do not depend on their number.
  public func backward(
    _ tape: inout ActorCriticTape, rows: Int, valueSlopes: [Float], gradient: inout [Float],
    pool: WorkerPool
  ) {
    if architecture.isShared {
      let (stride, column) = (tape.policy.outputStride, architecture.outputs)
      for row in 0..<rows {
        tape.policy.outputGradient[row * stride + column] = valueSlopes[row]
      }
    } else {
      let stride = tape.value.outputStride
      for row in 0..<rows { tape.value.outputGradient[row * stride] = valueSlopes[row] }
      backward(critic, &tape.value, tape.input, rows: rows, gradient: &gradient, pool: pool)
    }
    backward(actor, &tape.policy, tape.input, rows: rows, gradient: &gradient, pool: pool)
  }

  private func backward(
    _ stack: DenseStack, _ side: inout ActorCriticTape.Side, _ input: [Float], rows: Int,
    gradient: inout [Float], pool: WorkerPool
  ) {
    denseBackward(
      stack, parameters: parameters, input: input, output: side.output, rows: rows,
      scratch: &side.scratch, outputGradient: &side.outputGradient, gradient: &gradient,
      inputGradient: &side.inputGradient, pool: pool)
  }

  /// The parameters, to be saved.
  public func saveState() -> SavedState {
    SavedState(entries: ["parameters": .floats(parameters)])
  }

  /// Takes over saved parameters.
  ///
  /// - Throws: `StateError` when they are of another network; nothing is changed then.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    copy(try state.floats("parameters", count: parameters.count), to: &parameters)
  }
}
