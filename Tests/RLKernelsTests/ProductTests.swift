import RLKernels
import Testing

/// Products against plain loops, bit for bit, in every set of kernels that this CPU runs.
@Suite struct ProductTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)

  @Test(arguments: sets, [false, true])
  func equalsTheReferenceForSmallSizes(_ kernels: KernelSet, _ transposed: Bool) {
    for m in 0...20 {
      for n in [16, 32, 48, 64, 80] {
        for k in [0, 1, 2, 3, 7, 16, 17] {
          expectReference(m: m, n: n, k: k, transposed, kernels)
        }
      }
    }
  }

  @Test(
    arguments: sets,
    [
      (31, 144, 33), (47, 64, 64), (64, 256, 256), (65, 304, 17), (79, 400, 300), (100, 112, 600),
      (129, 96, 1025), (256, 64, 513),
    ])
  func equalsTheReferenceForLargeSizes(_ kernels: KernelSet, _ size: (Int, Int, Int)) {
    for transposed in [false, true] {
      expectReference(m: size.0, n: size.1, k: size.2, transposed, kernels)
    }
  }

  private func expectReference(
    m: Int, n: Int, k: Int, _ transposed: Bool, _ kernels: KernelSet
  ) {
    let lda = (transposed ? m : k) + 3
    var numbers = Numbers(seed: UInt64(m * 1000 + n * 10 + k))
    let a = numbers.draw((transposed ? k : m) * lda)
    let b = numbers.draw(k * n)
    let start = numbers.draw(m * n)
    for accumulate in [false, true] {
      var (c, expected) = (start, start)
      product(
        a, transposed: transposed, lda: lda, b, into: &c, accumulate: accumulate, m: m, n: n, k: k,
        kernels: kernels)
      productReference(
        a, transposed: transposed, lda: lda, b, into: &expected, accumulate: accumulate, m: m,
        n: n, k: k)
      #expect(sameBits(c, expected), "[\(m), \(n), \(k)] accumulate \(accumulate)")
    }
  }
}
