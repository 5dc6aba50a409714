internal import CKernels
public import RLParallel

/// The slopes of a loss at a head, and where they go.
public struct HeadSlopes: Sendable {
  /// `[B or more]`, at a row's log-probability.
  public var logProbability: [Float]
  /// `[B or more]`, at its entropy.
  public var entropy: [Float]

  public init(logProbability: [Float], entropy: [Float]) {
    self.logProbability = logProbability
    self.entropy = entropy
  }
}

/// Computes a loss's slopes at the outputs, and at what the free parameters make.
///
/// - Parameters:
///   - shape: the distribution.
///   - input: its outputs.
///   - rows: B, how many.
///   - choices: `[B or more, D]`, indices from 0.
///   - controls: `[B or more, C]`, as drawn.
///   - slopes: of the loss.
///   - outputGradient: `[B or more, input.stride]`; columns below K are overwritten, the others
///     left alone.
///   - spreadGradient: `shape.spreadCount` numbers or more, overwritten. Of `gaussian`
///     `[blocks, C]`, for each block of 256 rows the sum of the slopes at the log-std; of `gsde`
///     `[B, C]`, the slopes at the variance; else not touched.
///   - pool: the threads; the bits do not depend on their number.
///   - kernels: the implementation.
public func headGradient(
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, choices: [Int32], controls: [Float],
  slopes: HeadSlopes, outputGradient: inout [Float], spreadGradient: inout [Float],
  pool: WorkerPool, kernels: KernelSet = .current
) {
  checkActions(shape, input, rows, choices.count, controls.count)
  precondition(
    slopes.logProbability.count >= rows && slopes.entropy.count >= rows, "slopes are not [rows]")
  precondition(outputGradient.count >= rows * input.stride, "outputGradient is not [rows, stride]")
  let blocks = HeadBlocks(rows: rows)
  precondition(
    spreadGradient.count >= shape.spreadCount(rows: rows), "spreadGradient is too short")
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe choices.withUnsafeBufferPointer { choices in
        unsafe controls.withUnsafeBufferPointer { controls in
          unsafe slopes.withPointers { logProbability, entropy in
            unsafe outputGradient.withUnsafeMutableBufferPointer { outputs in
              unsafe spreadGradient.withUnsafeMutableBufferPointer { spread in
                let pass = unsafe GradientPass(
                  blocks: blocks, kernels: kernels.code, head: head, input: input,
                  choices: choices.baseAddress, controls: controls.baseAddress,
                  logProbability: logProbability, entropy: entropy, outputs: outputs.baseAddress,
                  spread: spread.baseAddress)
                pool.run(blocks.count, pass)
              }
            }
          }
        }
      }
    }
  }
}

extension HeadShape {
  /// Floats that `headGradient` writes to its `spreadGradient` for `rows` rows.
  public func spreadCount(rows: Int) -> Int {
    switch controls {
    case .gaussian: HeadBlocks(rows: rows).count * controlCount
    case .gsde: rows * controlCount
    case .stateDependentGaussian, .beta: 0
    }
  }

  /// Adds up what `headGradient` wrote for `gaussian`, block by block.
  ///
  /// - Parameters:
  ///   - spreadGradient: as `headGradient` left it.
  ///   - rows: as given to it.
  ///   - logStdGradient: `[C]`, overwritten.
  public func sumBlocks(
    _ spreadGradient: [Float], rows: Int, into logStdGradient: inout [Float]
  ) {
    precondition(controls == .gaussian && logStdGradient.count == controlCount)
    for c in 0..<controlCount {
      var sum: Float = 0
      for block in 0..<HeadBlocks(rows: rows).count {
        sum += spreadGradient[block * controlCount + c]
      }
      logStdGradient[c] = sum
    }
  }

  /// The slope at gSDE's std²: at `[c, l]` the sum over rows of latent² · slope at the variance,
  /// each one chain in the order of the rows.
  ///
  /// - Parameters:
  ///   - latent: `[B, L]`.
  ///   - rows: B.
  ///   - varianceGradient: `[B or more, C]`, as `headGradient` wrote it.
  ///   - squaresGradient: `[C, latentStride]`, overwritten.
  ///   - pool: the threads; the bits do not depend on their number.
  ///   - kernels: the implementation.
  public func sumSquares(
    _ latent: HiddenRows, rows: Int, varianceGradient: [Float], into squaresGradient: inout [Float],
    pool: WorkerPool, kernels: KernelSet = .current
  ) {
    precondition(latent.stride == latentStride && latent.rows >= rows, "latent is not [rows, L]")
    precondition(varianceGradient.count >= rows * controlCount, "variances are not [rows, C]")
    precondition(squaresGradient.count == controlCount * latentStride, "squares are not [C, L]")
    unsafe latent.withPointer { latent in
      unsafe varianceGradient.withUnsafeBufferPointer { slopes in
        unsafe squaresGradient.withUnsafeMutableBufferPointer { sums in
          let pass = unsafe SquaresGradientPass(
            kernels: kernels.code, rows: rows, latent: latent, stride: latentStride,
            controls: controlCount, slopes: slopes.baseAddress, sums: sums.baseAddress)
          pool.run(latentStride / laneCount, pass)
        }
      }
    }
  }
}

extension HeadSlopes {
  fileprivate func withPointers(_ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void) {
    unsafe logProbability.withUnsafeBufferPointer { logProbability in
      unsafe entropy.withUnsafeBufferPointer { entropy in
        unsafe body(logProbability.baseAddress, entropy.baseAddress)
      }
    }
  }
}

@safe private struct GradientPass: PoolJob {
  let blocks: HeadBlocks
  let kernels: ck_set
  let head: ck_head
  let input: ck_head_input
  let choices: UnsafePointer<Int32>?
  let controls: UnsafePointer<Float>?
  let logProbability: UnsafePointer<Float>?
  let entropy: UnsafePointer<Float>?
  let outputs: UnsafeMutablePointer<Float>?
  let spread: UnsafeMutablePointer<Float>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: GradientPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let rows = blocks[index]
    var (head, input) = unsafe (head, input)
    var slopes = unsafe ck_head_slopes(
      log_probability: logProbability, entropy: entropy, outputs: outputs,
      log_std: sums(of: index), variance: spread)
    unsafe ck_head_gradient(
      kernels, &head, &input, rows.lowerBound, rows.count, choices, controls, &slopes)
  }

  /// A block's sums of the slope at the log-std, 0 at first.
  private func sums(of block: Int) -> UnsafeMutablePointer<Float>? {
    guard unsafe head.kind == CK_GAUSSIAN, let spread = unsafe spread else { return nil }
    let sums = unsafe spread + block * head.control_count
    for c in 0..<(unsafe head.control_count) { unsafe sums[c] = 0 }
    return unsafe sums
  }
}

@safe private struct SquaresGradientPass: PoolJob {
  let kernels: ck_set
  let rows: Int
  let latent: UnsafePointer<Float>
  let stride: Int
  let controls: Int
  let slopes: UnsafePointer<Float>?
  let sums: UnsafeMutablePointer<Float>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: SquaresGradientPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    unsafe ck_square_sums(
      kernels, false, rows, latent, stride, index * laneCount, controls, slopes, sums)
  }
}
