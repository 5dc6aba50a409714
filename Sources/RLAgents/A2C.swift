public import RLCore
package import RLNetworks
public import RLParallel

/// Advantage actor-critic: A3C (Mnih et al. 2016, algorithm S3) with all lanes in step, one gradient
/// step for every `nSteps` steps of all lanes.
///
/// With `gaeLambda` 1 the advantage of a step is the n-step one, over the rest of the rollout; below
/// 1 it is GAE's (Schulman et al. 2016).
///
/// Differs from the paper: synchronous; policy and value have layers of their own unless
/// `sharedTrunk`; the gradient is a mean over the rollout and not a sum; the value's loss has a
/// coefficient. Differs from Stable-Baselines3 as `PPO` does, and in RMSProp's form by default.
public struct A2C: Agent {
  public let configuration: Configuration
  var learner: ActorCriticLearner
  private let order: [Int32]  // [T * N], the rollout's

  /// - Parameters:
  ///   - spec: the environment.
  ///   - lanes: N, the lanes of every batch.
  ///   - configuration: the hyperparameters.
  ///   - plannedSteps: environment steps of the whole run, for schedules.
  ///   - seed: of the run; the agent's streams are split from it.
  ///   - pool: the threads to work on; their number changes no result.
  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run.
  public init(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration, plannedSteps: Int,
    seed: UInt64, pool: WorkerPool
  ) throws(ConfigurationError) {
    try configuration.validate()
    self.configuration = configuration
    learner = try ActorCriticLearner(
      spec: spec, lanes: lanes, configuration: configuration, batchSize: .max,
      plannedSteps: plannedSteps, seed: seed, pool: pool)
    order = (0..<Int32(learner.rollout.rows)).map { $0 }
  }

  /// - Throws: `ConfigurationError` when the environment's action cannot be chosen.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    try ActorCriticLearner.checkSupport(spec, algorithm: "a2c")
  }

  public var policy: ActorCriticPolicy { learner.policy(algorithm: "a2c") }

  /// Environment steps, all lanes together.
  public var steps: Int { learner.steps }

  /// Gradient steps.
  public var updates: Int { learner.updates }

  public mutating func act(_ step: inout StepBatch) { learner.act(&step) }

  public mutating func observe(_ step: borrowing StepBatch) {
    learner.observe(step)
  }

  public var playableIterations: Int { learner.playableIterations }

  public mutating func play<E: Environment & ~Copyable>(
    _ stretch: inout Stretch, in environment: inout E, _ batch: inout StepBatch
  ) throws(EnvironmentError) {
    guard learner.playsSideBySide(stretch, environment.groups) else {
      return try playTogether(&stretch, in: &environment, &batch)
    }
    try learner.playSideBySide(&stretch, in: &environment, &batch)
  }

  /// Records a step with other actions than `act` drew.
  package mutating func observe(_ step: borrowing StepBatch, actions: ActionRows) {
    learner.observe(step, actions: actions)
  }

  public mutating func learn() throws(DivergenceError) -> Int {
    guard learner.rollout.isFull else { return 0 }
    learner.estimate(gamma: configuration.gamma, lambda: configuration.gaeLambda)
    learner.optimizer.learningRate = configuration.learningRate.value(remaining: learner.remaining)
    learner.report.beginEpoch()
    let objective = PolicyGradientObjective(
      entCoef: configuration.entCoef, vfCoef: configuration.vfCoef)
    let terms = learner.evaluate(
      objective.loss, places: order.indices, order: order,
      normalizesAdvantages: configuration.normalizeAdvantage)
    learner.report.add(terms)
    try learner.descend(loss: terms.total, maxNorm: configuration.maxGradientNorm)
    learner.report.endEpoch()
    learner.finish()
    return 1
  }

  public mutating func takeMetrics() -> Metrics {
    defer { learner.report.clear() }
    return learner.metrics(policyLoss: "policy_loss")
  }

  public func saveState() -> SavedState { learner.saveState() }

  public mutating func restore(_ state: SavedState) throws(StateError) {
    try learner.restore(state)
  }
}
