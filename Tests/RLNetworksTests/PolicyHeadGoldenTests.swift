import Foundation
import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded from SB3's and PyTorch's distributions by `Golden/distributions.py`.
private struct Recordings: Decodable {
  struct Head: Decodable {
    var name: String
    var outputs: [Float]
    var free: [Float]
    var latent: [Float]
    var masks: [UInt8]
    var choices: [Int32]
    var controls: [Float]
    var logProbabilities: [Float]
    var entropies: [Float]
    var logProbabilitySlopes: [Float]
    var entropySlopes: [Float]
    var outputGradient: [Float]
    var freeGradient: [Float]
  }
  struct RMSProp: Decodable {
    struct Step: Decodable {
      var parameters: [Float]
      var gradient: [Float]
    }
    var steps: [Step]
    var result: [Float]
  }
  var heads: [Head]
  var rmsprop: RMSProp

  static func load() throws -> Recordings {
    let url = try #require(
      Bundle.module.url(
        forResource: "distributions", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Recordings.self, from: Data(contentsOf: url))
  }
}

@Suite struct PolicyHeadGoldenTests {
  /// Both sides round: some units in the last place of the largest term, relative to it.
  static let tolerance: Float = 4e-6

  /// What each recording is of.
  private static let cases: [String: (ActionSpace, ControlDistribution, usesExpln: Bool)] = [
    "categorical": (ActionSpaces.discrete, .gaussian, false),
    "masked categorical": (
      ActionSpaces.space([ActionSpaces.choice(5, isMasked: true)]), .gaussian, false
    ),
    "multiDiscrete": (
      ActionSpaces.space([
        Leaf(
          kind: .multiDiscrete(counts: [3, 20, 2], starts: [0, 0, 0]), element: .i32, shape: [3])
      ]), .gaussian, false
    ),
    "multiBinary": (
      ActionSpaces.space([Leaf(kind: .multiBinary, element: .u8, shape: [4])]), .gaussian, false
    ),
    "gaussian": (ActionSpaces.controls, .gaussian, false),
    "stateDependentGaussian": (ActionSpaces.controls, .stateDependentGaussian, false),
    "gsde": (ActionSpaces.controls, .gsde, false),
    "gsde expln": (ActionSpaces.controls, .gsde, true),
    "beta": (
      ActionSpaces.space([ActionSpaces.box([0, -1, 0], [1, 1, 2])]), .beta, false
    ),
  ]

  @Test func headsEqualSB3() throws {
    let recordings = try Recordings.load().heads
    #expect(Set(recordings.map(\.name)) == Set(Self.cases.keys))
    for recording in recordings { try expectRecorded(recording) }
  }

  private func expectRecorded(_ recorded: Recordings.Head) throws {
    let (space, controls, usesExpln) = try #require(Self.cases[recorded.name])
    let rows = recorded.entropies.count
    let latentWidth = recorded.latent.count / rows
    let head = try PolicyHead(
      action: space, controls: controls, latentWidth: latentWidth, usesExpln: usesExpln)
    let stride = padded(head.outputs)
    let outputs = spread(recorded.outputs, head.outputs, stride)
    let latent = HiddenRows(
      spread(recorded.latent, latentWidth, padded(latentWidth)), width: latentWidth,
      stride: padded(latentWidth))
    var actions = head.makeActions(rows: rows)
    actions.choices = recorded.choices
    actions.controls = recorded.controls
    if !recorded.masks.isEmpty { actions.masks = recorded.masks }
    head.evaluate(
      outputs: outputs, stride: stride, latent: latent, free: recorded.free, rows: rows,
      actions: &actions, pool: .single)
    expectNear(actions.logProbabilities, recorded.logProbabilities, recorded.name)
    expectNear(actions.entropies, recorded.entropies, recorded.name)
    var gradient = outputs
    var free = recorded.free
    head.backward(
      outputs: outputs, stride: stride, latent: latent, free: recorded.free, rows: rows,
      actions: &actions,
      slopes: HeadSlopes(
        logProbability: recorded.logProbabilitySlopes, entropy: recorded.entropySlopes),
      outputGradient: &gradient, freeGradient: &free, pool: .single)
    let columns = (0..<rows).flatMap { gradient[$0 * stride..<$0 * stride + head.outputs] }
    expectNear(columns, recorded.outputGradient, recorded.name)
    expectNear(free, recorded.freeGradient, recorded.name)
  }

  @Test func threeStepsOfRMSPropEqualSB3sTensorFlowForm() throws {
    let recorded = try Recordings.load().rmsprop
    var optimiser = RMSProp(
      count: recorded.result.count, learningRate: 0.007, alpha: 0.99, epsilon: 1e-5,
      form: .tensorFlow)
    var parameters = recorded.steps[0].parameters
    for step in recorded.steps {
      expectNear(parameters, step.parameters, "a step")
      optimiser.step(&parameters, gradient: step.gradient, pool: .single)
    }
    expectNear(parameters, recorded.result, "the end")
  }

  /// Rows of `width` floats as rows of `stride`.
  private func spread(_ values: [Float], _ width: Int, _ stride: Int) -> [Float] {
    guard width > 0 else { return [] }
    var result = [Float](repeating: 0, count: values.count / width * stride)
    for (index, value) in values.enumerated() {
      result[index / width * stride + index % width] = value
    }
    return result
  }

  private func expectNear(_ values: [Float], _ expected: [Float], _ name: String) {
    #expect(values.count == expected.count, "\(name)")
    for (x, y) in zip(values, expected) {
      #expect(abs(x - y) <= Self.tolerance * max(1, abs(y)), "\(name): \(x), recorded \(y)")
    }
  }
}
