internal import CKernels
public import RLCore
public import RLParallel

/// What `policyAct` works in; allocated once.
///
/// Vectors as elements make the storage aligned to a vector.
public struct PolicyActingScratch: Sendable {
  let policy: ActingPolicy
  let rows: Int
  let threads: Int
  let vectors: Int  // that a thread works in
  var work: [SIMD16<Float>]
  var taken: [UInt32]  // [threads]
  var words: [UInt32]  // [rows, words of a row]

  /// Room for up to `rows` rows on `threads` threads.
  public init(_ shape: PolicyNetworkShape, rows: Int, threads: Int) {
    policy = ActingPolicy(shape)
    self.rows = rows
    self.threads = threads
    vectors = policy.vectors
    work = Array(repeating: .zero, count: threads * vectors)
    taken = Array(repeating: 0, count: threads)
    words = Array(repeating: 0, count: rows * policy.words(hasNoise: false))
  }
}

/// Acts on rows of observations: from bytes to actions drawn, with their log-probabilities and
/// entropies, in one pass.
///
/// Some rows go through everything while they are in the first cache. A row's bits depend on nothing
/// but the row: not on the batch, the threads or the implementation.
///
/// - Parameters:
///   - scratch: for at least so many rows and threads.
///   - rows: B, how many.
///   - observations: `[B or more, rowBytes]`.
///   - rowBytes: bytes of a row.
///   - masks: `[B or more, M]`, 0 = forbidden; empty when nothing is.
///   - parameters: at least those of the policy.
///   - logStd: `[C]`, of `gaussian`.
///   - stdSquares: `[C, latentStride]`, of `gsde`.
///   - noise: `[B or more, C, latentStride]`: gSDE's noise is latent times these; empty draws from the
///     distribution of each row.
///   - streams: `[B or more]`, one a row: a word for each choice, then for each control that is drawn
///     from its row's distribution. Beta's are not.
///   - choices: `[B or more, D]`.
///   - controls: `[B or more, C]`, as drawn; Beta's are left alone.
///   - logProbabilities: `[B or more]`.
///   - entropies: `[B or more]`.
///   - values: `[B or more]`, the column behind the head's, where there is one; else empty.
///   - outputs: `[B or more, outputStride]`, for a head with Beta's controls: then log-probabilities
///     and entropies are left alone; else empty.
///   - pool: the threads.
///   - kernels: the implementation.
public func policyAct(
  _ scratch: inout PolicyActingScratch, rows: Int, observations: [UInt8], rowBytes: Int,
  masks: [UInt8], parameters: [Float], logStd: [Float], stdSquares: [Float], noise: [Float],
  streams: inout [RandomStream], choices: inout [Int32], controls: inout [Float],
  logProbabilities: inout [Float], entropies: inout [Float], values: inout [Float],
  outputs: inout [Float], pool: WorkerPool, kernels: KernelSet = .current
) {
  let policy = scratch.policy
  precondition(rows <= scratch.rows && pool.threads <= scratch.threads, "no room for \(rows) rows")
  precondition(observations.count >= rows * rowBytes, "observations are not [rows, rowBytes]")
  precondition(streams.count >= rows, "\(streams.count) streams for \(rows) rows")
  precondition(logProbabilities.count >= rows && entropies.count >= rows, "results are not [rows]")
  policy.check(
    rows: rows, rowBytes: rowBytes, masks: masks.count, parameters: parameters.count,
    logStd: logStd.count, stdSquares: stdSquares.count, noise: noise.count)
  policy.check(
    rows: rows, choices: choices.count, controls: controls.count, values: values.count,
    outputs: outputs.count)
  let blocks = RowBlocks(rows: rows, threads: pool.threads)
  let (vectors, threads) = (scratch.vectors, scratch.threads)
  let (hasNoise, hasMasks) = (!noise.isEmpty, !masks.isEmpty)
  let width = policy.words(hasNoise: hasNoise)
  unsafe policy.withCode { policy in
    unsafe withAddresses(observations, masks, parameters, noise) {
      observations, masks, parameters, noise in
      unsafe withAddresses(logStd, stdSquares) { logStd, stdSquares in
        unsafe withMutableAddresses(&choices, &controls, &logProbabilities, &entropies) {
          choices, controls, logProbabilities, entropies in
          unsafe withMutableAddresses(&values, &outputs, &streams, &scratch.words) {
            values, outputs, streams, words in
            var code = unsafe policy
            unsafe (code.parameters, code.log_std) = unsafe (parameters, logStd)
            unsafe (code.std_squares, code.noise) = unsafe (stdSquares, hasNoise ? noise : nil)
            unsafe (code.observations, code.row_bytes) = unsafe (observations, rowBytes)
            unsafe (code.masks, code.words) = unsafe (hasMasks ? masks : nil, UnsafePointer(words))
            unsafe (code.choices, code.controls) = unsafe (choices, controls)
            unsafe code.log_probabilities = unsafe logProbabilities
            unsafe code.entropies = unsafe entropies
            unsafe (code.values, code.outputs) = unsafe (values, outputs)
            unsafe code.ldw = width
            unsafe withMutableAddresses(&scratch.work, &scratch.taken) { work, taken in
              guard let work = unsafe work, let taken = unsafe taken else { return }
              let pass = unsafe ActingPass(
                blocks: blocks, kernels: kernels.code, code: code, words: words, streams: streams,
                work: work, vectors: vectors, taken: taken, threads: threads)
              pool.run(blocks.count, pass)
            }
          }
        }
      }
    }
  }
}

/// Blocks of rows; they touch disjoint places.
@safe private struct ActingPass: PoolJob {
  let blocks: RowBlocks
  let kernels: ck_set
  let code: ck_acting
  let words: UnsafeMutablePointer<UInt32>?
  let streams: UnsafeMutablePointer<RandomStream>?
  let work: UnsafeMutablePointer<SIMD16<Float>>
  let vectors: Int
  let taken: UnsafeMutablePointer<UInt32>
  let threads: Int

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: ActingPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let rows = blocks[index]
    let place = unsafe ck_claim_place(taken, threads)
    defer { unsafe ck_release_place(taken, place) }
    drawWords(rows)
    var code = unsafe code
    let stray = unsafe ck_policy_act(
      kernels, &code, rows.lowerBound, rows.count, work + place * vectors)
    precondition(stray < 0, "row \(stray): a choice outside its field")
  }

  private func drawWords(_ rows: Range<Int>) {
    guard let words = unsafe words, let streams = unsafe streams else { return }
    let width = unsafe code.ldw
    for row in rows {
      var stream = unsafe streams[row]
      for i in 0..<width {
        unsafe words[row * width + i] = UInt32(truncatingIfNeeded: stream.next() >> 32)
      }
      unsafe streams[row] = stream
    }
  }
}
