import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLTraining

/// The environment of most benchmarks, with its presets.
struct CartPole {
  static let id = "CartPole-v1"

  let path: String
  let spec: EnvironmentSpec
  private let plugin: EnvironmentPlugin
  private let entry: AlgorithmEntry

  init(_ settings: Settings) throws {
    path = settings.plugin
    plugin = try EnvironmentPlugin(path: path)
    entry = try AlgorithmCatalog.entry(named: "dqn")
    spec = try Self.environment(plugin, lanes: 1, instances: 1, .training(seed: 1), .single).spec
  }

  /// Lanes to train in.
  func training(
    lanes: Int, instances: Int = 1, seed: UInt64, pool: WorkerPool = .single
  ) throws -> VectorEnvironment {
    try Self.environment(plugin, lanes: lanes, instances: instances, .training(seed: seed), pool)
  }

  private static func environment(
    _ plugin: EnvironmentPlugin, lanes: Int, instances: Int, _ plan: EpisodePlan,
    _ pool: WorkerPool
  ) throws -> VectorEnvironment {
    try VectorEnvironment(
      plugin, id: id, lanes: lanes, instances: instances, pool: pool, plan: plan)
  }

  /// The preset called `name` for DQN.
  func preset(_ name: String) throws -> Preset {
    let preset = try Presets.find(
      name: name, algorithm: entry.name, environmentID: Self.id, among: Presets.all())
    guard let preset else { throw BenchError(reason: "there is no preset for \(Self.id)") }
    return preset
  }

  func configuration(_ preset: Preset) throws -> DQN.Configuration {
    let any = try entry.configure(preset.settings.map { (key: $0.key, value: $0.value) })
    guard let configuration = any as? DQN.Configuration else {
      throw BenchError(reason: "the catalogue's dqn has another configuration")
    }
    return configuration
  }

  /// Trains as `rl-host` does, without a run directory.
  func train<O: TrainingObserver>(
    _ preset: Preset, seed: UInt64, pool: WorkerPool, evaluateEvery: Int?, observer: O
  ) throws -> TrainedRun<O> {
    let agent = try entry.makeAgent(
      spec: spec, lanes: preset.lanes, configuration: configuration(preset), steps: preset.steps,
      seed: seed, pool: pool)
    let plan = try TrainingPlan(
      steps: preset.steps, logEvery: preset.steps, evaluateEvery: evaluateEvery)
    return try train(agent, plan, lanes: preset.lanes, seed: seed, pool: pool, observer)
  }

  private func train<A: Agent, O: TrainingObserver>(
    _ agent: A, _ plan: TrainingPlan, lanes: Int, seed: UInt64, pool: WorkerPool, _ observer: O
  ) throws -> TrainedRun<O> {
    var (agent, observer) = (agent, observer)
    var environment = try training(lanes: lanes, seed: seed, pool: pool)
    let summary = try RLTraining.train(
      &agent, in: &environment, plan: plan,
      evaluate: plan.evaluateEvery == nil
        ? nil : { policy in try evaluate(policy, episodes: 100, seed: seed) },
      observer: &observer)
    return TrainedRun(policy: agent.policy, summary: summary, observer: observer)
  }

  /// Greedy episodes on one thread.
  func evaluate(_ policy: some Policy, episodes: Int, seed: UInt64) throws -> Evaluation {
    var policy = policy
    let lanes = min(episodes, 256)
    var environment = try Self.environment(
      plugin, lanes: lanes, instances: 1, .evaluation(seed: seed, episodes: episodes, stepCap: 500),
      .single)
    return try RLTraining.evaluate(&policy, in: &environment, deterministic: true, seed: seed)
  }
}

/// What is left of a run.
struct TrainedRun<O: TrainingObserver> {
  let policy: any Policy
  let summary: TrainingSummary
  let observer: O
}

extension CartPole {
  /// A policy that plays every episode to its end, without a training run before.
  func balancingPolicy() throws -> any Policy {
    let network = BalancingNetwork(hidden: 256)
    return try entry.loadPolicy(
      observation: spec.observation, action: spec.action.space, tensors: network.tensors,
      attributes: ["hidden": "256,256", "activation": "relu", "epsilon": "0"], pool: .single)
  }
}
