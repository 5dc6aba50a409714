import Foundation
import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded by `Golden/offpolicy.py` from Stable-Baselines3.
private struct Recording: Decodable, Sendable {
  struct Tensor: Decodable {
    var name: String
    var shape: [Int]
    var values: [Float]

    var export: PolicyExport.Tensor { .init(name: name, shape: shape, values: values) }
  }
  struct Step: Decodable {
    var observations: [[Float]]
    var next: [[Float]]
    var actions: [[Float]]
    var rewards: [Float]
    var terminated: [Bool]
    var truncated: [Bool]
  }
  struct Run: Decodable {
    var name: String
    var algorithm: String
    var initial: [Tensor]
    var steps: [Step]
    var final: [Tensor]
    var metrics: [String: Double]
  }
  var replayWords: [String]
  var drawWords: [String]
  var runs: [Run]

  static func read() throws -> Recording {
    let url = try #require(
      Bundle.module.url(forResource: "offpolicy", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Recording.self, from: Data(contentsOf: url))
  }
}

/// Three updates from given transitions: metrics, parameters, targets and temperature are those of
/// Stable-Baselines3.
@Suite struct OffPolicyGoldenTests {
  private static let deterministic: [String: @Sendable (inout TD3.Configuration) -> Void] = [
    "td3": { _ in },
    "td3, delay of three": {
      $0.policyDelay = 3
      $0.targetPolicyNoise = 0.6
    },
    "td3, tanh and a schedule": {
      $0.policyDelay = 1
      $0.learningRate = .linear(from: 0.02)
      $0.activation = .tanh
    },
  ]

  private static let soft: [String: @Sendable (inout SAC.Configuration) -> Void] = [
    "sac": { _ in },
    "sac, fixed": { $0.entCoef = .fixed(0.2) },
    "sac, from a tenth": {
      $0.entCoef = .learned(from: 0.1)
      $0.targetEntropy = -0.5
    },
    "sac, three steps": {
      $0.nSteps = 3
      $0.targetUpdateInterval = 2
    },
    "sac, gsde": { $0.useSDE = true },
  ]

  private static let spec = EnvironmentSpec(
    id: "Recorded-v0",
    observation: Space([
      Leaf(kind: .box(low: [-9, -9, -9], high: [9, 9, 9]), element: .f32, shape: [3])
    ]),
    action: Space([Leaf(kind: .box(low: [-2, 0], high: [2, 1]), element: .f32, shape: [2])]))

  private func set<C: OffPolicyConfiguration>(_ configuration: inout C) {
    configuration.gamma = 0.9
    configuration.learningRate = .constant(0.01)
    configuration.tau = 0.3
    configuration.hidden = [10, 7]
    configuration.criticHidden = [9]
    configuration.batchSize = 5
    configuration.bufferSize = 100
    configuration.learningStarts = 0
    configuration.trainFrequency = 24
    configuration.gradientSteps = 3
  }

  private func bytes(_ rows: [[Float]]) -> [UInt8] {
    rows.joined().flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private func batch(_ step: Recording.Step) -> StepBatch {
    var batch = StepBatch(Self.spec, lanes: 2)
    batch.observations = bytes(step.observations)
    batch.nextObservations = bytes(step.next)
    batch.controls = step.actions.flatMap { $0 }
    batch.rewards = step.rewards
    batch.terminated = step.terminated
    batch.truncated = step.truncated
    return batch
  }

  /// The agent's state with the recorded critics and streams.
  private func state(
    _ agent: some Agent, _ critics: CriticEnsemble, _ run: Recording.Run, _ recording: Recording
  ) throws -> SavedState {
    var state = agent.saveState()
    var critics = critics
    try critics.load(
      tensors: run.initial.map(\.export), prefix: "critic.", targetPrefix: "critic_target.")
    state.merge(critics.saveState(), prefix: "critics")
    let random = try state.words("experience.random", count: 12)
    state["experience.random"] = .words(
      random[..<4] + recording.replayWords.compactMap { UInt64($0) }
        + recording.drawWords.compactMap { UInt64($0) })
    return state
  }

  /// Records the steps, learns, and compares metrics and critics.
  private func expectLearned<A: Agent>(
    _ agent: inout A, _ run: Recording.Run, critics: (A) -> CriticEnsemble
  ) throws {
    for step in run.steps { agent.observe(batch(step)) }
    #expect(try agent.learn() == 3)
    let metrics = agent.takeMetrics()
    for (name, value) in run.metrics where name.hasPrefix("train/") {
      #expect(abs((metrics[name] ?? .nan) - value) < 1e-4 * max(1, abs(value)), "\(name)")
    }
    expectEqual(critics(agent).tensors(prefix: "critic."), run)
    expectEqual(critics(agent).tensors(prefix: "critic_target.", ofTarget: true), run)
  }

  private func expectEqual(_ tensors: [PolicyExport.Tensor], _ run: Recording.Run) {
    for tensor in tensors {
      let recorded = run.final.first { $0.name == tensor.name }
      #expect(tensor.shape == recorded?.shape, "\(tensor.name)")
      let worst = zip(tensor.values, recorded?.values ?? []).map { abs($0 - $1) }.max() ?? .nan
      #expect(worst < 3e-5, "\(tensor.name)")
    }
  }

  /// A network with the recorded weights under a prefix.
  private func network(
    _ network: MLP, _ tensors: [Recording.Tensor], _ prefix: String
  ) throws -> MLP {
    var network = network
    try network.load(tensors: tensors.map(\.export), prefix: prefix)
    return network
  }

  private func expectGolden<A: Agent>(
    _ agent: A, _ run: Recording.Run, _ recording: Recording,
    critics: (A) -> CriticEnsemble
  ) throws where A.ActingPolicy == DeterministicPolicy {
    var agent = agent
    var state = try state(agent, critics(agent), run, recording)
    for (part, prefix) in [("actor", "actor.mu."), ("actorTarget", "actor_target.mu.")] {
      state.merge(
        try network(agent.policy.network, run.initial, prefix).saveState(), prefix: part)
    }
    try agent.restore(state)
    try expectLearned(&agent, run, critics: critics)
    expectEqual(agent.policy.export().tensors, run)
    var target = agent.policy.network
    try target.restore(agent.saveState().part("actorTarget"))
    expectEqual(target.tensors(prefix: "actor_target.mu."), run)
  }

  @Test(arguments: [("ddpg", 1), ("ddpg, three steps", 3)])
  func anUpdateOfDDPGIsThatOfStableBaselines3(name: String, steps: Int) throws {
    let recording = try Recording.read()
    let run = try #require(recording.runs.first { $0.name == name })
    var configuration = DDPG.Configuration()
    set(&configuration)
    configuration.nSteps = steps
    let agent = try DDPG(
      spec: Self.spec, lanes: 2, configuration: configuration, plannedSteps: 40, seed: 0,
      pool: .single)
    try expectGolden(agent, run, recording, critics: \.critics)
  }

  @Test(arguments: deterministic.keys.sorted())
  func anUpdateOfTD3IsThatOfStableBaselines3(name: String) throws {
    let recording = try Recording.read()
    let run = try #require(recording.runs.first { $0.name == name })
    var configuration = TD3.Configuration()
    set(&configuration)
    Self.deterministic[name]?(&configuration)
    let agent = try TD3(
      spec: Self.spec, lanes: 2, configuration: configuration, plannedSteps: 40, seed: 0,
      pool: .single)
    try expectGolden(agent, run, recording, critics: \.critics)
  }

  @Test(arguments: soft.keys.sorted())
  func anUpdateOfSACIsThatOfStableBaselines3(name: String) throws {
    let recording = try Recording.read()
    let run = try #require(recording.runs.first { $0.name == name })
    var configuration = SAC.Configuration()
    set(&configuration)
    Self.soft[name]?(&configuration)
    var agent = try SAC(
      spec: Self.spec, lanes: 2, configuration: configuration, plannedSteps: 40, seed: 0,
      pool: .single)
    var state = try state(agent, agent.critics, run, recording)
    var actor = agent.actor
    try actor.load(tensors: run.initial.map(\.export))
    state.merge(actor.saveState(), prefix: "actor")
    try agent.restore(state)
    try expectLearned(&agent, run, critics: \.critics)
    expectEqual(agent.actor.tensors, run)
    if let final = run.metrics["final ent_coef"] {
      #expect(abs(Double(agent.temperature.value) - final) < 1e-6)
    }
  }
}
