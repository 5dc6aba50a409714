import Foundation
import RLCore
import RLKernels
import RLParallel
import Testing

/// Functions of distributions against double precision.
@Suite struct SpecialFunctionTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)

  /// From 1 to 10^6, denser near 1.
  static let numbers = (0...40_000).map { Float(pow(10, Double($0) / 40_000 * 6)) }

  @Test func logGammaIsWithinTwoUnitsOfItsLargestTerm() {
    expectAccuracy(.logGamma, units: 2) { x in (lgamma(x), x * max(1, log(x))) }
  }

  @Test func digammaIsWithinOneAndAHalfUnitsOfItsLargestTerm() {
    expectAccuracy(.digamma, units: 1.5) { x in (digamma(x), max(1, log(x))) }
  }

  @Test func trigammaIsWithinTwoUnitsOfTheLastPlace() {
    expectAccuracy(.trigamma, units: 2) { x in (trigamma(x), trigamma(x)) }
  }

  /// `exact` gives the value, and the number whose last place counts.
  private func expectAccuracy(
    _ function: GammaFunction, units: Double, _ exact: (Double) -> (Double, Double)
  ) {
    var values = Self.numbers
    apply(function, to: &values)
    var worst = (error: 0.0, at: Float(0))
    for (x, y) in zip(Self.numbers, values) {
      let (expected, size) = exact(Double(x))
      let error = abs(Double(y) - expected) / Double(Float(size).ulp)
      if !(error <= worst.error) { worst = (error, x) }
    }
    #expect(worst.error <= units, "\(function) at \(worst.at)")
  }

  @Test(arguments: sets, GammaFunction.allCases)
  func theBitsDependNeitherOnTheKernelsNorOnThePlace(
    _ kernels: KernelSet, _ function: GammaFunction
  ) {
    let inputs = Self.numbers.enumerated().filter { $0.offset % 601 == 0 }.map(\.element)
    var expected = inputs
    for index in inputs.indices {
      var alone = [inputs[index]]
      apply(function, to: &alone, kernels: .narrow)
      expected[index] = alone[0]
    }
    var values = inputs
    apply(function, to: &values, kernels: kernels)
    #expect(sameBits(values, expected))
  }

  @Test(arguments: sets) func normalDrawsEqualTheReference(_ kernels: KernelSet) {
    for width in [1, 3, 16, 33] {
      var (streams, others) = (self.streams(7), self.streams(7))
      var values = [Float](repeating: 0, count: 7 * width)
      fillNormals(
        &values, width: width, rows: 7, streams: &streams, pool: .single, kernels: kernels)
      let expected = others.indices.flatMap { row in
        (0..<width).map { _ in normalReference(UInt32(others[row].next() >> 32)) }
      }
      #expect(sameBits(values, expected))
      #expect(streams == others)
    }
  }

  @Test func drawsAreThoseOfTheRowsStreamsForEveryNumberOfThreads() {
    let rows = 1000
    var expected: [UInt32] = []
    for var stream in streams(rows) {
      for _ in 0..<3 { expected.append(UInt32(stream.next() >> 32)) }
    }
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 3)] {
      var streams = streams(rows)
      var words = [UInt32](repeating: 0, count: rows * 3)
      fillWords(&words, width: 3, rows: rows, streams: &streams, pool: pool)
      #expect(words == expected)
    }
  }

  private func streams(_ count: Int) -> [RandomStream] {
    (0..<count).map { RandomStream(seed: UInt64($0)) }
  }

  /// One step of Newton's method from the draw leads to the exact quantile.
  @Test func normalDrawsAreQuantilesToFiveUnitsOfTheLastPlace() {
    let sweep = (0..<20_000).map { UInt32($0) &* 214_745 } + (0..<1000).map { UInt32($0) }
    var worst = 0.0
    for word in sweep + sweep.map({ ~$0 }) {
      let x = Double(normalReference(word))
      let tail = (Double(min(word, ~word)) + 0.5) * 0x1p-32
      let size = abs(x)
      let error = (erfc(size / 2.0.squareRoot()) / 2 - tail) / (exp(-x * x / 2) / 2.506628274631)
      worst = max(worst, abs(error) / Double(Float(max(size, 0.01)).ulp))
      #expect((x < 0) == (word < 1 << 31))
    }
    #expect(worst <= 5)
  }
}

/// The slope of ln Gamma: by recurrence to 12, then its asymptotic series.
private func digamma(_ x: Double) -> Double {
  if x < 12 { return digamma(x + 1) - 1 / x }
  let t = 1 / (x * x)
  return log(x) - 0.5 / x
    - t * (1.0 / 12 - t * (1.0 / 120 - t * (1.0 / 252 - t * (1.0 / 240 - t / 132))))
}

private func trigamma(_ x: Double) -> Double {
  if x < 12 { return trigamma(x + 1) + 1 / (x * x) }
  let t = 1 / (x * x)
  let series = t * (1.0 / 6 - t * (1.0 / 30 - t * (1.0 / 42 - t * (1.0 / 30 - t * 5 / 66))))
  return (1 + 0.5 / x + series) / x
}
