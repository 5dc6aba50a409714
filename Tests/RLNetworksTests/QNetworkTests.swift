import RLCore
import RLNetworks
import RLParallel
import Testing

@Suite struct QNetworkTests {
  private static let architectures: [[Int]] = [[], [5], [20], [9, 17], [6, 7, 8]]

  private func network(
    _ hidden: [Int], isDueling: Bool = true, actions: Int = 3, activation: Activation = .tanh
  ) -> QNetwork {
    var random = RandomStream(seed: 7)
    return QNetwork(
      inputs: 4, hidden: hidden, actions: actions, isDueling: isDueling, activation: activation,
      random: &random)
  }

  private func filledTape(_ network: QNetwork, rows: Int) -> Tape {
    var tape = network.makeTape(rows: rows)
    var random = RandomStream(seed: 3)
    for row in 0..<rows {
      for column in 0..<4 { tape.input[row * tape.inputStride + column] = random.uniform() - 0.5 }
    }
    return tape
  }

  private func values(_ network: QNetwork, _ tape: inout Tape, rows: Int) -> [[Float]] {
    network.forward(&tape, rows: rows, pool: .single)
    return (0..<rows).map { row in
      (0..<network.actions).map { tape.output[row * tape.outputStride + $0] }
    }
  }

  /// A stack of `Linear`s under `prefix`, in double precision, the activation between them.
  private func apply(
    _ prefix: String, _ tensors: [PolicyExport.Tensor], to input: [Double],
    _ activation: (Double) -> Double, endsWithActivation: Bool = false
  ) -> [Double] {
    let weights = tensors.filter { $0.name.hasPrefix(prefix) && $0.name.hasSuffix("weight") }
    let biases = tensors.filter { $0.name.hasPrefix(prefix) && $0.name.hasSuffix("bias") }
    var x = input
    for (index, (weight, bias)) in zip(weights, biases).enumerated() {
      let isActive = index + 1 < weights.count || endsWithActivation
      x = (0..<weight.shape[0]).map { output in
        let sum = x.indices.reduce(Double(bias.values[output])) {
          $0 + Double(weight.values[output * x.count + $1]) * x[$1]
        }
        return isActive ? activation(sum) : sum
      }
    }
    return x
  }

  /// Equation 9 from the tensors' names alone.
  private func reference(_ network: QNetwork, input: [Float]) -> [Double] {
    let tensors = network.tensors(prefix: "")
    let relu: (Double) -> Double = { max($0, 0) }
    let trunk = apply(
      "trunk.", tensors, to: input.map { Double($0) }, relu, endsWithActivation: true)
    let value = apply("value_stream.", tensors, to: trunk, relu)[0]
    let advantages = apply("advantage_stream.", tensors, to: trunk, relu)
    let mean = advantages.reduce(0, +) / Double(advantages.count)
    return advantages.map { value + $0 - mean }
  }

  @Test(arguments: architectures)
  func qIsTheValueAndTheCentredAdvantage(hidden: [Int]) {
    let network = network(hidden, activation: .relu)
    var tape = filledTape(network, rows: 6)
    for (row, q) in values(network, &tape, rows: 6).enumerated() {
      let start = row * tape.inputStride
      let expected = reference(network, input: Array(tape.input[start..<start + 4]))
      for action in 0..<3 { #expect(abs(Double(q[action]) - expected[action]) < 2e-6) }
    }
  }

  @Test func theStreamsHaveTheStatedShapes() {
    func shapes(_ hidden: [Int]) -> [String: [Int]] {
      Dictionary(
        uniqueKeysWithValues: network(hidden).tensors(prefix: "q.").filter { $0.shape.count == 2 }
          .map { ($0.name, $0.shape) })
    }
    #expect(
      shapes([]) == ["q.value_stream.0.weight": [1, 4], "q.advantage_stream.0.weight": [3, 4]])
    #expect(
      shapes([5]) == [
        "q.value_stream.0.weight": [5, 4], "q.value_stream.2.weight": [1, 5],
        "q.advantage_stream.0.weight": [5, 4], "q.advantage_stream.2.weight": [3, 5],
      ])
    #expect(
      shapes([9, 17]) == [
        "q.trunk.0.weight": [9, 4], "q.value_stream.0.weight": [17, 9],
        "q.value_stream.2.weight": [1, 17], "q.advantage_stream.0.weight": [17, 9],
        "q.advantage_stream.2.weight": [3, 17],
      ])
  }

  // Without the mean, V and A could drift apart by any constant (section 3, below equation 7).
  @Test(arguments: architectures)
  func aConstantAddedToEveryAdvantageChangesNothing(hidden: [Int]) throws {
    var network = network(hidden)
    var tape = filledTape(network, rows: 4)
    let before = values(network, &tape, rows: 4)
    var tensors = network.tensors(prefix: "")
    let bias = try #require(tensors.lastIndex { $0.name.hasPrefix("advantage_stream") })
    tensors[bias].values = tensors[bias].values.map { $0 + 8 }
    try network.load(tensors: tensors, prefix: "")
    let after = values(network, &tape, rows: 4)
    for (a, b) in zip(before.joined(), after.joined()) { #expect(abs(a - b) < 4e-6) }
  }

  @Test(arguments: architectures, [1, 3])
  func theGradientIsThatOfFiniteDifferences(hidden: [Int], actions: Int) {
    var network = network(hidden, actions: actions)
    var tape = filledTape(network, rows: 5)
    func loss() -> Double {
      values(network, &tape, rows: 5).joined().enumerated().reduce(0) {
        $0 + Double($1.offset % 4 + 1) * Double($1.element) * Double($1.element)
      }
    }
    let q = values(network, &tape, rows: 5)
    for row in 0..<5 {
      for action in 0..<actions {
        let weight = Float((row * actions + action) % 4 + 1)
        tape.outputGradient[row * tape.outputStride + action] = 2 * weight * q[row][action]
      }
    }
    var gradient = [Float](repeating: 0, count: network.parameters.count)
    network.backward(&tape, rows: 5, gradient: &gradient, pool: .single)
    for i in network.parameters.indices where network.parameters[i] != 0 {
      let kept = network.parameters[i]
      network.parameters[i] = kept + 0x1p-8
      let above = loss()
      network.parameters[i] = kept - 0x1p-8
      let below = loss()
      network.parameters[i] = kept
      #expect(abs((above - below) * 0x1p7 - Double(gradient[i])) < 4e-3)
    }
  }

  @Test(arguments: [[], [5], [9, 17]])
  func theStreamsStayApart(hidden: [Int]) {
    var network = network(hidden, activation: .relu)
    var adam = Adam(count: network.parameters.count, learningRate: 0.01)
    var rmsprop = RMSProp(count: network.parameters.count, learningRate: 0.01)
    let zeros = network.parameters.indices.filter { network.parameters[$0] == 0 }
    var tape = filledTape(network, rows: 6)
    var gradient = [Float](repeating: 0, count: network.parameters.count)
    for step in 0..<20 {
      network.forward(&tape, rows: 6, pool: .single)
      for row in 0..<6 { tape.outputGradient[row * tape.outputStride + (row + step) % 3] = 1 }
      network.backward(&tape, rows: 6, gradient: &gradient, pool: .single)
      if step % 2 == 0 {
        adam.step(&network.parameters, gradient: gradient, pool: .single)
      } else {
        rmsprop.step(&network.parameters, gradient: gradient, pool: .single)
      }
    }
    #expect(zeros.allSatisfy { network.parameters[$0] == 0 && gradient[$0] == 0 })
    let q = values(network, &tape, rows: 1)[0]
    let expected = reference(network, input: Array(tape.input[..<4]))
    for action in 0..<3 { #expect(abs(Double(q[action]) - expected[action]) < 1e-5) }
  }

  @Test(arguments: architectures, [false, true])
  func tensorsRebuildTheNetwork(hidden: [Int], isDueling: Bool) throws {
    let first = network(hidden, isDueling: isDueling)
    var random = RandomStream(seed: 99)
    var other = QNetwork(
      inputs: 4, hidden: hidden, actions: 3, isDueling: isDueling, activation: .tanh,
      random: &random)
    #expect(other != first)
    try other.load(tensors: first.tensors(prefix: "a."), prefix: "a.")
    #expect(other == first)
    let missing = first.tensors(prefix: "a.").dropLast()
    #expect(throws: StateError.self) { try other.load(tensors: Array(missing), prefix: "a.") }
  }

  @Test(arguments: architectures)
  func aPlainNetworkIsTheMLPToTheBit(hidden: [Int]) {
    var random = RandomStream(seed: 7)
    let mlp = MLP(
      inputs: 4, hidden: hidden, outputs: 3, activation: .tanh, initialisation: .uniformFanIn,
      random: &random)
    let network = network(hidden, isDueling: false)
    #expect(network.parameters == mlp.parameters)
    #expect(network.tensors(prefix: "p.") == mlp.tensors(prefix: "p."))
  }
}
