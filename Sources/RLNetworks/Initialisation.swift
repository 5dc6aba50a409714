import RLCore
import RLKernels

/// How fresh weights and biases are drawn.
public enum Initialisation: Sendable, Equatable {
  /// Weights and biases uniform in ±1/sqrt(inputs): the default of PyTorch's `Linear`.
  case uniformFanIn
  /// Weights with orthonormal rows or columns (Saxe et al. 2014), times `gain`, in the last layer
  /// times `outputGain`; biases 0.
  case orthogonal(gain: Float, outputGain: Float)

  /// Draws one layer, in the order of `[outputs, inputs]`, biases last.
  func draw(
    _ layer: DenseLayer, isOutput: Bool, into parameters: inout [Float],
    random: inout RandomStream
  ) {
    switch self {
    case .uniformFanIn:
      let bound = 1 / Float(layer.inputs).squareRoot()
      for output in 0..<layer.outputs {
        for input in 0..<layer.inputs {
          parameters[layer.weightIndex(input, output)] = (2 * random.uniform() - 1) * bound
        }
      }
      for output in 0..<layer.outputs {
        parameters[layer.biasOffset + output] = (2 * random.uniform() - 1) * bound
      }
    case .orthogonal(let gain, let outputGain):
      let scale = Double(isOutput ? outputGain : gain)
      let weight = orthogonalMatrix(rows: layer.outputs, columns: layer.inputs, random: &random)
      for output in 0..<layer.outputs {
        for input in 0..<layer.inputs {
          let value = weight[output * layer.inputs + input]
          parameters[layer.weightIndex(input, output)] = Float(scale * value)
        }
      }
    }
  }
}

/// A matrix, `[rows, columns]`, whose rows (or columns, if there are fewer) are orthonormal,
/// uniformly distributed: the Gram-Schmidt process on normal vectors.
func orthogonalMatrix(rows: Int, columns: Int, random: inout RandomStream) -> [Double] {
  let (count, length) = (min(rows, columns), max(rows, columns))
  var basis: [[Double]] = []
  while basis.count < count {
    var vector = (0..<length).map { _ in random.normal() }
    // twice is enough (Giraud et al. 2005): once leaves an error where vectors nearly coincide
    for _ in 0..<2 {
      for other in basis { subtract(dot(vector, other), other, from: &vector) }
    }
    let norm = dot(vector, vector).squareRoot()
    if norm > 1e-6 { basis.append(vector.map { $0 / norm }) }
  }
  if rows <= columns { return basis.flatMap { $0 } }
  return (0..<rows).flatMap { row in basis.map { $0[row] } }
}

private func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "vectors of \(x.count) and \(y.count)")
  var lanes = SIMD8<Double>()
  let whole = x.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    for lane in 0..<8 { lanes[lane] += x[start + lane] * y[start + lane] }
  }
  var sum = lanes.sum()
  for i in whole..<x.count { sum += x[i] * y[i] }
  return sum
}

private func subtract(_ factor: Double, _ other: [Double], from vector: inout [Double]) {
  precondition(other.count == vector.count, "vectors of \(other.count) and \(vector.count)")
  for i in vector.indices { vector[i] -= factor * other[i] }
}
