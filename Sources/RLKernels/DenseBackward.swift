internal import CKernels
public import RLParallel

/// Computes the gradients of a stack after `denseForward` on the same rows.
///
/// Gradients of the activations are split over the threads by rows, gradients of the parameters by
/// tiles of the parameter matrices: each element of those is one sum over the whole batch in order
/// of its rows. So the bits are the same for every number of threads, without a gradient buffer
/// for each.
///
/// - Parameters:
///   - stack: the layers.
///   - parameters: as given to `denseForward`.
///   - input: as given to `denseForward`.
///   - output: as `denseForward` wrote it.
///   - rows: as given to `denseForward`.
///   - scratch: as `denseForward` left it.
///   - outputGradient: `[rows or more, stack.outputStride]`, the slope of the loss at the output;
///     on return at the last layer's sum, and 0 in padding columns.
///   - gradient: overwritten at `stack.parameterRange`; empty when not wanted.
///   - inputGradient: `[rows or more, stack.inputStride]`, overwritten; empty when not wanted.
///   - pool: the threads.
///   - kernels: the implementation.
public func denseBackward(
  _ stack: DenseStack, parameters: [Float], input: [Float], output: [Float], rows: Int,
  scratch: inout DenseScratch, outputGradient: inout [Float], gradient: inout [Float],
  inputGradient: inout [Float], pool: WorkerPool, kernels: KernelSet = .current
) {
  let wantsInput = !inputGradient.isEmpty
  precondition(
    parameters.count >= stack.parameterRange.upperBound, "parameters do not fit the stack")
  precondition(
    gradient.isEmpty || gradient.count >= stack.parameterRange.upperBound,
    "gradient does not fit the stack")
  precondition(rows >= 0 && rows <= scratch.rows, "\(rows) rows, room for \(scratch.rows)")
  precondition(input.count >= rows * stack.inputStride, "input is not [rows, inputStride]")
  precondition(output.count >= rows * stack.outputStride, "output is not [rows, outputStride]")
  precondition(
    outputGradient.count >= rows * stack.outputStride,
    "outputGradient is not [rows, outputStride]")
  precondition(
    !wantsInput || inputGradient.count >= rows * stack.inputStride,
    "inputGradient is not [rows, inputStride]")
  precondition(scratch.hidden.count * laneCount == scratch.rows * stack.hiddenStride)
  scratch.prepareBackward(stack)
  let capacity = scratch.rows
  unsafe parameters.withUnsafeBufferPointer { parameters in
    unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeBufferPointer { output in
        unsafe scratch.withPointers { hidden, hiddenGradient, transposed in
          unsafe outputGradient.withUnsafeMutableBufferPointer { outputGradient in
            unsafe gradient.withUnsafeMutableBufferPointer { gradient in
              unsafe inputGradient.withUnsafeMutableBufferPointer { inputGradient in
                var pass = unsafe BackwardPass(
                  stack: stack, blocks: RowBlocks(rows: rows, threads: pool.threads),
                  kernels: kernels.code, rows: rows, capacity: capacity,
                  parameters: parameters.baseAddress!, input: input.baseAddress!,
                  output: output.baseAddress!, hidden: hidden, hiddenGradient: hiddenGradient,
                  transposed: transposed, outputGradient: outputGradient.baseAddress!,
                  gradient: gradient.isEmpty ? nil : gradient.baseAddress,
                  inputGradient: wantsInput ? inputGradient.baseAddress : nil)
                pass.run(pool)
              }
            }
          }
        }
      }
    }
  }
}

extension DenseScratch {
  fileprivate mutating func withPointers(
    _ body: (
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    unsafe hidden.withUnsafeMutableBytes { hidden in
      unsafe hiddenGradient.withUnsafeMutableBytes { hiddenGradient in
        unsafe transposed.withUnsafeMutableBytes { transposed in
          unsafe body(UnsafePointer(hidden.floats), hiddenGradient.floats, transposed.floats)
        }
      }
    }
  }
}

/// The addresses of a backward pass. Blocks of rows, and tiles, touch disjoint places.
@safe private struct BackwardPass: PoolJob {
  let stack: DenseStack
  let blocks: RowBlocks
  let kernels: ck_set
  let rows: Int
  let capacity: Int
  let parameters: UnsafePointer<Float>
  let input: UnsafePointer<Float>
  let output: UnsafePointer<Float>
  let hidden: UnsafePointer<Float>
  let hiddenGradient: UnsafeMutablePointer<Float>
  let transposed: UnsafeMutablePointer<Float>
  let outputGradient: UnsafeMutablePointer<Float>
  let gradient: UnsafeMutablePointer<Float>?
  let inputGradient: UnsafeMutablePointer<Float>?

  var stage = Stage.transposition

  /// Each needs all of the one before.
  enum Stage {
    case transposition
    case activations
    case weights
  }

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: BackwardPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    switch stage {
    case .transposition: transpose(pieces[pieces.startIndex + index])
    case .activations: activationGradients(blocks[index])
    case .weights: weightGradient(stack.tiles[index])
    }
  }

  mutating func run(_ pool: WorkerPool) {
    pool.run(pieces.count, self)
    stage = .activations
    pool.run(blocks.count, self)
    guard unsafe gradient != nil else { return }
    stage = .weights
    pool.run(stack.tiles.count, self)
  }

  /// The first layer's weights are transposed only for the slope at the input.
  private var pieces: ArraySlice<TransposePiece> {
    stack.transposePieces(from: unsafe inputGradient == nil ? 1 : 0)
  }

  private func transpose(_ piece: TransposePiece) {
    let layer = stack.layers[piece.layer]
    let from = layer.weightOffset + piece.inputs.lowerBound * layer.outputStride
    unsafe ck_transpose(
      kernels, piece.inputs.count, layer.outputs, parameters + from, layer.outputStride,
      transposed + layer.transposedOffset + piece.inputs.lowerBound, layer.inputStride)
  }

  /// From the output's slope down to the first layer's sums, for some rows.
  private func activationGradients(_ rows: Range<Int>) {
    let last = stack.layers[stack.layers.count - 1]
    let start = rows.lowerBound
    unsafe ck_output_gradient(
      kernels, last.activation.code, rows.count, last.outputs,
      output + start * last.outputStride, outputGradient + start * last.outputStride,
      last.outputStride)
    for index in stride(from: stack.layers.count - 1, to: 0, by: -1) {
      let (layer, below) = (stack.layers[index], stack.layers[index - 1])
      let offset = capacity * below.hiddenOffset + start * below.outputStride
      unsafe inputGradient(
        layer, below.activation, rows, x: hidden + offset, into: hiddenGradient + offset)
    }
    if let inputGradient = unsafe inputGradient {
      let at = start * stack.inputStride
      unsafe self.inputGradient(
        stack.layers[0], .identity, rows, x: input + at, into: inputGradient + at)
    }
  }

  /// The slope at a layer's input, times that of the activation below it.
  private func inputGradient(
    _ layer: DenseLayer, _ activation: DenseActivation, _ rows: Range<Int>,
    x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
  ) {
    unsafe ck_input_gradient(
      kernels, activation.code, rows.count, layer.inputStride, layer.outputs,
      slope(layer) + rows.lowerBound * layer.outputStride, layer.outputStride,
      transposed + layer.transposedOffset, x, layer.inputStride, dx, layer.inputStride)
  }

  /// The slope at a layer's sums, `[rows, outputStride]`.
  private func slope(_ layer: DenseLayer) -> UnsafePointer<Float> {
    let isLast = layer.biasOffset + layer.outputStride == stack.parameterRange.upperBound
    return unsafe UnsafePointer(
      isLast ? outputGradient : hiddenGradient + capacity * layer.hiddenOffset)
  }

  private func weightGradient(_ tile: GradientTile) {
    guard let gradient = unsafe gradient else { return }
    let layer = stack.layers[tile.layer]
    let x =
      unsafe tile.layer == 0
      ? input : hidden + capacity * stack.layers[tile.layer - 1].hiddenOffset
    let column = tile.outputs.lowerBound
    let bias = unsafe gradient + layer.biasOffset + column
    unsafe ck_weight_gradient(
      kernels, false, tile.inputs.count, tile.outputs.count, rows, x + tile.inputs.lowerBound,
      layer.inputStride, slope(layer) + column, layer.outputStride,
      gradient + layer.weightOffset + tile.inputs.lowerBound * layer.outputStride + column,
      layer.outputStride, tile.inputs.lowerBound == 0 ? bias : nil)
  }
}
