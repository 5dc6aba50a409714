import RLCore
import RLKernels

/// The weights and biases of one `Linear` of a `QNetwork`, as PyTorch would name it: a part of a
/// dense layer of the stack, or the whole of one.
struct WeightBlock: Sendable, Equatable {
  let name: String
  let layer: Int
  let inputs: Range<Int>  // of the layer
  let outputs: Range<Int>

  var shape: [Int] { [outputs.count, inputs.count] }

  /// Numbers from layer to layer, inputs first.
  static func sizes(inputs: Int, hidden: [Int], actions: Int, isDueling: Bool) -> [Int] {
    guard isDueling else { return [inputs] + hidden + [actions] }
    return [inputs] + hidden.dropLast() + hidden.suffix(1).map { 2 * $0 } + [1 + actions]
  }

  /// Every block, in the order in which weights are drawn and stored.
  static func blocks(
    inputs: Int, hidden: [Int], actions: Int, isDueling: Bool
  ) -> [WeightBlock] {
    let sizes = sizes(inputs: inputs, hidden: hidden, actions: actions, isDueling: isDueling)
    let whole = isDueling ? max(hidden.count - 1, 0) : sizes.count - 1
    let trunk = (0..<whole).map {
      WeightBlock(
        name: isDueling ? "trunk.\(2 * $0)" : "\(2 * $0)", layer: $0, inputs: 0..<sizes[$0],
        outputs: 0..<sizes[$0 + 1])
    }
    guard isDueling else { return trunk }
    return trunk + stream("value_stream", 0..<1, 0, sizes, from: whole)
      + stream("advantage_stream", 1..<1 + actions, 1, sizes, from: whole)
  }

  /// The blocks of a stream: its half of the last hidden layer, if there is one, and its `outputs`.
  private static func stream(
    _ name: String, _ outputs: Range<Int>, _ half: Int, _ sizes: [Int], from layer: Int
  ) -> [WeightBlock] {
    guard layer + 2 < sizes.count else {
      return [
        WeightBlock(name: "\(name).0", layer: layer, inputs: 0..<sizes[layer], outputs: outputs)
      ]
    }
    let width = sizes[layer + 1] / 2
    let columns = half * width..<(half + 1) * width
    return [
      WeightBlock(name: "\(name).0", layer: layer, inputs: 0..<sizes[layer], outputs: columns),
      WeightBlock(name: "\(name).2", layer: layer + 1, inputs: columns, outputs: outputs),
    ]
  }

  /// Draws weights, in the order of `[outputs, inputs]`, then biases, uniform in ±1/sqrt(inputs):
  /// the default of PyTorch's `Linear`.
  func draw(in layers: [DenseLayer], into parameters: inout [Float], random: inout RandomStream) {
    let layer = layers[layer]
    let bound = 1 / Float(inputs.count).squareRoot()
    for output in outputs {
      for input in inputs {
        parameters[layer.weightIndex(input, output)] = (2 * random.uniform() - 1) * bound
      }
    }
    for output in outputs {
      parameters[layer.biasOffset + output] = (2 * random.uniform() - 1) * bound
    }
  }
}
