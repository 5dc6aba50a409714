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
  let pool: WorkerPool
  let encoder: ObservationEncoder
  let head: PolicyHead
  let activation: Activation
  let plannedSteps: Int
  let learningRate: ScheduledNumber
  var network: ActorCritic
  var free: [Float]  // [E], those of the network
  var optimizer: Optimizer
  var rollout: Rollout
  /// One stream a lane: so lanes may draw at the same time.
  var laneRandom: [RandomStream]
  var noise: SDENoise?  // of gSDE, [N, L, C]
  var shuffleRandom: RandomStream
  var report = OnPolicyReport()
  var steps = 0  // environment steps, all lanes together
  var updates = 0  // gradient steps

  var acting: ActingRows
  var estimates: RolloutEstimates
  var batch: BatchRows

  let sdeSampleFreq: Int

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
    self.pool = pool
    self.plannedSteps = plannedSteps
    sdeSampleFreq = configuration.sdeSampleFreq
    activation = configuration.activation.activation
    encoder = ObservationEncoder(spec.observation)
    head = try Self.head(spec, configuration)
    learningRate = configuration.learningRate
    free = head.initialFree(logStdInit: configuration.logStdInit)
    var weightRandom = RandomStream(seed: seed, purpose: "weights")
    network = ActorCritic(
      Self.architecture(spec, configuration, head), isOrthogonal: configuration.orthoInit,
      free: free, random: &weightRandom)
    network.setPolicyBiases(head.logStdColumns, to: configuration.logStdInit)
    optimizer = Optimizer(
      configuration.optimizer, count: network.parameters.count,
      learningRate: configuration.learningRate.start, epsilon: configuration.optimizerEpsilon)
    rollout = Rollout(spec, steps: configuration.nSteps, lanes: lanes)
    laneRandom = (0..<lanes).map { RandomStream(seed: seed, purpose: "policy of lane \($0)") }
    shuffleRandom = RandomStream(seed: seed, purpose: "minibatches")
    if !head.freeShape.isEmpty, head.distribution == .gsde { noise = head.makeNoise(lanes: lanes) }
    acting = ActingRows(network, head, lanes: lanes)
    estimates = RolloutEstimates(network, rollout)
    batch = BatchRows(
      network, head, encoder, size: min(batchSize, rollout.rows), threads: pool.threads)
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
    if !free.isEmpty {
      var deviations = free
      apply(.exp, to: &deviations)
      metrics.append("train/std", Double(deviations.reduce(0, +)) / Double(free.count))
    }
    return metrics
  }
}
