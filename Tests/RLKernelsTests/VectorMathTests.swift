import RLKernels
import Testing

/// tanh, exp and log against double precision.
@Suite struct VectorMathTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)

  @Test func expIsWithinOneAndAHalfUnitsOfTheLastPlace() {
    expectAccuracy(.exp, sweep(-103.9, 88.7), units: 1.5) { exponential($0) }
  }

  @Test func logIsWithinOneAndAHalfUnitsOfTheLastPlace() {
    let positive = (1..<200_000).map { Float(bitPattern: UInt32($0) * 10_679) }
      .filter { $0.isFinite && $0 > 0 }
    expectAccuracy(.log, positive + sweep(0.5, 2), units: 1.5) { logarithm($0) }
  }

  @Test func tanhIsWithinOneAndAHalfUnitsOfTheLastPlace() {
    let small = (0..<100_000).map { Float(bitPattern: UInt32($0) * 10_700) }.filter { $0 < 12 }
    expectAccuracy(.tanh, sweep(-12, 12) + small, units: 1.5) { hyperbolicTangent($0) }
  }

  @Test func specialValuesAreThoseOfTheMathematics() {
    let infinity = Float.infinity
    #expect(
      values(.exp, [0, -0.0, 100, infinity, -infinity, -200]) == [1, 1, infinity, infinity, 0, 0])
    #expect(values(.log, [1, 0, -0.0, infinity]) == [0, -infinity, -infinity, infinity])
    #expect(values(.tanh, [0, 20, -20, infinity, -infinity]) == [0, 1, -1, 1, -1])
    #expect(values(.tanh, [-0.0])[0].sign == .minus)
    #expect(values(.log, [-1, -infinity]).allSatisfy { $0.isNaN })
    for function in ElementFunction.allCases {
      #expect(values(function, [.nan])[0].isNaN, "\(function)")
    }
  }

  @Test(arguments: ElementFunction.allCases)
  func theBitsDependNeitherOnTheKernelsNorOnThePlace(_ function: ElementFunction) {
    let inputs = sweep(-30, 30).enumerated().filter { $0.offset % 37 == 0 }.map(\.element)
    for count in Array(0...40) + [inputs.count] {
      let part = Array(inputs.suffix(count))
      let alone = part.map { values(function, [$0])[0] }
      for kernels in Self.sets {
        var result = part
        apply(function, to: &result, kernels: kernels)
        #expect(zip(result, alone).allSatisfy(same), "\(count) values, \(kernels)")
      }
    }
  }

  private func same(_ x: Float, _ y: Float) -> Bool {
    x.bitPattern == y.bitPattern || (x.isNaN && y.isNaN)
  }

  private func values(_ function: ElementFunction, _ inputs: [Float]) -> [Float] {
    var result = inputs
    apply(function, to: &result)
    return result
  }

  private func sweep(_ low: Float, _ high: Float) -> [Float] {
    (0...200_000).map { low + (high - low) * Float($0) / 200_000 }
  }

  private func expectAccuracy(
    _ function: ElementFunction, _ inputs: [Float], units: Double, _ exact: (Double) -> Double
  ) {
    var worst = (error: 0.0, at: Float(0))
    for (x, y) in zip(inputs, values(function, inputs)) {
      let expected = exact(Double(x))
      let unit = Double(max(Float(abs(expected)), .leastNormalMagnitude).ulp)
      let error = abs(Double(y) - expected) / unit
      if !(error <= worst.error) { worst = (error, x) }
    }
    #expect(worst.error <= units, "\(function) at \(worst.at)")
  }
}

private let ln2 = 0.693_147_180_559_945_3

/// e^x by its series, after halving ten times.
private func exponential(_ x: Double) -> Double {
  let n = (x / ln2).rounded()
  let r = (x - n * 0.693_147_180_369_123_8 - n * 1.908_214_929_270_587_7e-10)
  var (term, sum) = (1.0, 1.0)
  for k in 1...20 {
    term *= r / Double(k)
    sum += term
  }
  return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
}

/// ln x by Newton's method on `exponential`, from the exponent; two corrections of third order.
private func logarithm(_ x: Double) -> Double {
  var y = Double(x.exponent) * ln2
  for _ in 0..<6 {
    let e = exponential(y)
    y += 2 * (x - e) / (x + e)
  }
  return y
}

/// (e^x - e^-x) / (e^x + e^-x); near 0 by the series of sinh and cosh.
private func hyperbolicTangent(_ x: Double) -> Double {
  if abs(x) > 0.5 { return 1 - 2 / (exponential(2 * x) + 1) }
  var (sinh, cosh, term) = (0.0, 0.0, 1.0)
  for k in 0...24 {
    if k.isMultiple(of: 2) { cosh += term } else { sinh += term }
    term *= x / Double(k + 1)
  }
  return sinh / cosh
}
