public import RLCore

/// The weight of the entropy in SAC. As text, as in Stable-Baselines3, a number, `auto`, or `auto_`
/// and the number to start from.
public enum EntropyCoefficient: Sendable, Equatable {
  case fixed(Float)
  case learned(from: Float)

  /// The coefficient at first.
  public var initial: Float {
    switch self {
    case .fixed(let value), .learned(let value): value
    }
  }

  public var isLearned: Bool {
    if case .learned = self { true } else { false }
  }

  var configurationValue: ConfigurationValue {
    switch self {
    case .fixed(let value): .number(Double("\(value)") ?? Double(value))
    case .learned(let value): .text(value == 1 ? "auto" : "auto_\(value)")
    }
  }

  /// - Throws: `ConfigurationError` naming `field`.
  init(_ value: ConfigurationValue, field: String) throws(ConfigurationError) {
    guard case .text(let text) = value, text.hasPrefix("auto") else {
      self = .fixed(Float(try value.number(field, in: 0...1e6)))
      return
    }
    if text == "auto" {
      self = .learned(from: 1)
    } else {
      guard text.hasPrefix("auto_") else {
        throw ConfigurationError(
          field: field, reason: "needs a number, auto or auto_X, not \(text)")
      }
      let start = ConfigurationValue.text(String(text.dropFirst("auto_".count)))
      self = .learned(from: Float(try start.number(field, in: 1e-9...1e6)))
    }
  }
}

extension SAC {
  /// Hyperparameters of `SAC`. The defaults are Stable-Baselines3's.
  public struct Configuration: OffPolicyConfiguration {
    public var hidden = [256, 256]
    public var criticHidden: [Int]?
    public var activation = HiddenActivation.relu
    public var learningRate = ScheduledNumber.constant(3e-4)
    public var bufferSize = 1_000_000
    public var learningStarts = 100
    public var batchSize = 256
    public var tau: Float = 0.005
    public var gamma: Float = 0.99
    public var trainFrequency = 1
    public var gradientSteps = 1
    public var entCoef = EntropyCoefficient.learned(from: 1)
    /// nil is -C.
    public var targetEntropy: Float?
    public var targetUpdateInterval = 1
    public var useSDE = false
    public var sdeSampleFreq = -1
    public var useSDEAtWarmup = false
    public var logStdInit: Float = -3
    public var nSteps = 1
    public var prioritized = false
    public var priorityAlpha: Float = 0.6
    public var priorityBetaStart: Float = 0.4
    public var priorityBetaEnd: Float = 1
    public var priorityEpsilon: Float = 1e-6

    public init() {}

    public func validate() throws(ConfigurationError) {
      try checkOffPolicy()
      if hidden.isEmpty {
        throw ConfigurationError(field: "hidden", reason: "needs at least one hidden layer")
      }
      if sdeSampleFreq == 0 {
        throw ConfigurationError(field: "sdeSampleFreq", reason: "needs 1 and above, or -1")
      }
    }

    public static let fields: [ConfigurationField<Configuration>] =
      learningFields + [
        ConfigurationField(
          "entCoef", aliases: ["alpha"],
          doc: "Weight of the entropy: a number, auto to learn it from 1, or auto_X from X.",
          read: { $0.entCoef.configurationValue },
          write: { (root, value) throws(ConfigurationError) in
            root.entCoef = try EntropyCoefficient(value, field: "entCoef")
          }),
        ConfigurationField(
          "targetEntropy",
          doc: "The entropy in nats that a learned entCoef aims at; auto: -1 for each control.",
          read: {
            $0.targetEntropy.map { .number(Double("\($0)") ?? Double($0)) } ?? .text("auto")
          },
          write: { (root, value) throws(ConfigurationError) in
            root.targetEntropy =
              value == .text("auto")
              ? nil : Float(try value.number("targetEntropy", in: -1e6...1e6))
          }),
        .integer(
          "targetUpdateInterval", \.targetUpdateInterval,
          doc: "Updates from one step of the critics' targets to the next."),
        .flag(
          "useSDE", aliases: ["sde"], \.useSDE,
          doc: "Noise that depends on the state (Raffin 2021)."),
        .integer(
          "sdeSampleFreq", \.sdeSampleFreq, in: -1...Int.max,
          doc: "Steps from one noise matrix of gSDE to the next; -1: one between bursts of updates."
        ),
        .flag(
          "useSDEAtWarmup", aliases: ["use_sde_at_warmup"], \.useSDEAtWarmup,
          doc: "Act with gSDE, not at random, until learningStarts."),
        .number(
          "logStdInit", \.logStdInit, in: -20...10,
          doc: "Logarithm of gSDE's standard deviation at first."),
      ] + replayFields
  }
}
