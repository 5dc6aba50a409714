public import RLCore
public import RLNetworks

extension PPO {
  /// Hyperparameters of `PPO`. The defaults are Stable-Baselines3's.
  public struct Configuration: OnPolicyConfiguration {
    public var nSteps = 2048
    public var batchSize = 64
    public var nEpochs = 10
    public var gamma: Float = 0.99
    public var gaeLambda: Float = 0.95
    public var learningRate = ScheduledNumber.constant(3e-4)
    public var clipRange = ScheduledNumber.constant(0.2)
    public var clipRangeVf: ScheduledNumber?
    public var normalizeAdvantage = true
    public var entCoef: Float = 0
    public var vfCoef: Float = 0.5
    public var maxGradientNorm: Float = 0.5
    public var targetKL: Float?
    public var optimizer = OptimizerKind.adam
    public var optimizerEpsilon: Float = 1e-5
    public var hidden = [64, 64]
    public var criticHidden: [Int]?
    public var sharedTrunk = false
    public var activation = HiddenActivation.tanh
    public var orthoInit = true
    public var controlDistribution = ControlDistribution.gaussian
    public var logStdInit: Float = 0
    public var sdeSampleFreq = -1

    public init() {}

    public func validate() throws(ConfigurationError) {
      try checkNetwork()
      if normalizeAdvantage, batchSize < 2 {
        throw ConfigurationError(
          field: "batchSize", reason: "needs 2 and above where advantages are normalised")
      }
    }

    public static let fields: [ConfigurationField<Configuration>] =
      learningFields + [
        .integer(
          "batchSize", aliases: ["minibatchSize"], \.batchSize, in: 1...16_777_216,
          doc: "Transitions of a minibatch, all lanes together."),
        .integer(
          "nEpochs", aliases: ["epochs"], \.nEpochs, in: 1...100_000,
          doc: "Passes over a rollout."),
        .schedule(
          "clipRange", aliases: ["clip"], \.clipRange, in: 0...1e6,
          doc: "How far a ratio of probabilities may leave 1; lin_X falls from X to 0 over the run."
        ),
        .optionalSchedule(
          "clipRangeVf", \.clipRangeVf, in: 1e-12...1e30,
          doc: "How far a value may leave the one before the update; none: any distance."),
        .optionalNumber(
          "targetKL", \.targetKL, in: 0...1e6,
          doc: "An update stops where the divergence is above 1.5 times this; none: never."),
      ] + networkFields
  }
}
