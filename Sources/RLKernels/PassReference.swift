/// What `adamStep` does to one parameter; equal to it in every bit.
package func adamReference(
  _ step: AdamStep, gradient: Float, parameter: inout Float, first: inout Float,
  second: inout Float
) {
  let g = gradient * step.scale
  first = flushed(first.addingProduct(g - first, Float(1 - step.beta1)))
  second = flushed((second * Float(step.beta2)).addingProduct(g * g, Float(1 - step.beta2)))
  let denominator = step.epsilon.addingProduct(second.squareRoot(), step.secondScale)
  parameter -= step.stepSize * first / denominator
}

/// What `rmspropStep` does to one parameter; equal to it in every bit.
package func rmspropReference(
  _ step: RMSPropStep, gradient: Float, parameter: inout Float, square: inout Float
) {
  let g = gradient * step.scale
  square = flushed((square * Float(step.alpha)).addingProduct(g * g, Float(1 - step.alpha)))
  let root =
    step.isEpsilonInside
    ? (square + step.epsilon).squareRoot() : square.squareRoot() + step.epsilon
  parameter -= step.learningRate * g / root
}

/// A moment, but 0 where it is subnormal.
private func flushed(_ moment: Float) -> Float { moment.isSubnormal ? 0 : moment }

/// What `sumOfSquares` returns; equal to it in every bit: 64 lanes for each range, added in pairs.
package func sumOfSquaresReference(_ values: [Float]) -> Double {
  let ranges = Ranges(total: values.count)
  return (0..<ranges.count).reduce(0) { $0 + Double(laneSum(values[ranges[$1]])) }
}

private func laneSum(_ values: ArraySlice<Float>) -> Float {
  var lanes = [Float](repeating: 0, count: 4 * laneCount)
  for (index, value) in values.enumerated() { lanes[index % lanes.count].addProduct(value, value) }
  var sums = (0..<laneCount).map { lane in
    (lanes[lane] + lanes[laneCount + lane])
      + (lanes[2 * laneCount + lane] + lanes[3 * laneCount + lane])
  }
  while sums.count > 1 {
    let half = sums.count / 2
    sums = (0..<half).map { sums[$0] + sums[half + $0] }
  }
  return sums[0]
}

/// What `blend` makes of one value, below tau 1; equal to it in every bit.
package func blendReference(_ value: Float, toward source: Float, tau: Float) -> Float {
  value.addingProduct(source - value, tau)
}
