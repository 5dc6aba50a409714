import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// gSDE's noise, its latent, and what the environment gets.
@Suite struct SDENoiseTests {
  private func problem(rows: Int, usesExpln: Bool = false) throws -> HeadProblem {
    try HeadProblem(ActionSpaces.controls, .gsde, rows: rows, usesExpln: usesExpln)
  }

  /// A lane's noise is one linear function of the latent until it is drawn anew.
  @Test func noiseIsTheLatentTimesTheLanesWeights() throws {
    var problem = try problem(rows: 20)
    var noise = problem.head.makeNoise(lanes: 20)
    var lanes = problem.random
    problem.head.resetNoise(
      &noise, free: problem.free, random: &lanes, scratch: &problem.actions, pool: .single)
    problem.sample(noise: noise)
    let first = problem.actions.controls
    for row in 0..<20 {
      for c in 0..<3 {
        let sum = (0..<21).reduce(Float(0)) { sum, l in
          sum + problem.latentValues[row * 32 + l] * noise.weights[(row * 3 + c) * 32 + l]
        }
        let expected = problem.outputs[row * problem.stride + c] + sum
        #expect(abs(first[row * 3 + c] - expected) < 1e-5)
      }
    }
    problem.sample(noise: noise)
    #expect(problem.actions.controls == first)
    problem.head.resetNoise(
      &noise, free: problem.free, random: &lanes, scratch: &problem.actions, pool: .single)
    problem.sample(noise: noise)
    #expect(zip(problem.actions.controls, first).allSatisfy { $0 != $1 })
  }

  @Test(arguments: [false, true]) func weightsHaveTheStdsOfTheParameters(usesExpln: Bool) throws {
    var problem = try problem(rows: 4000, usesExpln: usesExpln)
    var noise = problem.head.makeNoise(lanes: 4000)
    problem.head.resetNoise(
      &noise, free: problem.free, random: &problem.random, scratch: &problem.actions,
      pool: .single)
    for l in [0, 10, 20] {
      for c in 0..<3 {
        let squares = (0..<4000).reduce(0.0) { sum, lane in
          let weight = Double(noise.weights[(lane * 3 + c) * 32 + l])
          return sum + weight * weight
        }
        let x = problem.free[l * 3 + c]
        var values = [usesExpln && x > 0 ? 1 + x : x]
        apply(usesExpln && x > 0 ? .log : .exp, to: &values)
        let std = Double(values[0]) + (usesExpln && x > 0 ? 1 : 0)
        let ratio = (squares / 4000).squareRoot() / std
        #expect(abs(ratio - 1) < 5 / 8000.0.squareRoot())
      }
    }
  }

  @Test func noiseHasTheSameBitsForEveryNumberOfThreads() throws {
    var problem = try problem(rows: 600)
    let pools = [WorkerPool.single, WorkerPool(oversubscribing: 3)]
    let noises = pools.map { pool in
      var noise = problem.head.makeNoise(lanes: 600)
      var lanes = problem.random
      problem.head.resetNoise(
        &noise, free: problem.free, random: &lanes, scratch: &problem.actions, pool: pool)
      return noise
    }
    #expect(noises[0] == noises[1])
  }

  /// The head reads the activations of the layer below the outputs.
  @Test func theLastHiddenLayerOfATapeIsTheLatent() throws {
    var random = RandomStream(seed: 8)
    let network = MLP(
      inputs: 4, hidden: [17, 21], outputs: 3, activation: .tanh, initialisation: .uniformFanIn,
      random: &random)
    var tape = network.makeTape(rows: 9)
    for index in tape.input.indices { tape.input[index] = 2 * random.uniform() - 1 }
    network.forward(&tape, rows: 9, pool: .single)
    #expect(tape.lastHidden.width == 21)
    var problem = try problem(rows: 9)
    problem.latent = tape.lastHidden
    problem.outputs = tape.output
    problem.evaluate()
    let expected = problem.actions.entropies
    problem.latent = HiddenRows(hidden(network, tape, rows: 9), width: 21, stride: 32)
    problem.evaluate()
    #expect(problem.actions.entropies == expected)
  }

  /// The last hidden layer, as the output of the network without its last layer.
  private func hidden(_ network: MLP, _ tape: Tape, rows: Int) -> [Float] {
    var random = RandomStream(seed: 0)
    var below = MLP(
      inputs: 4, hidden: [17], outputs: 21, activation: .tanh, outputActivation: .tanh,
      initialisation: .uniformFanIn, random: &random)
    below.parameters = Array(network.parameters.prefix(below.parameters.count))
    var lower = below.makeTape(rows: rows)
    lower.input = tape.input
    below.forward(&lower, rows: rows, pool: .single)
    return lower.output
  }

  @Test func withoutHiddenLayersTheInputIsTheLatent() {
    var random = RandomStream(seed: 8)
    let network = MLP(
      inputs: 21, hidden: [], outputs: 3, activation: .tanh, initialisation: .uniformFanIn,
      random: &random)
    #expect(network.makeTape(rows: 2).lastHidden.width == 21)
  }

  @Test func controlsAreClippedAndBetasAreStretched() throws {
    let drawn: [Float] = [-3, 0, 0.25, 1.5, 5, 4]
    var controls = [Float](repeating: 0, count: 6)
    let gaussian = try PolicyHead(
      action: ActionSpaces.controls, controls: .gaussian, latentWidth: 1)
    gaussian.environmentControls(drawn, rows: 2, into: &controls)
    #expect(controls == [-1, 0, 0.5, 1, 2, 3])
    let free = try PolicyHead(action: ActionSpaces.unbounded, controls: .gaussian, latentWidth: 1)
    free.environmentControls(drawn, rows: 6, into: &controls)
    #expect(controls == drawn)
    let beta = try PolicyHead(action: ActionSpaces.controls, controls: .beta, latentWidth: 1)
    beta.environmentControls([0, 0.5, 1, 1, 0.25, 0], rows: 2, into: &controls)
    #expect(controls == [-1, 0, 3, 1, -1, 0.5])
  }
}
