import RLCore

/// A network of [4, hidden, hidden, 2] that balances CartPole.
///
/// Its first two units carry a linear controller to the output; the others compute noise that the
/// next layer multiplies by 0. It costs what any network of its size costs.
struct BalancingNetwork {
  private let first: [Float]  // [hidden, 4]
  private let second: [Float]  // [hidden, hidden]
  private let head: [Float]  // [2, hidden]
  private let hidden: Int

  /// Push right where x + 1.6 x' + 18.7 theta + 3.5 theta' is positive.
  private static let gains: [Float] = [1, 1.6, 18.7, 3.5]

  init(hidden: Int) {
    let inputs = Self.gains.count
    var random = RandomStream(seed: 1, purpose: "weights")
    var first = (0..<hidden * inputs).map { _ in random.uniform() - 0.5 }
    var second = [Float](repeating: 0, count: hidden * hidden)
    var head = [Float](repeating: 0, count: 2 * hidden)
    for (column, gain) in Self.gains.enumerated() {
      first[column] = gain
      first[inputs + column] = -gain
    }
    (second[0], second[hidden + 1]) = (1, 1)
    (head[hidden], head[hidden + 1]) = (1, -1)
    self.first = first
    self.second = second
    self.head = head
    self.hidden = hidden
  }

  /// Under the names of a saved DQN policy.
  var tensors: [PolicyExport.Tensor] {
    layer("0", first, inputs: Self.gains.count) + layer("2", second, inputs: hidden)
      + layer("4", head, inputs: hidden)
  }

  /// A layer without biases.
  private func layer(_ name: String, _ weights: [Float], inputs: Int) -> [PolicyExport.Tensor] {
    let outputs = weights.count / inputs
    let biases = [Float](repeating: 0, count: outputs)
    return [
      PolicyExport.Tensor(
        name: "q_net.q_net.\(name).weight", shape: [outputs, inputs], values: weights),
      PolicyExport.Tensor(name: "q_net.q_net.\(name).bias", shape: [outputs], values: biases),
    ]
  }
}
