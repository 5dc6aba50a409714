public import RLCore
import RLKernels

extension ActorCritic {
  /// The parameters under Stable-Baselines3's names and in PyTorch's order: `log_std` if there are
  /// free parameters, `mlp_extractor.policy_net.0.weight`, `[outputs, inputs]`, ... ,
  /// `action_net.weight`, `value_net.weight`.
  public var tensors: [PolicyExport.Tensor] {
    let free = PolicyExport.Tensor(
      name: Self.freeName, shape: architecture.freeShape, values: self.free)
    return (architecture.freeCount > 0 ? [free] : [])
      + blocks.flatMap { block in
        [
          PolicyExport.Tensor(
            name: "\(block.name).weight", shape: block.shape,
            values: block.outputs.flatMap { output in
              (0..<block.layer.inputs).map { parameters[block.layer.weightIndex($0, output)] }
            }),
          PolicyExport.Tensor(
            name: "\(block.name).bias", shape: [block.outputs.count],
            values: block.outputs.map { parameters[block.layer.biasOffset + $0] }),
        ]
      }
  }

  /// Takes over parameters in the form of `tensors`; other tensors are ignored.
  ///
  /// - Throws: `StateError` when one is missing or has another shape; nothing is changed then.
  public mutating func load(tensors: [PolicyExport.Tensor]) throws(StateError) {
    var loaded = self
    for block in blocks {
      let weight = try tensorValues("\(block.name).weight", block.shape, in: tensors)
      let bias = try tensorValues("\(block.name).bias", [block.outputs.count], in: tensors)
      block.write(into: &loaded.parameters, weights: { weight[$0] }, biases: { bias[$0] })
    }
    if architecture.freeCount > 0 {
      loaded.setFree(try tensorValues(Self.freeName, architecture.freeShape, in: tensors))
    }
    copy(loaded.parameters, to: &parameters)
  }

  private static let freeName = "log_std"
}

extension ActorCritic.Architecture {
  /// Refuses tensors of other shapes before anything of these sizes is allocated.
  ///
  /// - Throws: `StateError` when one is missing or has another shape.
  public func check(_ tensors: [PolicyExport.Tensor]) throws(StateError) {
    var shapes: [(name: String, shape: [Int])] = []
    func add(_ widths: [Int], _ prefix: String) {
      for (index, (inputs, outputs)) in zip([inputs] + widths, widths).enumerated() {
        shapes.append(("mlp_extractor.\(prefix).\(2 * index).weight", [outputs, inputs]))
      }
    }
    add(hidden, isShared ? "shared_net" : "policy_net")
    if !isShared { add(criticHidden, "value_net") }
    shapes.append(("action_net.weight", [outputs, hidden.last ?? inputs]))
    shapes.append(("value_net.weight", [1, criticHidden.last ?? inputs]))
    for (name, shape) in shapes {
      guard let tensor = tensors.first(where: { $0.name == name }) else {
        throw StateError(reason: "tensor \(name) is missing")
      }
      guard tensor.shape == shape else {
        throw StateError(reason: "tensor \(name) is \(tensor.shape), the spaces need \(shape)")
      }
    }
  }
}
