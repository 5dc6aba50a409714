public import RLCore
public import RLNetworks

/// What follows each hidden layer.
public enum HiddenActivation: String, Sendable, CaseIterable {
  case tanh
  case relu

  var activation: Activation { self == .tanh ? .tanh : .relu }
}

/// The hyperparameters that PPO and A2C have in common.
public protocol OnPolicyConfiguration: AlgorithmConfiguration {
  var nSteps: Int { get set }
  var gamma: Float { get set }
  var gaeLambda: Float { get set }
  var learningRate: ScheduledNumber { get set }
  var normalizeAdvantage: Bool { get set }
  var entCoef: Float { get set }
  var vfCoef: Float { get set }
  var maxGradientNorm: Float { get set }
  var optimizer: OptimizerKind { get set }
  var optimizerEpsilon: Float { get set }
  var hidden: [Int] { get set }
  var criticHidden: [Int]? { get set }
  var sharedTrunk: Bool { get set }
  var activation: HiddenActivation { get set }
  var orthoInit: Bool { get set }
  var controlDistribution: ControlDistribution { get set }
  var logStdInit: Float { get set }
  var sdeSampleFreq: Int { get set }
}

extension OnPolicyConfiguration {
  /// Whether exploration is state-dependent (gSDE).
  public var useSDE: Bool {
    get { controlDistribution == .gsde }
    set {
      if newValue { controlDistribution = .gsde } else if useSDE { controlDistribution = .gaussian }
    }
  }

  func checkNetwork() throws(ConfigurationError) {
    for (field, widths) in [("hidden", hidden), ("criticHidden", criticHidden ?? [])]
    where widths.count > 16 {
      throw ConfigurationError(field: field, reason: "at most 16 hidden layers")
    }
    if sharedTrunk, criticHidden != nil, criticHidden != hidden {
      throw ConfigurationError(
        field: "criticHidden", reason: "a shared trunk has the widths of hidden")
    }
    if sdeSampleFreq == 0 {
      throw ConfigurationError(field: "sdeSampleFreq", reason: "needs 1 and above, or -1")
    }
  }

  /// How a rollout is made and what is learned from it.
  static var learningFields: [ConfigurationField<Self>] {
    [
      .integer(
        "nSteps", \.nSteps, in: 1...100_000_000,
        doc: "Steps of every lane from one update to the next."),
      .number("gamma", aliases: ["discount"], \.gamma, in: 0...1, doc: "Discount per step."),
      .number(
        "gaeLambda", aliases: ["lambda"], \.gaeLambda, in: 0...1,
        doc: "Share of later errors in an advantage (Schulman 2016); 1 is the n-step return."),
      .schedule(
        "learningRate", aliases: ["lr"], \.learningRate, in: 1e-12...10,
        doc: "Step size of the optimizer; lin_X falls from X to 0 over the run."),
      .flag(
        "normalizeAdvantage", \.normalizeAdvantage,
        doc: "Shift and scale the advantages of a batch to mean 0 and deviation 1."),
      .number(
        "entCoef", aliases: ["entropyCoef"], \.entCoef, in: 0...1e6,
        doc: "Weight of the entropy bonus in the loss."),
      .number("vfCoef", \.vfCoef, in: 0...1e6, doc: "Weight of the value's loss."),
      .number(
        "maxGradientNorm", aliases: ["max_grad_norm"], \.maxGradientNorm, in: 1e-9...1e30,
        doc: "The gradient is scaled down to this global norm."),
    ]
  }

  /// The network, its distributions and its optimizer.
  static var networkFields: [ConfigurationField<Self>] {
    [
      .choice("optimizer", \.optimizer, doc: "The optimizer."),
      .number(
        "optimizerEpsilon", aliases: ["adam_epsilon", "rms_prop_eps"], \.optimizerEpsilon,
        in: 1e-12...1, doc: "What keeps the optimizer from dividing by 0."),
      ConfigurationField(
        "hidden", aliases: ["net_arch", "hiddenSizes"],
        doc: "Widths of the hidden layers of the policy, and of the value by default.",
        read: { .list($0.hidden.map { .integer($0) }) },
        write: { (root, value) throws(ConfigurationError) in
          root.hidden = try value.integers("hidden", in: 1...65_536)
        }),
      ConfigurationField(
        "criticHidden", aliases: ["net_arch_vf"],
        doc: "Widths of the value's hidden layers; none: those of hidden.",
        read: { $0.criticHidden.map { .list($0.map { .integer($0) }) } ?? .none },
        write: { (root, value) throws(ConfigurationError) in
          root.criticHidden =
            value.isNone ? nil : try value.integers("criticHidden", in: 1...65_536)
        }),
      .flag(
        "sharedTrunk", aliases: ["shared"], \.sharedTrunk,
        doc: "Policy and value read the same hidden layers."),
      .choice(
        "activation", aliases: ["activation_fn"], \.activation,
        doc: "What follows each hidden layer."),
      .flag(
        "orthoInit", \.orthoInit,
        doc: "Orthogonal weights at first; false: uniform, as PyTorch's default."),
      .choice(
        "controlDistribution", aliases: ["distribution"], \.controlDistribution,
        doc: "How continuous actions are drawn."),
      .number(
        "logStdInit", \.logStdInit, in: -20...10,
        doc: "Logarithm of the standard deviation at first."),
      .flag(
        "useSDE", aliases: ["sde"], \.useSDE,
        doc: "The same as controlDistribution gsde: noise that depends on the state (Raffin 2021)."),
      .integer(
        "sdeSampleFreq", \.sdeSampleFreq, in: -1...Int.max,
        doc: "Steps from one noise matrix of gSDE to the next; -1: one for each rollout."),
    ]
  }
}
