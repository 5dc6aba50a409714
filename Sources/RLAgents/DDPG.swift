public import RLCore
public import RLNetworks
public import RLParallel

/// Deep deterministic policy gradient (Lillicrap et al. 2016, algorithm 1): a deterministic policy
/// follows the slope of a critic at its actions, and the critic learns from a replay ring with
/// target networks of both that follow softly.
///
/// y = r + gamma Q'(s', mu'(s')), or with n steps as in `DQN`; a termination leaves Q' out, a
/// truncated episode bootstraps from its true final observation.
///
/// Differs from the paper as Stable-Baselines3 does: networks start as PyTorch's `Linear`, without
/// batch normalisation and weight decay, the action enters the critic's first layer, and one learning
/// rate serves both. Actions are random until `learningStarts`; the noise is normal by default.
public struct DDPG: Agent {
  public let configuration: Configuration
  var learner: DeterministicLearner

  /// - Parameters:
  ///   - spec: an environment whose actions are bounded controls.
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
    self.configuration = configuration
    learner = try DeterministicLearner(
      "ddpg", spec: spec, lanes: lanes, configuration: configuration, plannedSteps: plannedSteps,
      seed: seed, pool: pool)
  }

  /// - Throws: `ConfigurationError` unless the environment's actions are bounded controls.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    _ = try ControlRange(spec, algorithm: "ddpg")
  }

  public var policy: DeterministicPolicy { learner.policy(algorithm: "ddpg") }
  public var critics: CriticEnsemble { learner.critics }
  public var steps: Int { learner.experience.steps }
  public var updates: Int { learner.experience.updates }

  public mutating func act(_ step: inout StepBatch) { learner.act(&step) }
  public mutating func observe(_ step: borrowing StepBatch) { learner.observe(step) }
  public mutating func learn() throws(DivergenceError) -> Int { try learner.learn() }
  public mutating func takeMetrics() -> Metrics { learner.takeMetrics() }
  public func saveState() -> SavedState { learner.saveState() }
  public mutating func capture() -> StateCapture { learner.capture() }
  public mutating func captureAnew() { learner.captureAnew() }
  public mutating func restore(_ state: SavedState) throws(StateError) {
    try learner.restore(state)
  }
}

extension DDPG {
  /// Hyperparameters of `DDPG`. The defaults are Stable-Baselines3's, but for normal noise of 0.1
  /// where it has none.
  public struct Configuration: DeterministicConfiguration {
    public var hidden = [400, 300]
    public var criticHidden: [Int]?
    public var activation = HiddenActivation.relu
    public var learningRate = ScheduledNumber.constant(1e-3)
    public var bufferSize = 1_000_000
    public var learningStarts = 100
    public var batchSize = 256
    public var tau: Float = 0.005
    public var gamma: Float = 0.99
    public var trainFrequency = 1
    public var gradientSteps = 1
    public var nSteps = 1
    public var prioritized = false
    public var priorityAlpha: Float = 0.6
    public var priorityBetaStart: Float = 0.4
    public var priorityBetaEnd: Float = 1
    public var priorityEpsilon: Float = 1e-6
    public var noiseType = NoiseType.normal
    public var noiseStd: Float = 0.1
    public var noiseStdFinal: Float?
    public var noiseFraction: Float = 1
    public var noiseTheta: Float = 0.15
    public var noiseTimeStep: Float = 0.01

    var criticCount: Int { 1 }
    var policyDelay: Int { 1 }
    var targetPolicyNoise: Float { 0 }
    var targetNoiseClip: Float { 0 }

    public init() {}

    public func validate() throws(ConfigurationError) { try checkOffPolicy() }

    public static let fields: [ConfigurationField<Configuration>] =
      learningFields + noiseFields + replayFields
  }
}
