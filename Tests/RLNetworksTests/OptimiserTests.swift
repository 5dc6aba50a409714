import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Optimisers, losses and clipping.
@Suite struct OptimiserTests {
  @Test func paddingStaysZeroThroughTraining() {
    var random = RandomStream(seed: 1)
    for activation in [Activation.relu, .tanh, .identity] {
      var network = MLP(
        inputs: 3, hidden: [5, 18], outputs: 2, activation: activation,
        initialisation: .uniformFanIn, random: &random)
      train(&network, steps: 5, random: &random)
      for layer in network.layers {
        for row in 0...layer.inputs {
          let start = layer.weightOffset + row * layer.outputStride
          let padding = network.parameters[start + layer.outputs..<start + layer.outputStride]
          #expect(padding.allSatisfy { $0 == 0 })
        }
      }
    }
  }

  /// The slope is left with numbers in its padding columns, as a careless caller would.
  private func train(_ network: inout MLP, steps: Int, random: inout RandomStream) {
    var tape = network.makeTape(rows: 20)
    var adam = Adam(count: network.parameters.count, learningRate: 0.01)
    var gradient = network.parameters
    for _ in 0..<steps {
      for index in tape.input.indices { tape.input[index] = random.uniform() }
      network.forward(&tape, rows: 20, pool: .single)
      for index in tape.outputGradient.indices { tape.outputGradient[index] = random.uniform() }
      network.backward(&tape, rows: 20, gradient: &gradient, pool: .single)
      adam.step(&network.parameters, gradient: gradient, pool: .single)
    }
  }

  @Test func aRestoredOptimiserGoesOnWithTheSameBits() throws {
    let gradients = (0..<6).map { step in (0..<50).map { Float(($0 * 7 + step) % 11) - 5 } }
    var parameters = [Float](repeating: 1, count: 50)
    var adam = Adam(count: 50, learningRate: 0.01)
    var rmsprop = RMSProp(count: 50, learningRate: 0.01)
    for gradient in gradients.prefix(3) {
      adam.step(&parameters, gradient: gradient, pool: .single)
      rmsprop.step(&parameters, gradient: gradient, pool: .single)
    }
    var restored = Adam(count: 50, learningRate: 0.01)
    try restored.restore(adam.saveState())
    var restoredRMSProp = RMSProp(count: 50, learningRate: 0.01)
    try restoredRMSProp.restore(rmsprop.saveState())
    #expect(restored == adam && restoredRMSProp == rmsprop)
    var again = parameters
    for gradient in gradients.suffix(3) {
      adam.step(&parameters, gradient: gradient, pool: .single)
      rmsprop.step(&parameters, gradient: gradient, pool: .single)
      restored.step(&again, gradient: gradient, pool: .single)
      restoredRMSProp.step(&again, gradient: gradient, pool: .single)
    }
    #expect(again == parameters)
  }

  @Test func theStateOfAnotherOptimiserIsRefused() {
    var adam = Adam(count: 5, learningRate: 1)
    var rmsprop = RMSProp(count: 5, learningRate: 1)
    #expect(throws: StateError.self) {
      try adam.restore(Adam(count: 6, learningRate: 1).saveState())
    }
    #expect(throws: StateError.self) { try rmsprop.restore(adam.saveState()) }
  }

  @Test func tensorFlowsRMSPropStartsWithSquaresOfOne() throws {
    var optimiser = RMSProp(count: 1, learningRate: 0.5, alpha: 0.75, epsilon: 1, form: .tensorFlow)
    #expect(try optimiser.saveState().floats("squares", count: 1) == [1])
    var parameters: [Float] = [10]
    optimiser.step(&parameters, gradient: [3], pool: .single)
    // v = 0.75 + 0.25 * 9 = 3; 10 - 0.5 * 3 / sqrt(3 + 1)
    #expect(parameters == [9.25])
  }

  @Test func theNormIsEuclidean() {
    #expect(globalNorm([3, 0, -4], pool: .single) == 5)
    #expect(globalNorm([], pool: .single) == 0)
  }

  @Test func clippingShortensOnlyLongGradients() {
    #expect(clippingFactor(norm: 0.5, maximum: 10) == 1)
    #expect(clippingFactor(norm: 20, maximum: 10) == 10 / (20 + 1e-6))
    #expect(clippingFactor(norm: .nan, maximum: 10).isNaN)
  }

  @Test func lossesHaveTheirClosedForms() {
    for d: Float in [-3, -1, -0.5, 0, 0.25, 1, 7] {
      #expect(Loss.squared.value(d) == d * d)
      #expect(Loss.squared.derivative(d) == 2 * d)
      #expect(Loss.huber.value(d) == (abs(d) <= 1 ? d * d / 2 : abs(d) - 0.5))
      #expect(Loss.huber.derivative(d) == min(1, max(-1, d)))
      #expect(Loss.huber(delta: 2).value(d) == (abs(d) <= 2 ? d * d / 2 : 2 * (abs(d) - 1)))
    }
    #expect(Loss.huber.derivative(.nan).isNaN)
    #expect(Loss.huber.value(.nan).isNaN)
  }
}
