import Foundation
import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded by `Golden/rainbow.py`, which has the papers' equations in NumPy.
private struct Recording: Decodable, Sendable {
  struct Tensor: Decodable {
    var name: String
    var shape: [Int]
    var values: [Float]
  }
  struct Step: Decodable {
    var observation: [Float]
    var mask: [UInt8]
    var choice: Int32
    var reward: Float
    var terminated: Bool
    var truncated: Bool
    var next: [Float]
    var nextMask: [UInt8]
  }
  struct Update: Decodable {
    var loss: Double
    var norm: Double
    var parameters: [Tensor]
    var priorities: [[Float]]
  }
  var online: [Tensor]
  var target: [Tensor]
  var words: [String]
  var lanes: [[Step]]
  var priorities: [[Float]]
  var updates: [Update]

  static func read() throws -> Recording {
    let url = try #require(
      Bundle.module.url(forResource: "rainbow", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Recording.self, from: Data(contentsOf: url))
  }
}

/// Updates with every option at once, masks and two lanes, as an independent program computes them.
@Suite struct RainbowGoldenTests {
  private let spec = EnvironmentSpec(
    id: "Recorded-v0",
    observation: Space([
      Leaf(
        kind: .box(low: [-9, -9, -9], high: [9, 9, 9]), element: .f32, shape: [3])
    ]),
    action: Space([Leaf(kind: .discrete(count: 4, start: 0), element: .i32, isMasked: true)]))

  private func configuration(updates: Int, steps: Int) -> DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [10, 7]
    configuration.learningRate = .constant(0.01)
    configuration.bufferSize = 200
    configuration.learningStarts = steps - 1
    configuration.batchSize = 6
    configuration.gamma = 0.9
    configuration.trainFrequency = steps
    configuration.gradientSteps = updates
    configuration.targetUpdateInterval = 1_000_000
    configuration.maxGradientNorm = 0.7
    configuration.doubleQ = true
    configuration.dueling = true
    configuration.nSteps = 3
    configuration.prioritized = true
    configuration.priorityAlpha = 0.7
    configuration.priorityBetaStart = 0.3
    configuration.priorityBetaEnd = 0.9
    configuration.priorityEpsilon = 0.02
    return configuration
  }

  /// The recorded steps in an agent with the recorded weights, priorities and stream.
  private func agent(_ recording: Recording, updates: Int) throws -> DQN {
    let steps = recording.lanes.reduce(0) { $0 + $1.count }
    var agent = try DQN(
      spec: spec, lanes: 2, configuration: configuration(updates: updates, steps: steps),
      plannedSteps: 100, seed: 0, pool: .single)
    for t in recording.lanes[0].indices {
      agent.observe(batch(recording.lanes.map { $0[t] }))
    }
    var state = agent.saveState()
    state.merge(try network(recording.online, like: agent).saveState(), prefix: "online")
    state.merge(try network(recording.target, like: agent).saveState(), prefix: "target")
    state["priorities.leaves"] = .floats(leaves(recording.priorities, in: agent.replay))
    let words = recording.words.compactMap { UInt64($0) }
    state["random"] = .words(RandomStream(seed: 0).words + words)
    try agent.restore(state)
    return agent
  }

  private func batch(_ steps: [Recording.Step]) -> StepBatch {
    var batch = StepBatch(spec, lanes: steps.count)
    batch.observations = steps.flatMap { $0.observation.flatMap(bytes) }
    batch.nextObservations = steps.flatMap { $0.next.flatMap(bytes) }
    batch.masks = steps.flatMap(\.mask)
    batch.nextMasks = steps.flatMap(\.nextMask)
    batch.choices = steps.map(\.choice)
    batch.rewards = steps.map(\.reward)
    batch.terminated = steps.map(\.terminated)
    batch.truncated = steps.map(\.truncated)
    return batch
  }

  private func bytes(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
  }

  private func network(_ tensors: [Recording.Tensor], like agent: DQN) throws -> QNetwork {
    var network = agent.online
    try network.load(
      tensors: tensors.map { .init(name: $0.name, shape: $0.shape, values: $0.values) }, prefix: "")
    return network
  }

  /// Each lane's priorities at the rows in which its transitions start, in order.
  private func leaves(_ priorities: [[Float]], in ring: ReplayBuffer) -> [Float] {
    var left = priorities.map { $0[...] }
    return (0..<ring.lanes * ring.rowsPerLane).map { row in
      ring.isTransition(row) ? left[row / ring.rowsPerLane].removeFirst() : 0
    }
  }

  private func expectNear(_ values: [Float], _ expected: [Float], _ name: String) {
    #expect(values.count == expected.count)
    let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? .nan
    #expect(worst <= 1e-5, "\(name)")
  }

  @Test(arguments: [1, 2, 3])
  func updatesAreThoseOfTheEquations(updates: Int) throws {
    let recording = try Recording.read()
    var agent = try agent(recording, updates: updates)
    #expect(try agent.learn() == updates)
    let expected = recording.updates[..<updates]
    let last = expected[updates - 1]
    for (tensor, recorded) in zip(agent.online.tensors(prefix: ""), last.parameters) {
      #expect(tensor.name == recorded.name && tensor.shape == recorded.shape)
      expectNear(tensor.values, recorded.values, tensor.name)
    }
    let tree = try #require(agent.priorities?.tree)
    expectNear(tree.weights, leaves(last.priorities, in: agent.replay), "priorities")
    let metrics = agent.takeMetrics()
    let loss = expected.reduce(0) { $0 + $1.loss } / Double(updates)
    let norm = expected.reduce(0) { $0 + $1.norm } / Double(updates)
    #expect(abs((metrics["train/loss"] ?? .nan) - loss) < 1e-5)
    #expect(abs((metrics["train/grad_norm"] ?? .nan) - norm) < 1e-5)
    #expect(abs((metrics["train/priority_beta"] ?? .nan) - 0.66) < 1e-6)
  }
}
