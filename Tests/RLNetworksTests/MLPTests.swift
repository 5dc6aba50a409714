import RLCore
import RLNetworks
import RLParallel
import Testing

/// Networks as values: their layout, their tensors, their state.
@Suite struct MLPTests {
  private func network(
    _ seed: UInt64, hidden: [Int] = [20, 17], _ initialisation: Initialisation = .uniformFanIn
  ) -> MLP {
    var random = RandomStream(seed: seed)
    return MLP(
      inputs: 5, hidden: hidden, outputs: 3, activation: .relu, initialisation: initialisation,
      random: &random)
  }

  @Test func theSameSeedGivesTheSameNetwork() {
    #expect(network(1) == network(1))
    #expect(network(1) != network(2))
  }

  @Test func tensorsHaveTheNamesAndShapesOfASequential() {
    let tensors = network(1).tensors(prefix: "q_net.q_net.")
    #expect(
      tensors.map(\.name) == [
        "q_net.q_net.0.weight", "q_net.q_net.0.bias", "q_net.q_net.2.weight",
        "q_net.q_net.2.bias", "q_net.q_net.4.weight", "q_net.q_net.4.bias",
      ])
    #expect(tensors.map(\.shape) == [[20, 5], [20], [17, 20], [17], [3, 17], [3]])
  }

  @Test func loadedTensorsGiveBackTheNetwork() throws {
    var other = network(2)
    try other.load(tensors: network(1).tensors(prefix: "a."), prefix: "a.")
    #expect(other == network(1))
  }

  @Test func tensorsOfAnotherNetworkAreRefusedAndNothingChanges() {
    var other = network(2)
    let tensors = network(1, hidden: [20, 18]).tensors(prefix: "")
    #expect(throws: StateError.self) { try other.load(tensors: tensors, prefix: "") }
    #expect(throws: StateError.self) { try other.load(tensors: [], prefix: "") }
    #expect(other == network(2))
  }

  @Test func aRestoredNetworkIsTheSavedOne() throws {
    var other = network(2)
    try other.restore(network(1).saveState())
    #expect(other == network(1))
    #expect(throws: StateError.self) { try other.restore(network(1, hidden: [5]).saveState()) }
  }

  @Test func aCopyFollowsNobody() {
    let source = network(1)
    var target = network(2)
    target.copyParameters(from: source)
    #expect(target == source)
    target.parameters[0] += 1
    #expect(target != source)
  }

  @Test func blendingMovesAFractionOfTheWay() {
    let (start, goal) = (network(1), network(2))
    var target = start
    target.blend(toward: goal, tau: 0.25)
    for (index, value) in target.parameters.enumerated() {
      let expected = 0.75 * start.parameters[index] + 0.25 * goal.parameters[index]
      #expect(abs(value - expected) < 1e-6)
    }
    target.blend(toward: goal, tau: 1)
    #expect(target == goal)
  }

  @Test func uniformWeightsFillTheirRange() {
    let layer = network(1, hidden: [400]).tensors(prefix: "")
    let bound = 1 / Float(5).squareRoot()
    for tensor in layer.prefix(2) {
      #expect(tensor.values.allSatisfy { abs($0) <= bound })
      #expect(tensor.values.max() ?? 0 > 0.98 * bound)
      #expect(tensor.values.min() ?? 0 < -0.98 * bound)
    }
    let mean = layer[0].values.reduce(0, +) / Float(layer[0].values.count)
    #expect(abs(mean) < 0.03)
  }

  @Test func orthogonalWeightsAreOrthogonalAndScaled() {
    let tensors = network(1, .orthogonal(gain: 2, outputGain: 0.01)).tensors(prefix: "")
    for (index, gain) in [(0, 2.0), (2, 2.0), (4, 0.01)] {
      let (rows, columns) = (tensors[index].shape[0], tensors[index].shape[1])
      let w = tensors[index].values.map(Double.init)
      let vectors =
        rows <= columns
        ? (0..<rows).map { row in (0..<columns).map { w[row * columns + $0] } }
        : (0..<columns).map { column in (0..<rows).map { w[$0 * columns + column] } }
      for (i, x) in vectors.enumerated() {
        for (j, y) in vectors.enumerated() {
          let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / (gain * gain)
          #expect(abs(product - (i == j ? 1 : 0)) < 1e-6)
        }
      }
      #expect(tensors[index + 1].values.allSatisfy { $0 == 0 })
    }
  }

  @Test func normalDrawsHaveTheMomentsOfTheStandardNormal() {
    var random = RandomStream(seed: 9)
    let draws = (0..<200_000).map { _ in random.normal() }
    let moments = (1...4).map { power in
      draws.reduce(0) { sum, x in sum + (0..<power).reduce(1) { y, _ in y * x } } / 200_000
    }
    #expect(abs(moments[0]) < 0.01)
    #expect(abs(moments[1] - 1) < 0.015)
    #expect(abs(moments[2]) < 0.04)
    #expect(abs(moments[3] - 3) < 0.1)
  }
}
