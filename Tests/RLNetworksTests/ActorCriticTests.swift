import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

@Suite struct ActorCriticTests {
  /// Shapes of every kind.
  static let architectures = [
    architecture(hidden: [7, 18], criticHidden: [5], free: [3]),
    architecture(hidden: [], criticHidden: [], free: []),
    architecture(hidden: [20], criticHidden: [], free: [20, 2]),
    architecture(hidden: [7, 18], criticHidden: [], isShared: true, free: [3]),
    architecture(hidden: [], criticHidden: [], isShared: true, free: []),
    // the value is the first column of a new vector
    architecture(hidden: [6], criticHidden: [], isShared: true, outputs: 16, free: []),
  ]

  static func architecture(
    hidden: [Int], criticHidden: [Int], isShared: Bool = false, outputs: Int = 3, free: [Int]
  ) -> ActorCritic.Architecture {
    ActorCritic.Architecture(
      inputs: 4, hidden: hidden, criticHidden: criticHidden, isShared: isShared,
      activation: .tanh, outputs: outputs, freeShape: free)
  }

  private func network(
    _ architecture: ActorCritic.Architecture, isOrthogonal: Bool = false, seed: UInt64 = 3
  ) -> ActorCritic {
    var random = RandomStream(seed: seed)
    return ActorCritic(
      architecture, isOrthogonal: isOrthogonal,
      free: (0..<architecture.freeCount).map { Float($0) }, random: &random)
  }

  /// A sum of the policy's outputs and the values, each with a weight of its own.
  private struct Problem {
    var network: ActorCritic
    var tape: ActorCriticTape
    let rows = 9
    let weights: [Float]
    var pool = WorkerPool.single

    init(_ network: ActorCritic) {
      var random = RandomStream(seed: 8)
      self.network = network
      tape = network.makeTape(rows: 9, for: .training)
      for i in tape.input.indices { tape.input[i] = 2 * random.uniform() - 1 }
      weights = (0..<9 * (network.architecture.outputs + 1)).map { _ in random.uniform() - 0.5 }
    }

    var loss: Double {
      mutating get {
        var values = [Float](repeating: 0, count: rows)
        network.forward(&tape, rows: rows, values: &values, pool: pool)
        let outputs = network.architecture.outputs
        return (0..<rows).reduce(0.0) { sum, row in
          let weight = weights[row * (outputs + 1)..<(row + 1) * (outputs + 1)]
          let start = row * tape.policy.outputStride
          return zip(weight, tape.policy.output[start..<start + outputs] + [values[row]]).reduce(
            sum
          ) { $0 + Double($1.0) * Double($1.1) }
        }
      }
    }

    mutating func gradient() -> [Float] {
      _ = loss
      let outputs = network.architecture.outputs
      for row in 0..<rows {
        for column in 0..<outputs {
          tape.policy.outputGradient[row * tape.policy.outputStride + column] =
            weights[row * (outputs + 1) + column]
        }
      }
      var gradient = [Float](repeating: 0, count: network.parameters.count)
      network.backward(
        &tape, rows: rows, valueSlopes: (0..<rows).map { weights[$0 * (outputs + 1) + outputs] },
        gradient: &gradient, pool: pool)
      return gradient
    }

    mutating func slope(_ parameter: Int) -> Double {
      let kept = network.parameters[parameter]
      network.parameters[parameter] = kept + 0x1p-7
      let above = loss
      network.parameters[parameter] = kept - 0x1p-7
      let below = loss
      network.parameters[parameter] = kept
      return (above - below) / 0x1p-6
    }
  }

  @Test(arguments: architectures)
  func backwardEqualsCentralDifferences(architecture: ActorCritic.Architecture) {
    var problem = Problem(network(architecture))
    let gradient = problem.gradient()
    var used = 0
    for index in gradient.indices where problem.network.parameters[index] != 0 {
      guard !problem.network.freeRange.contains(index) else { continue }
      #expect(abs(problem.slope(index) - Double(gradient[index])) < 2e-3, "parameter \(index)")
      used += 1
    }
    let tensors = problem.network.tensors.filter { $0.name != "log_std" }
    #expect(used == tensors.reduce(0) { $0 + $1.values.count })
    for index in problem.network.freeRange { #expect(gradient[index] == 0) }
  }

  @Test(arguments: architectures)
  func theBitsAreTheSameForEveryNumberOfThreads(architecture: ActorCritic.Architecture) {
    var problem = Problem(network(architecture))
    let (loss, gradient) = (problem.loss, problem.gradient())
    for threads in 2...3 {
      problem.pool = WorkerPool(oversubscribing: threads)
      #expect(problem.loss == loss && problem.gradient() == gradient)
    }
  }

  @Test(arguments: architectures)
  func passesOfOneNetworkGiveTheBitsOfBoth(architecture: ActorCritic.Architecture) {
    var problem = Problem(network(architecture))
    _ = problem.loss
    var values = [Float](repeating: 0, count: 9)
    problem.network.forward(&problem.tape, rows: 9, values: &values, pool: .single)
    var policy = problem.network.makeTape(rows: 9, for: .policy)
    policy.input = problem.tape.input
    problem.network.forwardPolicy(&policy, rows: 9, pool: .single)
    #expect(policy.policy.output == problem.tape.policy.output)
    var value = problem.network.makeTape(rows: 2, for: .value)
    var alone = [Float](repeating: 0, count: 3)
    for row in 0..<8 {
      for i in 0..<2 * value.inputStride {
        value.input[i] = problem.tape.input[row * value.inputStride + i]
      }
      problem.network.forwardValue(&value, rows: 2, values: &alone, at: 1, pool: .single)
      #expect(alone == [0, values[row], values[row + 1]])
    }
  }

  @Test(arguments: architectures)
  func tensorsGiveTheNetworkBack(architecture: ActorCritic.Architecture) throws {
    let network = network(architecture)
    var other = ActorCritic(zeros: architecture)
    #expect(other.parameters.count == architecture.parameterCount)
    try architecture.check(network.tensors)
    try other.load(tensors: network.tensors)
    #expect(other == network)
    #expect(other.free == (0..<architecture.freeCount).map { Float($0) })
    var state = ActorCritic(zeros: architecture)
    try state.restore(network.saveState())
    #expect(state == network)
    for index in network.tensors.indices {
      var tensors = network.tensors
      let name = tensors.remove(at: index).name
      let error = #expect(throws: StateError.self) { try other.load(tensors: tensors) }
      #expect(error?.reason.contains(name) == true)
      #expect(other == network)
    }
  }

  // Gains sqrt(2), 0.01 and 1: Stable-Baselines3's.
  @Test(arguments: [false, true])
  func orthogonalWeightsHaveTheirGains(isShared: Bool) throws {
    let network = network(
      Self.architecture(hidden: [6, 9], criticHidden: [9], isShared: isShared, free: []),
      isOrthogonal: true)
    for tensor in network.tensors {
      if tensor.name.hasSuffix("bias") {
        #expect(tensor.values.allSatisfy { $0 == 0 })
        continue
      }
      let gains = ["action_net.weight": Float(0.01), "value_net.weight": 1]
      let gain = gains[tensor.name] ?? Float(2).squareRoot()
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      func product(_ a: Int, _ b: Int) -> Float {
        if rows <= columns {
          return (0..<columns).reduce(0) {
            $0 + tensor.values[a * columns + $1] * tensor.values[b * columns + $1]
          }
        }
        return (0..<rows).reduce(0) {
          $0 + tensor.values[$1 * columns + a] * tensor.values[$1 * columns + b]
        }
      }
      for a in 0..<min(rows, columns) {
        for b in 0...a {
          let expected = a == b ? gain * gain : 0
          #expect(abs(product(a, b) - expected) < 1e-5 * gain * gain, "\(tensor.name)")
        }
      }
    }
  }

  @Test func aSharedTrunkIsOneNetworkWithTwoHeads() {
    let network = network(
      Self.architecture(hidden: [6], criticHidden: [], isShared: true, free: [3]))
    #expect(
      network.tensors.map(\.name) == [
        "log_std", "mlp_extractor.shared_net.0.weight", "mlp_extractor.shared_net.0.bias",
        "action_net.weight", "action_net.bias", "value_net.weight", "value_net.bias",
      ])
    #expect(network.tensors.map(\.shape) == [[3], [6, 4], [6], [3, 6], [3], [1, 6], [1]])
  }
}
