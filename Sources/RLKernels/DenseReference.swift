/// What the dense kernels compute, as plainly as it can be written; equal to them in every bit.
package struct DenseReference {
  let stack: DenseStack
  let parameters: [Float]
  /// The input, then each layer's result, without padding: `[layer][row][column]`.
  package private(set) var activations: [[[Float]]]

  /// Evaluates the stack at rows of inputs without padding.
  package init(_ stack: DenseStack, parameters: [Float], input: [[Float]]) {
    self.stack = stack
    self.parameters = parameters
    activations = [input]
    for layer in stack.layers {
      let x = activations[activations.count - 1]
      activations.append(x.map { forward(layer, $0) })
    }
  }

  private func forward(_ layer: DenseLayer, _ x: [Float]) -> [Float] {
    let sums = (0..<layer.outputs).map { output in
      var sum: Float = 0
      for input in 0..<layer.inputs { sum.addProduct(x[input], weight(layer, input, output)) }
      return sum + parameters[layer.biasOffset + output]
    }
    return activate(layer.activation, sums)
  }

  private func weight(_ layer: DenseLayer, _ input: Int, _ output: Int) -> Float {
    parameters[layer.weightOffset + input * layer.outputStride + output]
  }

  private func activate(_ activation: DenseActivation, _ sums: [Float]) -> [Float] {
    switch activation {
    case .identity: return sums
    case .relu: return sums.map { $0 < 0 ? 0 : $0 }
    case .tanh:
      var values = sums
      apply(.tanh, to: &values)
      return values
    }
  }

  /// The gradients, `[P]` and `[row][input]`, for slopes at the output, `[row][output]`.
  package func backward(_ outputSlope: [[Float]]) -> (gradient: [Float], input: [[Float]]) {
    var gradient = [Float](repeating: 0, count: stack.parameterCount)
    var slope = outputSlope
    for (index, layer) in stack.layers.enumerated().reversed() {
      let result = activations[index + 1]
      for (row, values) in result.enumerated() {
        slope[row] = zip(slope[row], values).map { slopeAtSum(layer.activation, $0, $1) }
      }
      accumulate(layer, activations[index], slope, into: &gradient)
      slope = slope.map { inputSlope(layer, $0) }
    }
    return (gradient, slope)
  }

  private func slopeAtSum(_ activation: DenseActivation, _ slope: Float, _ y: Float) -> Float {
    switch activation {
    case .identity: slope
    case .relu: y <= 0 ? 0 : slope
    case .tanh: slope * Float(1).addingProduct(-y, y)
    }
  }

  private func accumulate(
    _ layer: DenseLayer, _ x: [[Float]], _ slope: [[Float]], into gradient: inout [Float]
  ) {
    for (row, dz) in slope.enumerated() {
      for output in 0..<layer.outputs {
        gradient[layer.biasOffset + output] += dz[output]
        for input in 0..<layer.inputs {
          gradient[layer.weightOffset + input * layer.outputStride + output]
            .addProduct(x[row][input], dz[output])
        }
      }
    }
  }

  private func inputSlope(_ layer: DenseLayer, _ dz: [Float]) -> [Float] {
    (0..<layer.inputs).map { input in
      var sum: Float = 0
      for output in 0..<layer.outputs { sum.addProduct(dz[output], weight(layer, input, output)) }
      return sum
    }
  }
}
