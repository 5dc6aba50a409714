public import RLCore
public import RLNetworks

extension A2C {
  /// Hyperparameters of `A2C`. The defaults are Stable-Baselines3's, but for the form of RMSProp:
  /// TensorFlow's, which its documentation recommends, and not PyTorch's.
  public struct Configuration: OnPolicyConfiguration {
    public var nSteps = 5
    public var gamma: Float = 0.99
    public var gaeLambda: Float = 1
    public var learningRate = ScheduledNumber.constant(7e-4)
    public var normalizeAdvantage = false
    public var entCoef: Float = 0
    public var vfCoef: Float = 0.5
    public var maxGradientNorm: Float = 0.5
    public var optimizer = OptimizerKind.rmspropTF
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

    public func validate() throws(ConfigurationError) { try checkNetwork() }

    public static let fields: [ConfigurationField<Configuration>] = learningFields + networkFields
  }
}
