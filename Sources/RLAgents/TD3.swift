public import RLCore
public import RLNetworks
public import RLParallel

/// Twin delayed DDPG (Fujimoto et al. 2018, algorithm 1): two critics learn from the lesser of their
/// targets' values, at actions of the target policy that are smoothed by clipped noise, and the
/// policy and all targets move every `policyDelay` updates of the critics.
///
/// y = r + gamma min_i Q_i'(s', clip(mu'(s') + clip(noise, ±c), ±1)), or with n steps as in `DQN`; a
/// termination leaves Q' out, a truncated episode bootstraps from its true final observation. y is
/// computed once for both critics, and their passes run side by side on two threads.
///
/// Differs from the paper as Stable-Baselines3 does: the action enters the critics' first layer, and
/// the widths, rates and the batch are the defaults of `Configuration`.
public struct TD3: Agent {
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
      "td3", spec: spec, lanes: lanes, configuration: configuration, plannedSteps: plannedSteps,
      seed: seed, pool: pool)
  }

  /// - Throws: `ConfigurationError` unless the environment's actions are bounded controls.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    _ = try ControlRange(spec, algorithm: "td3")
  }

  public var policy: DeterministicPolicy { learner.policy(algorithm: "td3") }
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

extension TD3 {
  /// Hyperparameters of `TD3`. The defaults are Stable-Baselines3's, but for normal noise of 0.1
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
    public var policyDelay = 2
    public var targetPolicyNoise: Float = 0.2
    public var targetNoiseClip: Float = 0.5
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

    var criticCount: Int { 2 }

    public init() {}

    public func validate() throws(ConfigurationError) { try checkOffPolicy() }

    public static let fields: [ConfigurationField<Configuration>] =
      learningFields + [
        .integer(
          "policyDelay", aliases: ["policy_frequency"], \.policyDelay, in: 1...1_000_000,
          doc: "Updates of the critics from one of the policy and the targets to the next."),
        .number(
          "targetPolicyNoise", aliases: ["policy_noise"], \.targetPolicyNoise, in: 0...10,
          doc: "Deviation of the noise on the target policy's actions; bounds count as -1 and 1."),
        .number(
          "targetNoiseClip", aliases: ["noise_clip"], \.targetNoiseClip, in: 0...10,
          doc: "The largest size of that noise."),
      ] + noiseFields + replayFields
  }
}
