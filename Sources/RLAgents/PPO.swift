public import RLCore
package import RLNetworks
public import RLParallel

/// Proximal policy optimisation with the clipped objective (Schulman et al. 2017, algorithm 1),
/// advantages by GAE (Schulman et al. 2016), as Stable-Baselines3 arranges it.
///
/// Every `nSteps` steps of all lanes it makes `nEpochs` passes over them in shuffled minibatches of
/// `batchSize` transitions, the last of a pass smaller where they do not fit. With `targetKL` it
/// stops, before the step, at a minibatch whose estimated divergence is above 1.5 times that.
///
/// Differs from the paper: one policy and value network over all lanes, Adam's epsilon 1e-5, the
/// gradient's norm clipped, advantages normalised for each minibatch, optional clipping of values.
/// Differs from Stable-Baselines3: without a shared trunk the values of a rollout are computed at its
/// end, which gives the same numbers; sums over a batch are in double precision; a schedule does not
/// go below 0 where a run is longer than planned; actions that the environment's mask forbids are
/// left out; metrics are means since the last record, the loss among them.
public struct PPO: Agent {
  public let configuration: Configuration
  var learner: ActorCriticLearner
  private var permutation: [Int32]  // [T * N]

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
    if configuration.normalizeAdvantage, configuration.nSteps * lanes < 2 {
      throw ConfigurationError(
        field: "nSteps", reason: "one step of one lane has no advantage that can be normalised")
    }
    learner = try ActorCriticLearner(
      spec: spec, lanes: lanes, configuration: configuration,
      batchSize: configuration.batchSize, plannedSteps: plannedSteps, seed: seed, pool: pool)
    permutation = Array(repeating: 0, count: learner.rollout.rows)
  }

  /// - Throws: `ConfigurationError` when the environment's action cannot be chosen.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    try ActorCriticLearner.checkSupport(spec, algorithm: "ppo")
  }

  public var policy: ActorCriticPolicy { learner.policy(algorithm: "ppo") }

  /// Environment steps, all lanes together.
  public var steps: Int { learner.steps }

  /// Gradient steps.
  public var updates: Int { learner.updates }

  /// Of the last rollout, `[T, N]`.
  package var advantages: [Float] { learner.estimates.advantages }
  package var returns: [Float] { learner.estimates.returns }

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
    let before = learner.updates
    learner.estimate(gamma: configuration.gamma, lambda: configuration.gaeLambda)
    learner.optimizer.learningRate = configuration.learningRate.value(remaining: learner.remaining)
    for row in permutation.indices { permutation[row] = Int32(truncatingIfNeeded: row) }
    for _ in 0..<configuration.nEpochs {
      guard try learnEpoch() else { break }
    }
    learner.finish()
    return learner.updates - before
  }

  /// A pass over the rollout.
  ///
  /// - Returns: whether another one may follow.
  private mutating func learnEpoch() throws(DivergenceError) -> Bool {
    permutation.shuffle(with: &learner.shuffleRandom)
    learner.report.beginEpoch()
    defer { learner.report.endEpoch() }
    for start in stride(from: 0, to: permutation.count, by: learner.batch.size) {
      let count = min(learner.batch.size, permutation.count - start)
      let terms = learner.evaluate(
        objective.loss, places: start..<start + count, order: permutation,
        normalizesAdvantages: configuration.normalizeAdvantage)
      learner.report.add(terms)
      if let targetKL = configuration.targetKL, terms.divergence > 1.5 * Double(targetKL) {
        return false
      }
      try learner.descend(loss: terms.total, maxNorm: configuration.maxGradientNorm)
    }
    return true
  }

  /// The loss at this point of the run.
  private var objective: ClippedObjective {
    let remaining = learner.remaining
    return ClippedObjective(
      clipRange: configuration.clipRange.value(remaining: remaining),
      clipRangeVf: configuration.clipRangeVf?.value(remaining: remaining),
      entCoef: configuration.entCoef, vfCoef: configuration.vfCoef)
  }

  public mutating func takeMetrics() -> Metrics {
    defer { learner.report.clear() }
    var metrics = learner.metrics(policyLoss: "policy_gradient_loss")
    guard let clipping = learner.report.clipping else { return metrics }
    metrics.append("train/approx_kl", clipping.divergence)
    metrics.append("train/clip_fraction", clipping.fraction)
    metrics.append("train/clip_range", Double(objective.clipRange))
    if let clipRangeVf = objective.clipRangeVf {
      metrics.append("train/clip_range_vf", Double(clipRangeVf))
    }
    return metrics
  }

  public func saveState() -> SavedState { learner.saveState() }

  public mutating func restore(_ state: SavedState) throws(StateError) {
    try learner.restore(state)
  }
}

extension [Int32] {
  /// Puts the elements into a random order, each with the same probability (Fisher & Yates;
  /// Durstenfeld 1964).
  mutating func shuffle(with random: inout RandomStream) {
    for last in stride(from: count - 1, to: 0, by: -1) {
      swapAt(last, random.index(below: last + 1))
    }
  }
}
