internal import CKernels
public import RLParallel

extension DenseActivation {
  var code: ck_activation {
    switch self {
    case .identity: CK_IDENTITY
    case .relu: CK_RELU
    case .tanh: CK_TANH
    }
  }
}

/// Evaluates a stack for the first `rows` rows of `input`.
///
/// A row's result depends on nothing but the row and the parameters: not on the batch, its place
/// in it, the threads or the kernels. Work is split by rows; a thread takes its rows through all
/// layers.
///
/// - Parameters:
///   - stack: the layers.
///   - parameters: those of the stack are at `stack.parameterRange`.
///   - input: `[rows or more, stack.inputStride]`; padding columns are not read.
///   - rows: at most `scratch.rows`.
///   - scratch: keeps the hidden activations for the backward pass.
///   - output: `[rows or more, stack.outputStride]`, overwritten in the first `rows` rows.
///   - pool: the threads.
///   - kernels: the implementation.
public func denseForward(
  _ stack: DenseStack, parameters: [Float], input: [Float], rows: Int,
  scratch: inout DenseScratch, output: inout [Float], pool: WorkerPool,
  kernels: KernelSet = .current
) {
  precondition(
    parameters.count >= stack.parameterRange.upperBound, "parameters do not fit the stack")
  precondition(rows >= 0 && rows <= scratch.rows, "\(rows) rows, room for \(scratch.rows)")
  precondition(input.count >= rows * stack.inputStride, "input is not [rows, inputStride]")
  precondition(output.count >= rows * stack.outputStride, "output is not [rows, outputStride]")
  precondition(scratch.hidden.count * laneCount == scratch.rows * stack.hiddenStride)
  let blocks = RowBlocks(rows: rows, threads: pool.threads)
  unsafe stack.layers.withUnsafeBufferPointer { layers in
    unsafe parameters.withUnsafeBufferPointer { parameters in
      unsafe input.withUnsafeBufferPointer { input in
        unsafe scratch.hidden.withUnsafeMutableBytes { hidden in
          unsafe output.withUnsafeMutableBufferPointer { output in
            let pass = unsafe ForwardPass(
              layers: layers, blocks: blocks, kernels: kernels.code,
              parameters: parameters.baseAddress!, input: input.baseAddress!,
              capacity: scratch.rows, hidden: hidden.floats, output: output.baseAddress!)
            pass.run(blocks.count, on: pool)
          }
        }
      }
    }
  }
}

/// Rows cut into consecutive blocks of nearly equal size: the unit of work.
struct RowBlocks {
  let rows: Int
  let size: Int

  /// At least as many blocks as threads where each still has a tile's rows; at most 64 rows, so
  /// that a block's activations stay in the second cache.
  init(rows: Int, threads: Int) {
    self.rows = rows
    let share = (rows + threads - 1) / threads
    size = max(laneCount, min(64, padded(share)))
  }

  var count: Int { (rows + size - 1) / size }

  subscript(block: Int) -> Range<Int> { block * size..<min((block + 1) * size, rows) }
}

extension UnsafeMutableRawBufferPointer {
  /// The first float; any address where there is none.
  var floats: UnsafeMutablePointer<Float> {
    unsafe (baseAddress ?? UnsafeMutableRawPointer(bitPattern: 64)!)
      .assumingMemoryBound(to: Float.self)
  }
}

/// The addresses of a forward pass. Blocks of rows touch disjoint places.
@safe private struct ForwardPass: PoolJob {
  let layers: UnsafeBufferPointer<DenseLayer>
  let blocks: RowBlocks
  let kernels: ck_set
  let parameters: UnsafePointer<Float>
  let input: UnsafePointer<Float>
  let capacity: Int
  let hidden: UnsafeMutablePointer<Float>
  let output: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: ForwardPass.self).pointee.run($1)
  }

  func run(_ block: Int) {
    let rows = blocks[block]
    var x = unsafe input + rows.lowerBound * layers[0].inputStride
    for index in unsafe layers.indices {
      let layer = unsafe layers[index]
      let isLast = unsafe index + 1 == layers.count
      let y = unsafe isLast ? output : hidden + capacity * layer.hiddenOffset
      let at = unsafe y + rows.lowerBound * layer.outputStride
      unsafe ck_dense(
        kernels, layer.activation.code, rows.count, layer.outputs, layer.inputs, x,
        layer.inputStride, parameters + layer.weightOffset, parameters + layer.biasOffset, at,
        layer.outputStride)
      unsafe x = UnsafePointer(at)
    }
  }
}
