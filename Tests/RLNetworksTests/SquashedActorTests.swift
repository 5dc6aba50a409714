import Foundation
import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded by `Golden/squashed.py` from PyTorch.
private struct Recording: Decodable, Sendable {
  struct Tensor: Decodable {
    var name: String
    var shape: [Int]
    var values: [Float]

    var export: PolicyExport.Tensor { .init(name: name, shape: shape, values: values) }
  }
  var name: String
  var usesSDE: Bool
  var observations: [Float]
  var noise: [Float]
  var actions: [Float]
  var logProbabilities: [Float]
  var values: [Float]
  var loss: Float
  var tensors: [Tensor]
  var gradient: [Tensor]

  static func read() throws -> [Recording] {
    let url = try #require(
      Bundle.module.url(forResource: "squashed", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode([Recording].self, from: Data(contentsOf: url))
  }
}

@Suite struct SquashedActorTests {
  private static let names = ["plain", "plain, wide", "gsde", "gsde, means clipped"]

  private static func encoder(_ inputs: Int) -> ObservationEncoder {
    let bound = [Double](repeating: 9, count: inputs)
    return ObservationEncoder(
      Space([Leaf(kind: .box(low: bound.map { -$0 }, high: bound), element: .f32, shape: [inputs])])
    )
  }

  private static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private func expectNear(
    _ values: some Collection<Float>, _ recorded: [Float], within tolerance: Float, _ name: String
  ) {
    #expect(values.count == recorded.count, "\(name)")
    let worst = zip(values, recorded).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .nan
    #expect(worst < tolerance, "\(name)")
  }

  @Test(arguments: names)
  func drawsAndGradientsAreThoseOfPyTorch(name: String) throws {
    let recording = try #require(try Recording.read().first { $0.name == name })
    let tensors = recording.tensors.map(\.export)
    var actor = SquashedActor(
      zeros: .init(
        inputs: 3, hidden: [7, 5], controls: 2, activation: .tanh, usesSDE: recording.usesSDE))
    try actor.load(tensors: tensors)
    let rows = recording.logProbabilities.count
    var tape = actor.makeTape(rows: rows, isTrained: true)
    let (encoder, bytes) = (Self.encoder(3), Self.bytes(recording.observations))
    encoder.encode(bytes, count: rows, into: &tape.input, stride: tape.inputStride)
    if recording.usesSDE {
      actor.setNoise(&tape, draws: recording.noise)
    } else {
      tape.draws = recording.noise
    }
    actor.forward(&tape, rows: rows, pool: .single)
    actor.sample(&tape, rows: rows, pool: .single)
    expectNear(tape.actions, recording.actions, within: 2e-6, "actions")
    expectNear(tape.logProbabilities, recording.logProbabilities, within: 2e-5, "ln p")

    var random = RandomStream(seed: 1)
    var critics = CriticEnsemble(
      count: 2, observationWidth: 3, controls: 2, hidden: [8], activation: .tanh,
      learningRate: 1e-3, batchSize: rows, random: &random)
    try critics.load(tensors: tensors, prefix: "critic.", targetPrefix: "critic.")
    let indices = (0..<Int32(rows)).map { $0 }
    critics.setObservations(encoder, gathering: indices, from: bytes)
    critics.setActions(tape.actions)
    var values = [Float](repeating: 0, count: rows)
    var slopes = [Float](repeating: 0, count: 2 * rows)
    critics.leastValues(into: &values, slopes: &slopes, pool: .single)
    expectNear(values, recording.values, within: 1e-5, "values")

    var gradient = [Float](repeating: 0, count: actor.parameters.count)
    actor.backward(
      &tape, rows: rows, actionSlopes: slopes.map { -$0 / Float(rows) },
      logProbabilitySlope: 0.3 / Float(rows), gradient: &gradient, pool: .single)
    var holder = actor
    holder.parameters = gradient
    for recorded in recording.gradient {
      let tensor = try #require(holder.tensors.first { $0.name == recorded.name })
      #expect(tensor.shape == recorded.shape)
      expectNear(tensor.values, recorded.values, within: 2e-5, recorded.name)
    }
  }

  /// A sampled actor whose loss is a fixed linear function of its actions and log-probabilities.
  private struct Problem {
    var actor: SquashedActor
    var tape: SquashedTape
    let draws: [Float]
    let slopes: [Float]
    let rows: Int
    var pool = WorkerPool.single

    init(usesSDE: Bool, hidden: [Int] = [9, 6], rows: Int = 7) {
      var random = RandomStream(seed: 11)
      actor = SquashedActor(
        .init(inputs: 4, hidden: hidden, controls: 3, activation: .tanh, usesSDE: usesSDE),
        logStdInit: -0.7, random: &random)
      tape = actor.makeTape(rows: rows, isTrained: true)
      for i in tape.input.indices { tape.input[i] = Float(random.normal()) }
      let count = usesSDE ? (hidden.last ?? 0) * 3 : rows * 3
      draws = (0..<count).map { _ in Float(random.normal()) }
      slopes = (0..<rows * 3).map { _ in Float(random.normal()) }
      self.rows = rows
    }

    mutating func sample() {
      if actor.architecture.usesSDE {
        actor.setNoise(&tape, draws: draws)
      } else {
        tape.draws = draws
      }
      actor.forward(&tape, rows: rows, pool: pool)
      actor.sample(&tape, rows: rows, pool: pool)
    }

    mutating func loss() -> Double {
      sample()
      return zip(tape.actions, slopes).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        + tape.logProbabilities.reduce(0) { $0 + 0.4 * Double($1) }
    }

    mutating func gradient() -> [Float] {
      sample()
      var gradient = [Float](repeating: 0, count: actor.parameters.count)
      actor.backward(
        &tape, rows: rows, actionSlopes: slopes, logProbabilitySlope: 0.4, gradient: &gradient,
        pool: pool)
      return gradient
    }
  }

  @Test(arguments: [false, true])
  func backwardEqualsCentralDifferences(usesSDE: Bool) {
    var problem = Problem(usesSDE: usesSDE)
    let gradient = problem.gradient()
    var used = 0
    for index in problem.actor.parameters.indices where gradient[index] != 0 {
      let (value, step): (Float, Float) = (problem.actor.parameters[index], 4e-3)
      problem.actor.parameters[index] = value + step
      let above = problem.loss()
      problem.actor.parameters[index] = value - step
      let below = problem.loss()
      problem.actor.parameters[index] = value
      let slope = (above - below) / (2 * Double(step))
      #expect(abs(slope - Double(gradient[index])) < 4e-3 * max(1, abs(slope)), "at \(index)")
      used += 1
    }
    // every weight, bias and log-std, and no padding
    #expect(used == 4 * 9 + 9 + 9 * 6 + 6 + (usesSDE ? 6 * 3 + 3 + 6 * 3 : 6 * 6 + 6))
  }

  @Test(arguments: [false, true], [2, 3])
  func theBitsDoNotDependOnTheThreads(usesSDE: Bool, threads: Int) {
    var one = Problem(usesSDE: usesSDE, hidden: [40, 33], rows: 90)
    var several = one
    several.pool = WorkerPool(oversubscribing: threads)
    #expect(one.gradient() == several.gradient())
    #expect(one.tape.actions == several.tape.actions)
    #expect(one.tape.logProbabilities == several.tape.logProbabilities)
  }

  // p(a) over -1 ... 1 adds up to 1: the sum over u of exp(ln p) (1 - tanh² u) du.
  @Test func theDensityOfActionsIntegratesToOne() {
    var random = RandomStream(seed: 3)
    let actor = SquashedActor(
      .init(inputs: 1, hidden: [4], controls: 1, activation: .tanh, usesSDE: false),
      logStdInit: 0, random: &random)
    let rows = 2001
    var tape = actor.makeTape(rows: rows)
    for row in 0..<rows {
      tape.input[row * tape.inputStride] = 0.5
      tape.draws[row] = -8 + 16 * Float(row) / Float(rows - 1)
    }
    actor.forward(&tape, rows: rows, pool: .single)
    actor.sample(&tape, rows: rows, pool: .single)
    var total = 0.0
    for row in 1..<rows {
      let width = Double(tape.actions[row]) - Double(tape.actions[row - 1])
      let heights = [row - 1, row].map { exp(Double(tape.logProbabilities[$0])) }
      total += width * (heights[0] + heights[1]) / 2
    }
    #expect(abs(total - 1) < 2e-3)
  }

  // The naive ln(1 - tanh² u) is -infinity from |u| = 9 on.
  @Test func farOutTheLogProbabilityIsFiniteAndRight() throws {
    let architecture = SquashedActor.Architecture(
      inputs: 1, hidden: [1], controls: 1, activation: .tanh, usesSDE: false)
    for mean in [Float(-60), -20, 0, 20, 60] {
      var actor = SquashedActor(zeros: architecture)
      var tensors = actor.tensors
      let bias = try #require(tensors.firstIndex { $0.name == "actor.mu.bias" })
      tensors[bias].values = [mean]
      try actor.load(tensors: tensors)
      var tape = actor.makeTape(rows: 1, isTrained: true)
      tape.draws[0] = 0.5
      actor.forward(&tape, rows: 1, pool: .single)
      actor.sample(&tape, rows: 1, pool: .single)
      // std is 1; ln(1 - tanh² u) = 2 (ln 2 - |u|) far out
      let u = Double(mean) + 0.5
      let squash = 2 * (log(2) - abs(u) - log1p(exp(-2 * abs(u))))
      let expected = -0.125 - 0.5 * log(2 * Double.pi) - squash
      #expect(abs(Double(tape.logProbabilities[0]) - expected) < 1e-5 * max(1, abs(expected)))
      var gradient = actor.parameters
      actor.backward(
        &tape, rows: 1, actionSlopes: [1], logProbabilitySlope: 1, gradient: &gradient,
        pool: .single)
      #expect(gradient.allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: [false, true])
  func tensorsHaveTheNamesOfStableBaselines3AndComeBack(usesSDE: Bool) throws {
    let problem = Problem(usesSDE: usesSDE)
    let names = problem.actor.tensors.map(\.name)
    let trunk = ["actor.latent_pi.0.weight", "actor.latent_pi.0.bias"]
    #expect(names.prefix(2) == trunk[...])
    #expect(
      names.suffix(usesSDE ? 3 : 4)
        == (usesSDE
          ? ["actor.mu.0.weight", "actor.mu.0.bias", "actor.log_std"]
          : ["actor.mu.weight", "actor.mu.bias", "actor.log_std.weight", "actor.log_std.bias"]))
    var other = SquashedActor(zeros: problem.actor.architecture)
    try other.load(tensors: problem.actor.tensors)
    #expect(other == problem.actor)
    #expect(throws: StateError.self) { try other.load(tensors: Array(other.tensors.dropLast())) }
  }

  @Test func theModeIsTheSquashedMean() {
    var problem = Problem(usesSDE: false)
    problem.sample()
    problem.actor.mode(&problem.tape, rows: problem.rows)
    for row in 0..<problem.rows {
      for c in 0..<3 {
        let mean = problem.tape.output[row * problem.tape.outputStride + c]
        #expect(abs(problem.tape.actions[row * 3 + c] - tanh(mean)) < 1e-6)
      }
    }
  }
}
