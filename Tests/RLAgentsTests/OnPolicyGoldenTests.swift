import Foundation
import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// Numbers recorded by `Golden/onpolicy.py` from Stable-Baselines3.
private struct Recording: Decodable, Sendable {
  struct Tensor: Decodable {
    var name: String
    var shape: [Int]
    var values: [Float]
  }
  struct Step: Decodable {
    var observations: [Float]
    var next: [Float]
    var actions: [Float]
    var logProbabilities: [Float]
    var rewards: [Float]
    var terminated: [Bool]
    var truncated: [Bool]
  }
  struct Run: Decodable {
    var name: String
    var initial: [Tensor]
    var steps: [Step]
    var advantages: [Float]
    var returns: [Float]
    var final: [Tensor]
    var metrics: [String: Double]
  }
  var words: [String]
  var ppo: [Run]
  var a2c: [Run]

  static func read() throws -> Recording {
    let url = try #require(
      Bundle.module.url(forResource: "onpolicy", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Recording.self, from: Data(contentsOf: url))
  }
}

/// A whole update from a given rollout: advantages, metrics and parameters are those of
/// Stable-Baselines3.
@Suite struct OnPolicyGoldenTests {
  private static let ppo: [String: @Sendable (inout PPO.Configuration) -> Void] = [
    "discrete": {
      $0.entCoef = 0.02
      $0.maxGradientNorm = 0.4
    },
    "schedules": {
      $0.learningRate = .linear(from: 0.02)
      $0.clipRange = .linear(from: 0.3)
    },
    "values clipped": {
      $0.clipRangeVf = .constant(0.1)
      $0.vfCoef = 0.8
    },
    "early stop": { $0.targetKL = 0.06 },
    "advantages as they are": { $0.normalizeAdvantage = false },
    "continuous": { $0.entCoef = 0.01 },
    "continuous, values clipped": { $0.clipRangeVf = .constant(0.1) },
    "several": { $0.entCoef = 0.01 },
    "binary": { $0.entCoef = 0.01 },
    "gsde": {
      $0.entCoef = 0.01
      $0.useSDE = true
    },
    "relu": { $0.activation = .relu },
    "one batch of all": { $0.batchSize = 64 },
  ]

  private static let a2c: [String: @Sendable (inout A2C.Configuration) -> Void] = [
    "discrete": { $0.entCoef = 0.02 },
    "pytorch": { $0.optimizer = .rmsprop },
    "adam": {
      $0.optimizer = .adam
      $0.gaeLambda = 0.7
    },
    "normalised": {
      $0.normalizeAdvantage = true
      $0.gaeLambda = 0.9
    },
    "continuous": { $0.vfCoef = 0.4 },
  ]

  private func common<C: OnPolicyConfiguration>(_ configuration: inout C) {
    configuration.nSteps = 7
    configuration.gamma = 0.9
    configuration.learningRate = .constant(0.01)
    configuration.hidden = [10, 7]
    configuration.criticHidden = [9]
  }

  /// The space that a recorded action is of.
  private func spec(_ name: String, actions: Int) -> EnvironmentSpec {
    let leaf: Leaf =
      switch name {
      case "several":
        Leaf(
          kind: .multiDiscrete(counts: [3, 2], starts: [0, 0]), element: .i32, shape: [2])
      case "binary": Leaf(kind: .multiBinary, element: .u8, shape: [3])
      default:
        actions == 1
          ? Leaf(kind: .discrete(count: 4, start: 0), element: .i32)
          : Leaf(kind: .box(low: [-1, -1], high: [1, 1]), element: .f32, shape: [2])
      }
    return EnvironmentSpec(
      id: "Recorded-v0",
      observation: Space([
        Leaf(kind: .box(low: [-9, -9, -9], high: [9, 9, 9]), element: .f32, shape: [3])
      ]), action: Space([leaf]))
  }

  private func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private func batch(_ step: Recording.Step, _ spec: EnvironmentSpec) -> StepBatch {
    var batch = StepBatch(spec, lanes: 2)
    batch.observations = bytes(step.observations)
    batch.nextObservations = bytes(step.next)
    batch.rewards = step.rewards
    batch.terminated = step.terminated
    batch.truncated = step.truncated
    return batch
  }

  /// What the recorded policy drew.
  private func actions(_ step: Recording.Step, _ head: PolicyHead) -> ActionRows {
    var actions = head.makeActions(rows: 2)
    if head.action.controlCount > 0 {
      actions.controls = step.actions
    } else {
      actions.choices = step.actions.map { Int32($0) }
    }
    actions.logProbabilities = step.logProbabilities
    return actions
  }

  private func tensors(_ recorded: [Recording.Tensor]) -> [PolicyExport.Tensor] {
    recorded.map { .init(name: $0.name, shape: $0.shape, values: $0.values) }
  }

  /// The agent's state with the recorded weights and stream.
  private func state(
    _ agent: some Agent, _ run: Recording.Run, _ words: [String], _ policy: ActorCriticPolicy
  ) throws -> SavedState {
    var state = agent.saveState()
    var network = policy.network
    try network.load(tensors: tensors(run.initial))
    state.merge(network.saveState(), prefix: "network")
    let random = try state.words("random", count: 12)
    state["random"] = .words(words.compactMap { UInt64($0) } + random[4...])
    return state
  }

  private func expectEqual(
    _ policy: ActorCriticPolicy, _ metrics: Metrics, _ run: Recording.Run
  ) {
    let learned = policy.network.tensors
    #expect(learned.map(\.name).sorted() == run.final.map(\.name).sorted())
    for recorded in run.final {
      let tensor = learned.first { $0.name == recorded.name }
      #expect(tensor?.shape == recorded.shape)
      let worst = zip(tensor?.values ?? [], recorded.values).map { abs($0 - $1) }.max() ?? .nan
      #expect(worst < 2e-5, "\(recorded.name)")
    }
    // the loss recorded is that of the last batch alone
    for (name, value) in run.metrics where name != "train/loss" {
      #expect(abs((metrics[name] ?? .nan) - value) < 1e-4 * max(1, abs(value)), "\(name)")
    }
  }

  @Test(arguments: ppo.keys.sorted())
  func anUpdateOfPPOIsThatOfStableBaselines3(name: String) throws {
    let recording = try Recording.read()
    let run = try #require(recording.ppo.first { $0.name == name })
    let spec = spec(name, actions: run.steps[0].actions.count / 2)
    var configuration = PPO.Configuration()
    common(&configuration)
    configuration.gaeLambda = 0.8
    configuration.batchSize = 5
    configuration.nEpochs = 3
    Self.ppo[name]?(&configuration)
    var agent = try PPO(
      spec: spec, lanes: 2, configuration: configuration, plannedSteps: 40, seed: 0, pool: .single)
    try agent.restore(state(agent, run, recording.words, agent.policy))
    for step in run.steps {
      agent.observe(batch(step, spec), actions: actions(step, agent.policy.head))
    }
    #expect(try agent.learn() > 0)
    expectEqual(agent.policy, agent.takeMetrics(), run)
    expectNear(agent.advantages, run.advantages)
    expectNear(agent.returns, run.returns)
  }

  @Test(arguments: a2c.keys.sorted())
  func anUpdateOfA2CIsThatOfStableBaselines3(name: String) throws {
    let recording = try Recording.read()
    let run = try #require(recording.a2c.first { $0.name == name })
    let spec = spec(name, actions: run.steps[0].actions.count / 2)
    var configuration = A2C.Configuration()
    common(&configuration)
    Self.a2c[name]?(&configuration)
    var agent = try A2C(
      spec: spec, lanes: 2, configuration: configuration, plannedSteps: 40, seed: 0, pool: .single)
    try agent.restore(state(agent, run, recording.words, agent.policy))
    for step in run.steps {
      agent.observe(batch(step, spec), actions: actions(step, agent.policy.head))
    }
    #expect(try agent.learn() == 1)
    expectEqual(agent.policy, agent.takeMetrics(), run)
  }

  private func expectNear(_ values: [Float], _ recorded: [Float]) {
    #expect(values.count == recorded.count)
    for row in values.indices {
      #expect(abs(values[row] - recorded[row]) < 1e-5, "row \(row)")
    }
  }
}
