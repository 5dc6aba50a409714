internal import CKernels
public import RLParallel

/// Log-probabilities of actions, and the entropies of their distributions.
///
/// - Parameters:
///   - shape: the distribution.
///   - input: its outputs.
///   - rows: B, how many.
///   - choices: `[B or more, D]`, indices from 0.
///   - controls: `[B or more, C]`, as drawn.
///   - logProbabilities: `[B or more]`; sums over the components.
///   - entropies: `[B or more]`; sums over the components.
///   - pool: the threads; the bits do not depend on their number.
///   - kernels: the implementation.
public func headValues(
  _ shape: HeadShape, _ input: HeadRows, rows: Int, choices: [Int32], controls: [Float],
  logProbabilities: inout [Float], entropies: inout [Float], pool: WorkerPool,
  kernels: KernelSet = .current
) {
  checkActions(shape, input, rows, choices.count, controls.count)
  precondition(logProbabilities.count >= rows && entropies.count >= rows, "results are not [rows]")
  let blocks = HeadBlocks(rows: rows)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe choices.withUnsafeBufferPointer { choices in
        unsafe controls.withUnsafeBufferPointer { controls in
          unsafe logProbabilities.withUnsafeMutableBufferPointer { logProbabilities in
            unsafe entropies.withUnsafeMutableBufferPointer { entropies in
              let pass = unsafe ValuesPass(
                blocks: blocks, kernels: kernels.code, head: head, input: input,
                choices: choices.baseAddress, controls: controls.baseAddress,
                logProbabilities: logProbabilities.baseAddress, entropies: entropies.baseAddress)
              pool.run(blocks.count, pass)
            }
          }
        }
      }
    }
  }
}

/// Draws an action for each row.
///
/// - Parameters:
///   - shape: the distribution. Beta's controls are left as they are.
///   - input: its outputs.
///   - rows: B, how many.
///   - words: `[B or more, wordWidth]`, random: one for each choice, then one for each control.
///   - wordWidth: at least D, or D + C for Gaussian controls without `weights`.
///   - weights: `[B or more, C, latentStride]`: gSDE's noise is latent times weights; empty draws
///     from the distribution of each row.
///   - choices: `[B or more, D]`.
///   - controls: `[B or more, C]`.
///   - pool: the threads; the bits do not depend on their number.
///   - kernels: the implementation.
public func headDraw(
  _ shape: HeadShape, _ input: HeadRows, rows: Int, words: [UInt32], wordWidth: Int,
  weights: [Float], choices: inout [Int32], controls: inout [Float], pool: WorkerPool,
  kernels: KernelSet = .current
) {
  checkActions(shape, input, rows, choices.count, controls.count)
  let needsWords = shape.controls != .beta && weights.isEmpty
  precondition(
    wordWidth >= shape.choices.count + (needsWords ? shape.controlCount : 0)
      && words.count >= rows * wordWidth, "words is not [rows, wordWidth]")
  precondition(
    weights.isEmpty
      || (shape.controls == .gsde
        && weights.count >= rows * shape.controlCount * shape.latentStride),
    "weights is not [rows, C, latentStride]")
  let blocks = HeadBlocks(rows: rows)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe words.withUnsafeBufferPointer { words in
        unsafe weights.withUnsafeBufferPointer { weights in
          unsafe choices.withUnsafeMutableBufferPointer { choices in
            unsafe controls.withUnsafeMutableBufferPointer { controls in
              let pass = unsafe DrawPass(
                blocks: blocks, kernels: kernels.code, head: head, input: input,
                words: words.baseAddress, wordWidth: wordWidth,
                weights: weights.isEmpty ? nil : weights.baseAddress,
                choices: choices.baseAddress, controls: controls.baseAddress)
              pool.run(blocks.count, pass)
            }
          }
        }
      }
    }
  }
}

/// The most probable action of each row; among equal choices the first. By the caller alone.
///
/// - Parameters:
///   - shape: the distribution.
///   - input: its outputs; only they and the masks are read.
///   - rows: B, how many.
///   - choices: `[B or more, D]`.
///   - controls: `[B or more, C]`.
///   - kernels: the implementation.
public func headMode(
  _ shape: HeadShape, _ input: HeadRows, rows: Int, choices: inout [Int32],
  controls: inout [Float], kernels: KernelSet = .current
) {
  input.checkOutputs(shape, rows: rows)
  checkSizes(shape, rows, choices.count, controls.count)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe choices.withUnsafeMutableBufferPointer { choices in
        unsafe controls.withUnsafeMutableBufferPointer { controls in
          var (head, input) = unsafe (head, input)
          unsafe ck_head_mode(
            kernels.code, &head, &input, 0, rows, choices.baseAddress, controls.baseAddress)
        }
      }
    }
  }
}

func checkActions(
  _ shape: HeadShape, _ input: HeadRows, _ rows: Int, _ choices: Int, _ controls: Int
) {
  input.check(shape, rows: rows)
  checkSizes(shape, rows, choices, controls)
}

private func checkSizes(_ shape: HeadShape, _ rows: Int, _ choices: Int, _ controls: Int) {
  precondition(choices >= rows * shape.choices.count, "choices is not [rows, D]")
  precondition(controls >= rows * shape.controlCount, "controls is not [rows, C]")
}

@safe private struct ValuesPass: PoolJob {
  let blocks: HeadBlocks
  let kernels: ck_set
  let head: ck_head
  let input: ck_head_input
  let choices: UnsafePointer<Int32>?
  let controls: UnsafePointer<Float>?
  let logProbabilities: UnsafeMutablePointer<Float>?
  let entropies: UnsafeMutablePointer<Float>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: ValuesPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let rows = blocks[index]
    var (head, input) = unsafe (head, input)
    unsafe ck_head_values(
      kernels, &head, &input, rows.lowerBound, rows.count, choices, controls, logProbabilities,
      entropies)
  }
}

@safe private struct DrawPass: PoolJob {
  let blocks: HeadBlocks
  let kernels: ck_set
  let head: ck_head
  let input: ck_head_input
  let words: UnsafePointer<UInt32>?
  let wordWidth: Int
  let weights: UnsafePointer<Float>?
  let choices: UnsafeMutablePointer<Int32>?
  let controls: UnsafeMutablePointer<Float>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: DrawPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let rows = blocks[index]
    var (head, input) = unsafe (head, input)
    unsafe ck_head_draw(
      kernels, &head, &input, rows.lowerBound, rows.count, words, wordWidth, weights, choices,
      controls)
  }
}
