import RLKernels
import RLParallel
import Testing

/// Optimisers and reductions against plain loops, bit for bit, at every length of the last vector.
@Suite struct PassTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)
  static let lengths = Array(0...70) + [4095, 4096, 4097, 9000]
  static let pools = [WorkerPool.single] + [2, 3].map { WorkerPool(oversubscribing: $0) }

  @Test(arguments: sets) func adamEqualsTheReference(_ kernels: KernelSet) {
    let step = AdamStep(
      scale: 0.3, beta1: 0.9, beta2: 0.999, stepSize: 0.01, secondScale: 1.7, epsilon: 1e-8)
    for count in Self.lengths {
      var numbers = Numbers(seed: UInt64(count))
      let gradient = numbers.draw(count)
      let start = (numbers.draw(count), numbers.draw(count), numbers.draw(count).map { abs($0) })
      var expected = start
      for i in 0..<count {
        adamReference(
          step, gradient: gradient[i], parameter: &expected.0[i], first: &expected.1[i],
          second: &expected.2[i])
      }
      for pool in Self.pools {
        var (p, m, v) = start
        adamStep(
          step, parameters: &p, gradient: gradient, firstMoment: &m, secondMoment: &v,
          boundary: count / 3, pool: pool, kernels: kernels)
        #expect(sameBits(p, expected.0) && sameBits(m, expected.1) && sameBits(v, expected.2))
      }
    }
  }

  /// A parameter without a gradient: its moments fade until they are 0.
  @Test(arguments: sets) func momentsNeverBecomeSubnormal(_ kernels: KernelSet) {
    let count = 37
    let gradient = [Float](repeating: 0, count: count)
    var numbers = Numbers(seed: 1)
    var p = numbers.draw(count)
    let start = p
    var (m, v) = (gradient, gradient)
    for i in m.indices {
      (m[i], v[i]) = (-0x1p-126 * Float(1 + i), 0x1p-126 * (1 + Float(i) / 37))
    }
    let step = AdamStep(
      scale: 1, beta1: 0.9, beta2: 0.5, stepSize: 0.01, secondScale: 1, epsilon: 1e-8)
    for _ in 0..<60 {
      adamStep(
        step, parameters: &p, gradient: gradient, firstMoment: &m, secondMoment: &v,
        pool: .single, kernels: kernels)
      #expect(!(m + v).contains { $0.isSubnormal })
    }
    #expect(m.allSatisfy { $0 == 0 } && v.allSatisfy { $0 == 0 })
    #expect(sameBits(p, start))
  }

  @Test(arguments: sets) func squaresNeverBecomeSubnormal(_ kernels: KernelSet) {
    var p: [Float] = [1, 1]
    var squares: [Float] = [0x1p-125, 0x1p-120]
    let step = RMSPropStep(scale: 1, alpha: 0.5, learningRate: 0.01, epsilon: 1e-5)
    for _ in 0..<8 {
      rmspropStep(
        step, parameters: &p, gradient: [0, 0], squares: &squares, pool: .single, kernels: kernels)
      #expect(!squares.contains { $0.isSubnormal })
    }
    #expect(squares == [0, 0])
  }

  @Test(arguments: sets, [false, true])
  func rmspropEqualsTheReference(_ kernels: KernelSet, _ isEpsilonInside: Bool) {
    let step = RMSPropStep(
      scale: 0.3, alpha: 0.99, learningRate: 0.01, epsilon: 1e-5,
      isEpsilonInside: isEpsilonInside)
    for count in Self.lengths {
      var numbers = Numbers(seed: UInt64(count))
      let gradient = numbers.draw(count)
      let start = (numbers.draw(count), numbers.draw(count).map { abs($0) })
      var expected = start
      for i in 0..<count {
        rmspropReference(
          step, gradient: gradient[i], parameter: &expected.0[i], square: &expected.1[i])
      }
      for pool in Self.pools {
        var (p, v) = start
        rmspropStep(
          step, parameters: &p, gradient: gradient, squares: &v, boundary: count / 3, pool: pool,
          kernels: kernels)
        #expect(sameBits(p, expected.0) && sameBits(v, expected.1), "\(count)")
      }
    }
  }

  @Test(arguments: sets) func theSumOfSquaresEqualsTheReference(_ kernels: KernelSet) {
    for count in Self.lengths + [100_000] {
      var numbers = Numbers(seed: UInt64(count))
      let values = numbers.draw(count)
      let expected = sumOfSquaresReference(values)
      for pool in Self.pools {
        let sum = sumOfSquares(values, pool: pool, kernels: kernels)
        #expect(sum.bitPattern == expected.bitPattern, "\(count)")
      }
      let exact = values.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(expected - exact) <= 1e-6 * exact)
    }
  }

  /// Parts that end within a range, at its end, and parts of several ranges.
  @Test(arguments: sets) func squaresOfPartsSumUpToThoseOfTheWhole(_ kernels: KernelSet) {
    var numbers = Numbers(seed: 5)
    let values = numbers.draw(20_003)
    for ends in [[20_003], [16, 20_003], [4096, 4112, 20_003], [5520, 11_040, 20_000, 20_003]] {
      var sum = SquareSum()
      for end in ends {
        sum.add(values, sum.count..<end, kernels: kernels)
        let expected = sumOfSquaresReference(Array(values[..<end]))
        #expect(sum.value(kernels: kernels).bitPattern == expected.bitPattern, "\(end)")
      }
    }
  }

  @Test(arguments: sets) func blendingEqualsTheReference(_ kernels: KernelSet) {
    for count in Self.lengths {
      var numbers = Numbers(seed: UInt64(count))
      let (start, source) = (numbers.draw(count), numbers.draw(count))
      for tau: Float in [0, 0.005, 0.7] {
        var values = start
        blend(&values, toward: source, tau: tau, kernels: kernels)
        let expected = zip(start, source).map { blendReference($0, toward: $1, tau: tau) }
        #expect(sameBits(values, expected), "\(count)")
      }
      var values = start
      blend(&values, toward: source, tau: 1, kernels: kernels)
      #expect(sameBits(values, source), "\(count)")
    }
  }
}
