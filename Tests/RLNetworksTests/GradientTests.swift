import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Backward passes against central differences.
@Suite struct GradientTests {
  @Test(arguments: [
    ([], Activation.tanh), ([7], .tanh), ([5, 20, 3], .tanh), ([18, 17], .relu),
  ])
  func backwardEqualsCentralDifferences(_ hidden: [Int], _ activation: Activation) {
    var random = RandomStream(seed: 3)
    let network = MLP(
      inputs: 6, hidden: hidden, outputs: 2, activation: activation, outputActivation: .tanh,
      initialisation: .orthogonal(gain: 1, outputGain: 1), random: &random)
    var problem = Problem(network, rows: 9, random: &random)
    let (gradient, inputGradient) = problem.gradients()
    for index in network.parameters.indices where problem.network.isUsed(index) {
      let slope = problem.slope { $0.network.parameters[index] += $1 }
      #expect(abs(slope - gradient[index]) < 2e-3, "parameter \(index)")
    }
    for row in 0..<9 {
      for column in 0..<6 {
        let index = row * problem.tape.inputStride + column
        let slope = problem.slope { $0.tape.input[index] += $1 }
        #expect(abs(slope - inputGradient[index]) < 2e-3, "input \(row), \(column)")
      }
    }
  }

  @Test func theGradientIsTheSameForOneThreadAndForMore() {
    var random = RandomStream(seed: 4)
    let network = MLP(
      inputs: 4, hidden: [70, 40], outputs: 3, activation: .relu, initialisation: .uniformFanIn,
      random: &random)
    var problem = Problem(network, rows: 77, random: &random)
    let expected = problem.gradients()
    for threads in 2...4 {
      problem.pool = WorkerPool(oversubscribing: threads)
      #expect(problem.gradients() == expected, "\(threads) threads")
    }
  }

  @Test func aTapeWithoutInputGradientGivesTheSameGradient() {
    var random = RandomStream(seed: 5)
    let network = MLP(
      inputs: 40, hidden: [10], outputs: 3, activation: .relu, initialisation: .uniformFanIn,
      random: &random)
    var problem = Problem(network, rows: 5, random: &random)
    let expected = problem.gradients().parameters
    let input = problem.tape.input
    problem.tape = network.makeTape(rows: 5)
    problem.tape.input = input
    let gradients = problem.gradients()
    #expect(gradients.parameters == expected)
    #expect(gradients.input.isEmpty)
  }
}

extension MLP {
  /// Whether a parameter is not padding.
  fileprivate func isUsed(_ index: Int) -> Bool {
    layers.contains { layer in
      let end = layer.biasOffset + layer.outputStride
      return (layer.weightOffset..<end).contains(index)
        && (index - layer.weightOffset) % layer.outputStride < layer.outputs
    }
  }
}

/// A sum of squares of a network's outputs, each with a weight of its own.
private struct Problem {
  var network: MLP
  var tape: Tape
  var pool = WorkerPool.single
  let rows: Int
  let weights: [Float]

  init(_ network: MLP, rows: Int, random: inout RandomStream) {
    self.network = network
    self.rows = rows
    tape = network.makeTape(rows: rows, inputGradient: true)
    for index in tape.input.indices { tape.input[index] = 2 * random.uniform() - 1 }
    weights = (0..<rows * network.outputs).map { _ in random.uniform() }
  }

  mutating func loss() -> Double {
    network.forward(&tape, rows: rows, pool: pool)
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      let output = tape.output[place(index)]
      sum += Double(weight) * Double(output) * Double(output)
    }
    return sum
  }

  mutating func gradients() -> (parameters: [Float], input: [Float]) {
    _ = loss()
    for (index, weight) in weights.enumerated() {
      tape.outputGradient[place(index)] = 2 * weight * tape.output[place(index)]
    }
    var gradient = [Float](repeating: .nan, count: network.parameters.count)
    network.backward(&tape, rows: rows, gradient: &gradient, pool: pool)
    return (gradient, tape.inputGradient)
  }

  /// The central difference of the loss when `change` adds a step.
  mutating func slope(_ change: (inout Problem, Float) -> Void) -> Float {
    let step: Float = 0x1p-9
    var (above, below) = (self, self)
    change(&above, step)
    change(&below, -step)
    return Float((above.loss() - below.loss()) / Double(2 * step))
  }

  private func place(_ index: Int) -> Int {
    index / network.outputs * tape.outputStride + index % network.outputs
  }
}
