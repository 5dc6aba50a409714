internal import CKernels
public import RLCore
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
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, choices: [Int32], controls: [Float],
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
              pass.run(blocks.count, on: pool)
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
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, words: [UInt32], wordWidth: Int,
  weights: [Float], choices: inout [Int32], controls: inout [Float], pool: WorkerPool,
  kernels: KernelSet = .current
) {
  checkActions(shape, input, rows, choices.count, controls.count)
  checkWords(shape, rows, words.count, wordWidth, weights.count)
  let blocks = HeadBlocks(rows: rows)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe words.withUnsafeBufferPointer { words in
        unsafe weights.withUnsafeBufferPointer { weights in
          unsafe choices.withUnsafeMutableBufferPointer { choices in
            unsafe controls.withUnsafeMutableBufferPointer { controls in
              let pass = unsafe DrawPass(
                blocks: blocks, kernels: kernels.code, head: head, input: input,
                draws: ck_draws(
                  words: words.baseAddress, ldw: wordWidth,
                  weights: weights.isEmpty ? nil : weights.baseAddress),
                choices: choices.baseAddress, controls: controls.baseAddress,
                logProbabilities: nil, entropies: nil)
              pass.run(blocks.count, on: pool)
            }
          }
        }
      }
    }
  }
}

/// Draws an action for each row, as `headDraw` with words from the rows' streams, and evaluates it,
/// as `headValues`: in one pass.
///
/// - Parameters:
///   - shape: the distribution; none of Beta, whose controls take more than a word.
///   - input: its outputs.
///   - rows: B, how many.
///   - streams: `[B or more]`, one a row.
///   - words: `[B or more, wordWidth]`, overwritten.
///   - wordWidth: as of `headDraw`.
///   - weights: as of `headDraw`.
///   - choices: `[B or more, D]`.
///   - controls: `[B or more, C]`.
///   - logProbabilities: `[B or more]`.
///   - entropies: `[B or more]`.
///   - pool: the threads; the bits do not depend on their number.
///   - kernels: the implementation.
public func headSample(
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, streams: inout [RandomStream],
  words: inout [UInt32], wordWidth: Int, weights: [Float], choices: inout [Int32],
  controls: inout [Float], logProbabilities: inout [Float], entropies: inout [Float],
  pool: WorkerPool, kernels: KernelSet = .current
) {
  checkActions(shape, input, rows, choices.count, controls.count)
  checkWords(shape, rows, words.count, wordWidth, weights.count)
  precondition(shape.controls != .beta || shape.controlCount == 0, "Beta is drawn by itself")
  precondition(streams.count >= rows, "\(streams.count) streams for \(rows) rows")
  precondition(logProbabilities.count >= rows && entropies.count >= rows, "results are not [rows]")
  let blocks = HeadBlocks(rows: rows)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe withMutableAddresses(&choices, &controls, &words, &streams) {
        choices, controls, words, streams in
        unsafe withMutableAddresses(&logProbabilities, &entropies) { logProbabilities, entropies in
          unsafe weights.withUnsafeBufferPointer { weights in
            let draw = unsafe DrawPass(
              blocks: blocks, kernels: kernels.code, head: head, input: input,
              draws: ck_draws(
                words: UnsafePointer(words), ldw: wordWidth,
                weights: weights.isEmpty ? nil : weights.baseAddress),
              choices: choices, controls: controls, logProbabilities: logProbabilities,
              entropies: entropies)
            let pass = unsafe SamplePass(
              words: WordsPass(
                blocks: blocks, width: wordWidth, words: UnsafeMutableRawPointer(words),
                streams: streams), draw: draw)
            pass.run(blocks.count, on: pool)
          }
        }
      }
    }
  }
}

private func checkWords(
  _ shape: HeadShape, _ rows: Int, _ words: Int, _ wordWidth: Int, _ weights: Int
) {
  let needsWords = shape.controls != .beta && weights == 0
  precondition(
    wordWidth >= shape.choices.count + (needsWords ? shape.controlCount : 0)
      && words >= rows * wordWidth, "words is not [rows, wordWidth]")
  precondition(
    weights == 0
      || (shape.controls == .gsde && weights >= rows * shape.controlCount * shape.latentStride),
    "weights is not [rows, C, latentStride]")
}

/// Draws the words of a block, then its actions, and evaluates them.
@safe private struct SamplePass: PoolJob {
  let words: WordsPass
  let draw: DrawPass

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: SamplePass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    words.run(index)
    draw.run(index)
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
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, choices: inout [Int32],
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
  _ shape: HeadShape, _ input: borrowing HeadRows, _ rows: Int, _ choices: Int, _ controls: Int
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
  let draws: ck_draws
  let choices: UnsafeMutablePointer<Int32>?
  let controls: UnsafeMutablePointer<Float>?
  /// `nil` where actions are not evaluated.
  let logProbabilities: UnsafeMutablePointer<Float>?
  let entropies: UnsafeMutablePointer<Float>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: DrawPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let rows = blocks[index]
    var (head, input, draws) = unsafe (head, input, draws)
    unsafe ck_head_draw(
      kernels, &head, &input, rows.lowerBound, rows.count, &draws, choices, controls,
      logProbabilities, entropies)
  }
}
