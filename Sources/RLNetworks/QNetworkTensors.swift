public import RLCore
import RLKernels

extension QNetwork {
  /// The parameters as PyTorch names and stores them: `<prefix>0.weight`, `[outputs, inputs]`,
  /// `<prefix>0.bias`, `<prefix>2.weight`, ... of a plain network; of a dueling one the same under
  /// `<prefix>trunk.`, `<prefix>value_stream.` and `<prefix>advantage_stream.`.
  public func tensors(prefix: String) -> [PolicyExport.Tensor] {
    blocks.flatMap { block in
      let layer = layers[block.layer]
      return [
        PolicyExport.Tensor(
          name: "\(prefix)\(block.name).weight", shape: block.shape,
          values: block.outputs.flatMap { output in
            block.inputs.map { parameters[layer.weightIndex($0, output)] }
          }),
        PolicyExport.Tensor(
          name: "\(prefix)\(block.name).bias", shape: [block.outputs.count],
          values: block.outputs.map { parameters[layer.biasOffset + $0] }),
      ]
    }
  }

  /// Takes over parameters in the form that `tensors(prefix:)` gives; other tensors are ignored.
  ///
  /// - Throws: `StateError` when one is missing or has another shape; nothing is changed then.
  public mutating func load(
    tensors: [PolicyExport.Tensor], prefix: String
  ) throws(StateError) {
    var loaded = [Float](repeating: 0, count: parameters.count)
    for block in blocks {
      let layer = layers[block.layer]
      let weight = try tensorValues("\(prefix)\(block.name).weight", block.shape, in: tensors)
      let bias = try tensorValues(
        "\(prefix)\(block.name).bias", [block.outputs.count], in: tensors)
      for (row, output) in block.outputs.enumerated() {
        loaded[layer.biasOffset + output] = bias[row]
        for (column, input) in block.inputs.enumerated() {
          loaded[layer.weightIndex(input, output)] = weight[row * block.inputs.count + column]
        }
      }
    }
    copy(loaded, to: &parameters)
  }

  /// Names and shapes of the weights of a network that is not made yet.
  public static func weightShapes(
    prefix: String, inputs: Int, hidden: [Int], actions: Int, isDueling: Bool
  ) -> [(name: String, shape: [Int])] {
    WeightBlock.blocks(inputs: inputs, hidden: hidden, actions: actions, isDueling: isDueling)
      .map { ("\(prefix)\($0.name).weight", $0.shape) }
  }

  /// Weights and biases of a network that is not made yet, those between the streams included.
  public static func parameterCount(
    inputs: Int, hidden: [Int], actions: Int, isDueling: Bool
  ) -> Int {
    let sizes = WeightBlock.sizes(
      inputs: inputs, hidden: hidden, actions: actions, isDueling: isDueling)
    return zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }
}
