internal import CKernels

/// c = a · b, or c += a · b: each element is one chain of fused multiply-adds in the order
/// k = 0, 1, 2, ...
///
/// - Parameters:
///   - a: `[m, k]`, or `[k, m]` when `transposed`, with rows `lda` apart.
///   - transposed: whether a is stored transposed.
///   - lda: floats from one row of `a` to the next.
///   - b: `[k, n]`.
///   - c: `[m, n]`.
///   - accumulate: whether the chains continue from what `c` holds.
///   - m: rows of the result.
///   - n: columns of the result, a multiple of `laneCount`.
///   - k: terms of a sum.
///   - kernels: the implementation.
package func product(
  _ a: [Float], transposed: Bool, lda: Int, _ b: [Float], into c: inout [Float],
  accumulate: Bool, m: Int, n: Int, k: Int, kernels: KernelSet
) {
  precondition(m >= 0 && k >= 0 && n >= 0 && n.isMultiple(of: laneCount), "[\(m), \(n), \(k)]")
  precondition(lda >= (transposed ? m : k) && a.count >= (transposed ? k : m) * lda, "a")
  precondition(b.count >= k * n && c.count >= m * n, "b or c is too small")
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe c.withUnsafeMutableBufferPointer { c in
        unsafe ck_product(
          kernels.code, transposed, accumulate, m, n, k, a.baseAddress, lda, b.baseAddress, n,
          c.baseAddress, n)
      }
    }
  }
}

/// What `product` computes, as plainly as it can be written.
package func productReference(
  _ a: [Float], transposed: Bool, lda: Int, _ b: [Float], into c: inout [Float],
  accumulate: Bool, m: Int, n: Int, k: Int
) {
  for i in 0..<m {
    for j in 0..<n {
      var sum = accumulate ? c[i * n + j] : 0
      for p in 0..<k {
        sum.addProduct(transposed ? a[p * lda + i] : a[i * lda + p], b[p * n + j])
      }
      c[i * n + j] = sum
    }
  }
}

/// Runs `rounds` rounds of multiply-adds in registers alone, to measure the peak of a core.
///
/// - Returns: the floating-point operations made.
public func multiplyAddsInRegisters(rounds: Int, kernels: KernelSet = .current) -> Int {
  _ = ck_peak(kernels.code, rounds)
  return rounds * ck_peak_flops(kernels.code)
}
