public import RLCore
import RLKernels

extension SquashedActor {
  /// The parameters as Stable-Baselines3 names and stores them: `actor.latent_pi.0.weight`,
  /// `[outputs, inputs]`, `actor.latent_pi.0.bias`, ... `actor.mu.weight`, `actor.log_std.weight`;
  /// with gSDE `actor.mu.0.weight` and `actor.log_std`, `[L, C]`.
  public var tensors: [PolicyExport.Tensor] {
    let linear = blocks.flatMap { block in
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
    guard architecture.usesSDE else { return linear }
    return linear + [
      PolicyExport.Tensor(
        name: Self.logStdName, shape: [latentWidth, controls],
        values: Array(parameters[logStdRange]))
    ]
  }

  /// Takes over parameters in the form of `tensors`; other tensors are ignored.
  ///
  /// - Throws: `StateError` when one is missing or has another shape; nothing is changed then.
  public mutating func load(tensors: [PolicyExport.Tensor]) throws(StateError) {
    var loaded = [Float](repeating: 0, count: parameters.count)
    for block in blocks {
      let weight = try tensorValues("\(block.name).weight", block.shape, in: tensors)
      let bias = try tensorValues("\(block.name).bias", [block.outputs.count], in: tensors)
      block.write(into: &loaded, weights: { weight[$0] }, biases: { bias[$0] })
    }
    if architecture.usesSDE {
      let values = try tensorValues(Self.logStdName, [latentWidth, controls], in: tensors)
      for (i, value) in values.enumerated() { loaded[logStdRange.lowerBound + i] = value }
    }
    copy(loaded, to: &parameters)
  }

  private static let logStdName = "actor.log_std"
}

extension SquashedActor.Architecture {
  /// Refuses widths that the tensors do not have before anything of that size is allocated.
  ///
  /// - Throws: `StateError` naming the first that does not fit.
  public func check(_ tensors: [PolicyExport.Tensor]) throws(StateError) {
    var below = inputs
    for (index, width) in hidden.enumerated() {
      _ = try tensorValues("actor.latent_pi.\(2 * index).weight", [width, below], in: tensors)
      below = width
    }
    let mean = usesSDE ? "actor.mu.0.weight" : "actor.mu.weight"
    _ = try tensorValues(mean, [controls, below], in: tensors)
  }

  /// Weights, biases and log-stds, for estimates of size.
  public var parameterCount: Int {
    let sizes = [inputs] + hidden
    let trunk = zip(sizes, hidden).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    return trunk + 2 * controls * ((hidden.last ?? 0) + 1)
  }
}
