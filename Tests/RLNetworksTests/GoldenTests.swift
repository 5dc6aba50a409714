import Foundation
import RLCore
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded from PyTorch by `Golden/record.py`.
private struct Recording: Decodable, Sendable {
  struct Tensor: Decodable, Sendable {
    var name: String
    var shape: [Int]
    var values: [Float]
  }
  struct Steps: Decodable, Sendable {
    struct Entry: Decodable, Sendable {
      var loss: Float
      var norm: Float
    }
    var trace: [Entry]
    var parameters: [Tensor]
  }
  var activation: String
  var loss: String
  var maximum: Float
  var initial: [Tensor]
  var input: [Float]
  var target: [Float]
  var output: [Float]
  var gradient: [Tensor]
  var inputGradient: [Float]
  var adam: Steps
  var rmsprop: Steps
}

/// Forward, backward and three steps of each optimiser, as PyTorch computes them.
@Suite struct GoldenTests {
  /// PyTorch adds in another order: some units in the last place of the largest term.
  static let tolerance: Float = 2e-6

  private static func recordings() throws -> [Recording] {
    let url = try #require(
      Bundle.module.url(forResource: "torch", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode([Recording].self, from: Data(contentsOf: url))
  }

  @Test func forwardAndBackwardEqualPyTorch() throws {
    for recording in try Self.recordings() {
      var problem = try Problem(recording)
      let gradient = problem.gradient()
      expectNear(problem.rows(problem.tape.output, problem.tape.outputStride, 3), recording.output)
      var slopes = problem.network
      slopes.parameters = gradient
      expectNear(slopes.tensors(prefix: ""), recording.gradient)
      expectNear(
        problem.rows(problem.tape.inputGradient, problem.tape.inputStride, 4),
        recording.inputGradient)
    }
  }

  @Test func threeStepsOfAdamEqualPyTorch() throws {
    for recording in try Self.recordings() {
      var problem = try Problem(recording)
      var adam = Adam(count: problem.network.parameters.count, learningRate: 0.01)
      problem.expectSteps(recording.adam) { parameters, gradient, scale in
        adam.step(&parameters, gradient: gradient, scale: scale, pool: .single)
      }
      expectNear(problem.network.tensors(prefix: ""), recording.adam.parameters)
    }
  }

  @Test func threeStepsOfRMSPropEqualPyTorch() throws {
    for recording in try Self.recordings() {
      var problem = try Problem(recording)
      var optimiser = RMSProp(
        count: problem.network.parameters.count, learningRate: 0.005, alpha: 0.95, epsilon: 1e-4)
      problem.expectSteps(recording.rmsprop) { parameters, gradient, scale in
        optimiser.step(&parameters, gradient: gradient, scale: scale, pool: .single)
      }
      expectNear(problem.network.tensors(prefix: ""), recording.rmsprop.parameters)
    }
  }

  private func expectNear(_ tensors: [PolicyExport.Tensor], _ recorded: [Recording.Tensor]) {
    #expect(tensors.map(\.name) == recorded.map(\.name))
    #expect(tensors.map(\.shape) == recorded.map(\.shape))
    for (tensor, expected) in zip(tensors, recorded) { expectNear(tensor.values, expected.values) }
  }

  private func expectNear(_ values: [Float], _ expected: [Float]) {
    #expect(values.count == expected.count)
    let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= Self.tolerance)
  }
}

/// A recorded network, its batch and its loss.
private struct Problem {
  let recording: Recording
  let loss: Loss
  var network: MLP
  var tape: Tape
  let count: Int

  init(_ recording: Recording) throws {
    self.recording = recording
    loss = recording.loss == "MSELoss" ? .squared : .huber
    var random = RandomStream(seed: 0)
    let activation = try #require(Activation(rawValue: recording.activation))
    network = MLP(
      inputs: 4, hidden: [9, 17], outputs: 3, activation: activation,
      initialisation: .uniformFanIn, random: &random)
    try network.load(
      tensors: recording.initial.map {
        PolicyExport.Tensor(name: $0.name, shape: $0.shape, values: $0.values)
      }, prefix: "")
    count = recording.input.count / 4
    tape = network.makeTape(rows: count, inputGradient: true)
    for (index, value) in recording.input.enumerated() {
      tape.input[index / 4 * tape.inputStride + index % 4] = value
    }
  }

  /// The gradient of the mean loss.
  mutating func gradient() -> [Float] {
    network.forward(&tape, rows: count, pool: .single)
    for (index, target) in recording.target.enumerated() {
      let place = index / 3 * tape.outputStride + index % 3
      tape.outputGradient[place] =
        loss.derivative(tape.output[place] - target) / Float(recording.target.count)
    }
    var gradient = [Float](repeating: 0, count: network.parameters.count)
    network.backward(&tape, rows: count, gradient: &gradient, pool: .single)
    return gradient
  }

  func meanLoss() -> Float {
    let outputs = rows(tape.output, tape.outputStride, 3)
    let sum = zip(outputs, recording.target).reduce(Float(0)) { $0 + loss.value($1.0 - $1.1) }
    return sum / Float(outputs.count)
  }

  /// Makes the recorded steps, comparing loss and norm before each.
  mutating func expectSteps(
    _ steps: Recording.Steps, _ step: (inout [Float], [Float], Float) -> Void
  ) {
    for expected in steps.trace {
      let gradient = gradient()
      let norm = globalNorm(gradient, pool: .single)
      #expect(abs(meanLoss() - expected.loss) <= 4 * GoldenTests.tolerance)
      #expect(abs(norm - expected.norm) <= 4 * GoldenTests.tolerance)
      step(
        &network.parameters, gradient,
        clippingFactor(norm: norm, maximum: recording.maximum))
    }
  }

  func rows(_ values: [Float], _ stride: Int, _ width: Int) -> [Float] {
    (0..<count).flatMap { values[$0 * stride..<$0 * stride + width] }
  }
}
