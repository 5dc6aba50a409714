import RLCore
import RLKernels
import RLNetworks
import RLParallel

/// What PPO and A2C share: a policy that acts in every lane and records a rollout, and the passes
/// over batches of its rows. What they learn from a batch is their own.
///
/// Nothing in it allocates after the first call of each method.
struct ActorCriticLearner: Sendable {
  let spec: EnvironmentSpec
  let activation: Activation
  let plannedSteps: Int
  let learningRate: ScheduledNumber
  let sdeSampleFreq: Int
  /// Iterations for which groups of lanes have room.
  let groupRoom: Int

  var actor: Actor
  var optimizer: Optimizer
  var rollout: Rollout
  var shuffleRandom: RandomStream
  var report = OnPolicyReport()
  var steps = 0  // environment steps, all lanes together
  var updates = 0  // gradient steps

  var acting: ActingLanes  // all lanes
  var groups: [PlayingGroup] = []  // where lanes play side by side, from the first stretch on
  var estimates: RolloutEstimates
  var batch: BatchRows

  var network: ActorCritic { actor.network }
  var head: PolicyHead { actor.head }
  var pool: WorkerPool { actor.pool }

  /// A learner whose batches have at most `batchSize` rows; see `PPO.init`.
  init(
    spec: EnvironmentSpec, lanes: Int, configuration: some OnPolicyConfiguration, batchSize: Int,
    plannedSteps: Int, seed: UInt64, pool: WorkerPool
  ) throws(ConfigurationError) {
    guard configuration.nSteps <= Int(Int32.max) / lanes - 1 else {
      throw ConfigurationError(
        field: "nSteps", reason: "\(configuration.nSteps) steps of \(lanes) lanes are too many rows"
      )
    }
    self.spec = spec
    self.plannedSteps = plannedSteps
    sdeSampleFreq = configuration.sdeSampleFreq
    activation = configuration.activation.activation
    learningRate = configuration.learningRate
    actor = try Self.actor(spec, configuration, seed: seed, pool: pool)
    optimizer = Optimizer(
      configuration.optimizer, count: actor.network.parameters.count,
      learningRate: configuration.learningRate.start, epsilon: configuration.optimizerEpsilon)
    rollout = Rollout(spec, steps: configuration.nSteps, lanes: lanes)
    groupRoom = rollout.groupRoom
    shuffleRandom = RandomStream(seed: seed, purpose: "minibatches")
    acting = ActingLanes(
      actor, random: (0..<lanes).map { RandomStream(seed: seed, purpose: "policy of lane \($0)") })
    estimates = RolloutEstimates(actor.network, rollout)
    batch = BatchRows(
      actor.network, actor.head, actor.encoder, size: min(batchSize, rollout.rows),
      threads: pool.threads)
  }

  /// Who acts before anything was learned.
  private static func actor(
    _ spec: EnvironmentSpec, _ configuration: some OnPolicyConfiguration, seed: UInt64,
    pool: WorkerPool
  ) throws(ConfigurationError) -> Actor {
    let head = try head(spec, configuration)
    let free = head.initialFree(logStdInit: configuration.logStdInit)
    var random = RandomStream(seed: seed, purpose: "weights")
    var network = ActorCritic(
      architecture(spec, configuration, head), isOrthogonal: configuration.orthoInit, free: free,
      random: &random)
    network.setPolicyBiases(head.logStdColumns, to: configuration.logStdInit)
    return Actor(
      encoder: ObservationEncoder(spec.observation), head: head, pool: pool, network: network,
      free: free)
  }

  /// - Throws: `ConfigurationError` when the environment's action cannot be chosen.
  static func checkSupport(_ spec: EnvironmentSpec, algorithm: String) throws(ConfigurationError) {
    guard !spec.action.choices.isEmpty || spec.action.controlCount > 0 else {
      throw ConfigurationError(
        field: "algo", reason: "\(algorithm) needs an action, but \(spec.id) has none")
    }
  }

  /// The joint distribution over the environment's action.
  static func head(
    _ spec: EnvironmentSpec, _ configuration: some OnPolicyConfiguration
  ) throws(ConfigurationError) -> PolicyHead {
    try PolicyHead(
      action: spec.action, controls: configuration.controlDistribution,
      latentWidth: configuration.hidden.last ?? spec.observation.encodedWidth)
  }

  static func architecture(
    _ spec: EnvironmentSpec, _ configuration: some OnPolicyConfiguration, _ head: PolicyHead
  ) -> ActorCritic.Architecture {
    ActorCritic.Architecture(
      inputs: spec.observation.encodedWidth, hidden: configuration.hidden,
      criticHidden: configuration.criticHidden ?? configuration.hidden,
      isShared: configuration.sharedTrunk, activation: configuration.activation.activation,
      outputs: head.outputs, freeShape: head.freeShape)
  }

  /// What was learned.
  func policy(algorithm: String) -> ActorCriticPolicy {
    ActorCriticPolicy(
      algorithm: algorithm, network: network, head: head, observation: spec.observation, pool: pool)
  }

  /// Of all since the last log record, but what only one algorithm has; empty without an update.
  func metrics(policyLoss: String) -> Metrics {
    var metrics = report.metrics(policyLoss: policyLoss)
    guard !metrics.entries.isEmpty else { return metrics }
    metrics.append("train/learning_rate", Double(learningRate.value(remaining: remaining)))
    if !actor.free.isEmpty {
      var deviations = actor.free
      apply(.exp, to: &deviations)
      metrics.append("train/std", Double(deviations.reduce(0, +)) / Double(actor.free.count))
    }
    return metrics
  }
}
