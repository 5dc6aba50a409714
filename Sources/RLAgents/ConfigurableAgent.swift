public import RLCore
public import RLParallel

/// An agent that the catalogue can make from its hyperparameters.
public protocol ConfigurableAgent: Agent {
  associatedtype Configuration: AlgorithmConfiguration

  /// - Parameters:
  ///   - spec: the environment.
  ///   - lanes: N, the lanes of every batch.
  ///   - configuration: the hyperparameters.
  ///   - plannedSteps: environment steps of the whole run, for schedules.
  ///   - seed: of the run; the agent's streams are split from it.
  ///   - pool: the threads to work on; their number changes no result.
  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run.
  init(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration, plannedSteps: Int,
    seed: UInt64, pool: WorkerPool
  ) throws(ConfigurationError)

  /// - Throws: `ConfigurationError` when the algorithm cannot learn in such an environment.
  static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError)

  /// Bytes of such an agent.
  static func byteCount(spec: EnvironmentSpec, lanes: Int, configuration: Configuration) -> Int
}

extension DQN: ConfigurableAgent {}
extension PPO: ConfigurableAgent {}
extension A2C: ConfigurableAgent {}
extension DDPG: ConfigurableAgent {}
extension TD3: ConfigurableAgent {}
extension SAC: ConfigurableAgent {}
