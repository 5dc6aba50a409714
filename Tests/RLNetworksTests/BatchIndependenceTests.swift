import RLCore
import RLNetworks
import RLParallel
import Testing

/// A row's result is a function of the row and the parameters, to the last bit.
@Suite struct BatchIndependenceTests {
  @Test(arguments: [Activation.relu, .tanh])
  func aRowDoesNotDependOnItsBatchOrItsPlace(_ activation: Activation) {
    var random = RandomStream(seed: 7)
    let network = MLP(
      inputs: 5, hidden: [70, 33], outputs: 3, activation: activation,
      initialisation: .uniformFanIn, random: &random)
    let rows = (0..<40).map { _ in (0..<5).map { _ in random.uniform() * 4 - 2 } }
    let alone = rows.map { outputs(network, [$0], .single)[0] }
    let pool = WorkerPool(oversubscribing: 3)
    for size in 1...40 {
      let first = (size * 7) % 40
      let batch = (0..<size).map { rows[(first + $0) % 40] }
      let expected = (0..<size).map { alone[(first + $0) % 40] }
      #expect(outputs(network, batch, .single) == expected, "\(size) rows")
      #expect(outputs(network, batch, pool) == expected, "\(size) rows, 3 threads")
    }
  }

  /// Bit patterns of each row's outputs.
  private func outputs(_ network: MLP, _ rows: [[Float]], _ pool: WorkerPool) -> [[UInt32]] {
    var tape = network.makeTape(rows: rows.count)
    for (index, row) in rows.enumerated() {
      for (column, value) in row.enumerated() {
        tape.input[index * tape.inputStride + column] = value
      }
    }
    network.forward(&tape, rows: rows.count, pool: pool)
    return rows.indices.map { index in
      (0..<network.outputs).map { tape.output[index * tape.outputStride + $0].bitPattern }
    }
  }
}
