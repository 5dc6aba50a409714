internal import CKernels
public import RLCore
public import RLParallel

/// Fills row `i` of `words` with the upper halves of `width` draws of stream `i`.
///
/// - Parameters:
///   - words: `[rows or more, width]`.
///   - width: words of a row.
///   - rows: how many.
///   - streams: one a row, each moved on by `width` draws.
///   - pool: the threads.
public func fillWords(
  _ words: inout [UInt32], width: Int, rows: Int, streams: inout [RandomStream], pool: WorkerPool
) {
  precondition(words.count >= rows * width, "words is not [rows, width]")
  precondition(streams.count >= rows, "\(streams.count) streams for \(rows) rows")
  unsafe words.withUnsafeMutableBytes { words in
    unsafe drawWords(words, width: width, rows: rows, streams: &streams, pool: pool)
  }
}

/// Fills row `i` of `values` with `width` draws of stream `i` from the standard normal
/// distribution: its quantile at (w + 1/2) / 2^32, w the upper half of a draw (Wichura 1988), to 5
/// units in the last place.
///
/// - Parameters:
///   - values: `[rows or more, width]`.
///   - width: draws of a row.
///   - rows: how many.
///   - streams: one a row, each moved on by `width` draws.
///   - pool: the threads; the bits do not depend on their number.
///   - kernels: the implementation.
public func fillNormals(
  _ values: inout [Float], width: Int, rows: Int, streams: inout [RandomStream],
  pool: WorkerPool, kernels: KernelSet = .current
) {
  precondition(values.count >= rows * width, "values is not [rows, width]")
  precondition(streams.count >= rows, "\(streams.count) streams for \(rows) rows")
  unsafe values.withUnsafeMutableBytes { values in
    unsafe drawWords(values, width: width, rows: rows, streams: &streams, pool: pool)
    guard let start = values.baseAddress else { return }
    unsafe ck_normal(
      kernels.code, rows * width, start.assumingMemoryBound(to: UInt32.self),
      start.assumingMemoryBound(to: Float.self))
  }
}

private func drawWords(
  _ words: UnsafeMutableRawBufferPointer, width: Int, rows: Int, streams: inout [RandomStream],
  pool: WorkerPool
) {
  let blocks = HeadBlocks(rows: rows)
  unsafe streams.withUnsafeMutableBufferPointer { streams in
    guard let streams = streams.baseAddress, let words = words.baseAddress else { return }
    let pass = unsafe WordsPass(blocks: blocks, width: width, words: words, streams: streams)
    pool.run(blocks.count, pass)
  }
}

@safe struct WordsPass: PoolJob {
  let blocks: HeadBlocks
  let width: Int
  let words: UnsafeMutableRawPointer?
  let streams: UnsafeMutablePointer<RandomStream>?

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: WordsPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    guard let words = unsafe words, let streams = unsafe streams else { return }
    for row in blocks[index] {
      var stream = unsafe streams[row]
      for i in 0..<width {
        let word = UInt32(truncatingIfNeeded: stream.next() >> 32)
        unsafe words.storeBytes(of: word, toByteOffset: 4 * (row * width + i), as: UInt32.self)
      }
      unsafe streams[row] = stream
    }
  }
}
