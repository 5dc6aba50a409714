public import RLCore
import RLKernels

extension MLP {
  /// The parameters as PyTorch names and stores those of `Sequential(Linear, activation, Linear,
  /// ...)`: `<prefix>0.weight`, `[outputs, inputs]`, `<prefix>0.bias`, `<prefix>2.weight`, ...
  public func tensors(prefix: String) -> [PolicyExport.Tensor] {
    stack.layers.enumerated().flatMap { index, layer in
      [
        PolicyExport.Tensor(
          name: "\(prefix)\(2 * index).weight", shape: [layer.outputs, layer.inputs],
          values: weight(of: layer)),
        PolicyExport.Tensor(
          name: "\(prefix)\(2 * index).bias", shape: [layer.outputs],
          values: Array(parameters[layer.biasOffset..<layer.biasOffset + layer.outputs])),
      ]
    }
  }

  /// Takes over parameters in the form that `tensors(prefix:)` gives; other tensors are ignored.
  ///
  /// - Throws: `StateError` when one is missing or has another shape; nothing is changed then.
  public mutating func load(
    tensors: [PolicyExport.Tensor], prefix: String
  ) throws(StateError) {
    var loaded = [Float](repeating: 0, count: stack.parameterCount)
    for (index, layer) in stack.layers.enumerated() {
      let weight = try tensorValues(
        "\(prefix)\(2 * index).weight", [layer.outputs, layer.inputs], in: tensors)
      let bias = try tensorValues("\(prefix)\(2 * index).bias", [layer.outputs], in: tensors)
      for output in 0..<layer.outputs {
        loaded[layer.biasOffset + output] = bias[output]
        for input in 0..<layer.inputs {
          loaded[layer.weightIndex(input, output)] = weight[output * layer.inputs + input]
        }
      }
    }
    copy(loaded, to: &parameters)
  }

  /// `[outputs, inputs]`.
  private func weight(of layer: DenseLayer) -> [Float] {
    (0..<layer.outputs).flatMap { output in
      (0..<layer.inputs).map { parameters[layer.weightIndex($0, output)] }
    }
  }
}

/// The values of the tensor called `name`.
///
/// - Throws: `StateError` unless it is there in that shape.
func tensorValues(
  _ name: String, _ shape: [Int], in tensors: [PolicyExport.Tensor]
) throws(StateError) -> [Float] {
  guard let tensor = tensors.first(where: { $0.name == name }) else {
    throw StateError(reason: "there is no tensor \"\(name)\": the file is of another network")
  }
  guard tensor.shape == shape, tensor.values.count == shape.reduce(1, *) else {
    throw StateError(
      reason: "\"\(name)\" is \(tensor.shape), the network needs \(shape): the file is of "
        + "another network")
  }
  return tensor.values
}

extension DenseLayer {
  /// Where the weight from `input` to `output` lies in the parameters.
  func weightIndex(_ input: Int, _ output: Int) -> Int {
    weightOffset + input * outputStride + output
  }
}
