import RLAgents
import RLCore
import RLEnvironments
import RLKernels
import RLParallel
import RLSystem
import RLWrappers

/// What a training needs before it can begin.
extension RunSettings {
  /// An environment like the one that will be trained in, made to see that it can be.
  ///
  /// - Throws: `Failure` when the algorithm cannot act in it, `PluginError` when it cannot be made.
  func trial(pool: WorkerPool) throws -> VectorEnvironment {
    try KernelSupport.requireSupported()
    let environment = try subject.training(self, pool: pool)
    try requireSupport(of: try wrapped(environment.spec))
    return environment
  }

  private func requireSupport(of spec: EnvironmentSpec) throws(Failure) {
    do { try algorithm.checkSupport(spec) } catch {
      throw Failure(.refused, "\(error) (rl-host list algos tells more)")
    }
  }

  /// The environment as the agent sees it.
  private func wrapped(_ spec: EnvironmentSpec) throws(Failure) -> EnvironmentSpec {
    do { return try wrappers.configuration.wrapped(spec) } catch {
      throw Failure(.usage, "--wrap \(error)")
    }
  }

  /// A fresh agent. It is to be taken over: a second holder would make it copy its replay at the
  /// first step.
  ///
  /// - Throws: `ConfigurationError` when it cannot be made, or does not fit in memory.
  func agent(spec: EnvironmentSpec, pool: WorkerPool) throws(ConfigurationError) -> any Agent {
    try algorithm.makeAgent(
      spec: wrappers.configuration.wrapped(spec), lanes: lanes,
      configuration: hyperparameters.configuration, steps: steps,
      seed: seed, pool: pool, memoryLimit: Memory.physicalBytes)
  }
}
