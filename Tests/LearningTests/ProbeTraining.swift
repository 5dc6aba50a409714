import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLTestSupport
import RLTraining
import RLWrappers

/// Trains agents on the probes of `plugins/probes.c`, and asks what they learned.
struct ProbeTraining {
  let id: String
  var lanes = 4
  var seed: UInt64 = 1
  private let plugin: EnvironmentPlugin

  init(_ id: String) throws {
    self.id = id
    plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
  }

  private struct Silent: TrainingObserver {}

  /// The policy that an agent ends with; `make` makes it for the environment and the lanes.
  func policy<A: Agent>(
    steps: Int, _ make: (EnvironmentSpec, Int) throws -> A
  ) throws -> A.ActingPolicy {
    var environment = try VectorEnvironment(
      plugin, id: id, lanes: lanes, plan: .training(seed: seed))
    var agent = try make(environment.spec, lanes)
    return try Self.run(&agent, in: &environment, steps: steps)
  }

  /// The policy that an agent ends with behind wrappers, and these as they are then.
  func policy<A: Agent>(
    steps: Int, wrappers: WrapperConfiguration, _ make: (EnvironmentSpec, Int) throws -> A
  ) throws -> (policy: A.ActingPolicy, wrappers: FrozenWrappers) {
    let bare = try VectorEnvironment(plugin, id: id, lanes: lanes, plan: .training(seed: seed))
    let space = bare.spec.observation
    var environment = try WrappedEnvironment(bare, wrappers, source: .training(seed: seed))
    var agent = try make(environment.spec, lanes)
    let policy = try Self.run(&agent, in: &environment, steps: steps)
    return (policy, try FrozenWrappers(environment.wrapperState, observation: space))
  }

  private static func run<A: Agent, E: Environment & ~Copyable>(
    _ agent: inout A, in environment: inout E, steps: Int
  ) throws -> A.ActingPolicy {
    var silent = Silent()
    _ = try RLTraining.train(
      &agent, in: &environment, plan: try TrainingPlan(steps: steps, logEvery: steps),
      observer: &silent)
    return agent.policy
  }

  /// Mean return of 200 episodes, greedy or sampled.
  func meanReturn(
    of policy: some Policy, behind wrappers: FrozenWrappers? = nil, deterministic: Bool = true
  ) throws -> Double {
    var policy = policy
    let bare = try VectorEnvironment(
      plugin, id: id, lanes: 16, plan: .evaluation(seed: 5, episodes: 200, stepCap: 100))
    guard let wrappers else {
      var environment = bare
      return try evaluate(&policy, in: &environment, deterministic: deterministic, seed: 5)
        .returns.mean
    }
    var environment = wrappers.wrap(bare, evaluationSeed: 5)
    return try evaluate(&policy, in: &environment, deterministic: deterministic, seed: 5)
      .returns.mean
  }

  /// Rows of 32-bit observations as bytes.
  static func rows(_ observations: [[Float]]) -> [UInt8] {
    observations.flatMap { row in
      row.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
      }
    }
  }
}
