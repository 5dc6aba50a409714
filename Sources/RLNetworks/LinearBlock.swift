import RLCore
import RLKernels

/// The weights and biases of one `Linear`, as PyTorch would name it: all or some outputs of a dense
/// layer.
struct LinearBlock: Sendable, Equatable {
  let name: String
  let layer: DenseLayer
  let outputs: Range<Int>
  let gain: Float  // of orthogonal weights

  var shape: [Int] { [outputs.count, layer.inputs] }

  /// Whole layers with an activation behind each, as in `Sequential`.
  static func blocks(
    _ layers: some Sequence<DenseLayer>, _ prefix: String, gain: Float
  ) -> [LinearBlock] {
    layers.enumerated().map {
      LinearBlock(
        name: "\(prefix)\(2 * $0.offset)", layer: $0.element, outputs: 0..<$0.element.outputs,
        gain: gain)
    }
  }

  /// Draws fresh weights, in the order of `[outputs, inputs]`, then biases.
  func draw(isOrthogonal: Bool, into parameters: inout [Float], random: inout RandomStream) {
    if isOrthogonal {
      let matrix = orthogonalMatrix(rows: outputs.count, columns: layer.inputs, random: &random)
      write(into: &parameters, weights: { Float(Double(gain) * matrix[$0]) }, biases: { _ in 0 })
    } else {
      let bound = 1 / Float(layer.inputs).squareRoot()
      write(
        into: &parameters, weights: { _ in (2 * random.uniform() - 1) * bound },
        biases: { _ in (2 * random.uniform() - 1) * bound })
    }
  }

  /// Sets weights, `[outputs, inputs]`, in order, then biases, `[outputs]`.
  func write(
    into parameters: inout [Float], weights: (Int) -> Float, biases: (Int) -> Float
  ) {
    for (row, output) in outputs.enumerated() {
      for input in 0..<layer.inputs {
        parameters[layer.weightIndex(input, output)] = weights(row * layer.inputs + input)
      }
    }
    for (row, output) in outputs.enumerated() {
      parameters[layer.biasOffset + output] = biases(row)
    }
  }
}
