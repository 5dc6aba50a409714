import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLTraining

/// A preset of PPO and its environment.
struct OnPolicyTask {
  let preset: Preset
  let configuration: PPO.Configuration
  let spec: EnvironmentSpec
  private let plugin: EnvironmentPlugin

  /// - Parameters:
  ///   - file: the plugin's, beside that of CartPole.
  ///   - id: the environment's.
  ///   - name: the preset's.
  ///   - settings: of the run.
  /// - Throws: `BenchError` and what plugins and presets throw.
  init(_ file: String, _ id: String, preset name: String, _ settings: Settings) throws {
    let folder = settings.plugin.lastIndex(of: "/").map { settings.plugin[...$0] } ?? ""
    plugin = try EnvironmentPlugin(path: folder + file)
    let found = try Presets.find(
      name: name, algorithm: "ppo", environmentID: id, among: Presets.all())
    guard let found else { throw BenchError(reason: "ppo has no preset \(name) for \(id)") }
    guard found.wrappers.isEmpty else { throw BenchError(reason: "\(name) has wrappers") }
    preset = found
    let any = try AlgorithmCatalog.entry(named: "ppo").configure(
      preset.settings.map { (key: $0.key, value: $0.value) })
    guard let ppo = any as? PPO.Configuration else {
      throw BenchError(reason: "the catalogue's ppo has another configuration")
    }
    configuration = ppo
    spec = try VectorEnvironment(
      plugin, id: id, lanes: 1, instances: 1, pool: .single, plan: .training(seed: 1)
    ).spec
  }

  /// Lanes to train in, in an instance for each thread.
  func environment(seed: UInt64, pool: WorkerPool) throws -> VectorEnvironment {
    try VectorEnvironment(
      plugin, id: preset.environmentID, lanes: preset.lanes,
      instances: min(preset.lanes, pool.threads), pool: pool, plan: .training(seed: seed))
  }

  func agent(seed: UInt64, pool: WorkerPool) throws -> PPO {
    try PPO(
      spec: spec, lanes: preset.lanes, configuration: configuration, plannedSteps: preset.steps,
      seed: seed, pool: pool)
  }

  /// Trains as `rl-host` does, without a run directory.
  ///
  /// - Parameters:
  ///   - seed: of the run.
  ///   - threads: of its pool.
  ///   - steps: fewer than the preset's; `nil` is its own.
  ///   - evaluateEvery: environment steps between evaluations; `nil` is none.
  ///   - observer: at its start.
  /// - Returns: the policy, the summary and the observer.
  /// - Throws: what `RLTraining.train` throws.
  func train<O: TrainingObserver>(
    seed: UInt64, threads: Int, steps: Int? = nil, evaluateEvery: Int? = nil, observer: O
  ) throws -> TrainedRun<O> {
    let pool = WorkerPool(threads: threads)
    var (agent, observer) = (try agent(seed: seed, pool: pool), observer)
    var environment = try environment(seed: seed, pool: pool)
    let steps = steps ?? preset.steps
    let plan = try TrainingPlan(steps: steps, logEvery: steps, evaluateEvery: evaluateEvery)
    let summary = try RLTraining.train(
      &agent, in: &environment, plan: plan,
      evaluate: evaluateEvery == nil ? nil : { policy in try evaluate(policy, seed: seed) },
      observer: &observer)
    return TrainedRun(policy: agent.policy, summary: summary, observer: observer)
  }

  /// 100 greedy episodes on one thread.
  func evaluate(_ policy: some Policy, seed: UInt64) throws -> Evaluation {
    var policy = policy
    var environment = try VectorEnvironment(
      plugin, id: preset.environmentID, lanes: 100, instances: 1, pool: .single,
      plan: .evaluation(seed: seed, episodes: 100, stepCap: 1000))
    return try RLTraining.evaluate(&policy, in: &environment, deterministic: true, seed: seed)
  }
}

/// Nothing to be seen.
struct Unobserved: TrainingObserver {}

extension UpdateCost {
  /// Operations of PPO's update of one minibatch: both networks forward and backward.
  static func ofPPO(_ configuration: PPO.Configuration, _ spec: EnvironmentSpec) -> Double {
    let inputs = [spec.observation.encodedWidth]
    let outputs = spec.action.choices.reduce(0) { $0 + $1.count } + spec.action.controlCount
    let stacks =
      configuration.sharedTrunk
      ? [inputs + configuration.hidden + [outputs + 1]]
      : [
        inputs + configuration.hidden + [outputs],
        inputs + (configuration.criticHidden ?? configuration.hidden) + [1],
      ]
    return stacks.reduce(0) { sum, sizes in
      let cost = UpdateCost(sizes: sizes, batch: configuration.batchSize)
      return sum + cost.forward + cost.backward
    }
  }
}
