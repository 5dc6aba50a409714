public import RLCore

extension DQN {
  /// Hyperparameters of `DQN`.
  ///
  /// The defaults suit small environments. They are Stable-Baselines3's but for the learning rate
  /// (1e-4 there), the batch (32), the target's interval (10,000), the exploration's share (0.1) and
  /// the ring (1,000,000), which are made for Atari's length of training.
  public struct Configuration: AlgorithmConfiguration {
    public enum LossKind: String, Sendable, CaseIterable {
      case huber
      case squared
    }

    public enum ActivationKind: String, Sendable, CaseIterable {
      case relu
      case tanh
    }

    public enum OptimizerKind: String, Sendable, CaseIterable {
      case adam
      case rmsprop
    }

    public var hidden = [64, 64]
    public var activation = ActivationKind.relu
    public var learningRate = ScheduledNumber.constant(1e-3)
    public var bufferSize = 100_000
    public var learningStarts = 100
    public var batchSize = 64
    public var gamma: Float = 0.99
    public var trainFrequency = 4
    public var gradientSteps = 1
    public var targetUpdateInterval = 500
    public var tau: Float = 1
    public var epsilonStart: Float = 1
    public var epsilonEnd: Float = 0.05
    public var explorationFraction: Float = 0.2
    public var maxGradientNorm: Float = 10
    public var loss = LossKind.huber
    public var optimizer = OptimizerKind.adam
    public var doubleQ = false
    public var dueling = false
    public var nSteps = 1
    public var prioritized = false
    public var priorityAlpha: Float = 0.6
    public var priorityBetaStart: Float = 0.4
    public var priorityBetaEnd: Float = 1
    public var priorityEpsilon: Float = 1e-6

    public init() {}

    public func validate() throws(ConfigurationError) {
      if hidden.count > 16 {
        throw ConfigurationError(field: "hidden", reason: "at most 16 hidden layers")
      }
      if gradientSteps == 0 {
        throw ConfigurationError(field: "gradientSteps", reason: "needs 1 and above, or -1")
      }
      if epsilonEnd > epsilonStart {
        throw ConfigurationError(
          field: "epsilonEnd", reason: "\(epsilonEnd) is above epsilonStart, \(epsilonStart)")
      }
      if priorityBetaEnd < priorityBetaStart {
        throw ConfigurationError(
          field: "priorityBetaEnd",
          reason: "\(priorityBetaEnd) is below priorityBetaStart, \(priorityBetaStart)")
      }
      if batchSize > bufferSize {
        throw ConfigurationError(
          field: "batchSize", reason: "\(batchSize) is above bufferSize, \(bufferSize)")
      }
    }

    public static let fields: [ConfigurationField<Configuration>] =
      [
        ConfigurationField(
          "hidden", aliases: ["net_arch", "hiddenSizes"],
          doc: "Widths of the hidden layers.",
          read: { .list($0.hidden.map { .integer($0) }) },
          write: { (root, value) throws(ConfigurationError) in
            root.hidden = try value.integers("hidden", in: 1...65_536)
          }),
        .choice(
          "activation", aliases: ["activation_fn"], \.activation,
          doc: "What follows each hidden layer."),
        .schedule(
          "learningRate", aliases: ["lr"], \.learningRate, in: 1e-12...10,
          doc: "Step size of the optimizer; lin_X falls from X to 0 over the run."),
        .integer(
          "bufferSize", \.bufferSize, in: 1...1_000_000_000,
          doc: "Rows of the replay ring: a transition each, and one for each episode's end."),
        .integer(
          "learningStarts", \.learningStarts, in: 0...Int.max,
          doc: "Environment steps with random actions before the first update."),
        .integer("batchSize", \.batchSize, in: 1...1_048_576, doc: "Transitions of an update."),
        .number("gamma", aliases: ["discount"], \.gamma, in: 0...1, doc: "Discount per step."),
        .integer(
          "trainFrequency", aliases: ["train_freq"], \.trainFrequency,
          doc: "Environment steps from one burst of updates to the next."),
        .integer(
          "gradientSteps", \.gradientSteps, in: -1...1_000_000,
          doc: "Updates of a burst; -1: as many as the environment steps since the last."),
        .integer(
          "targetUpdateInterval", \.targetUpdateInterval,
          doc: "Environment steps from one target update to the next."),
        .number(
          "tau", \.tau, in: 1e-9...1,
          doc: "Share of the online network in a target update; 1 copies it."),
        .number(
          "epsilonStart", aliases: ["exploration_initial_eps"], \.epsilonStart, in: 0...1,
          doc: "Probability of a random action at the start."),
        .number(
          "epsilonEnd", aliases: ["exploration_final_eps"], \.epsilonEnd, in: 0...1,
          doc: "Probability of a random action at the end of the exploration."),
        .number(
          "explorationFraction", \.explorationFraction, in: 0...1,
          doc: "Share of the run over which epsilon falls linearly."),
        .number(
          "maxGradientNorm", aliases: ["max_grad_norm"], \.maxGradientNorm, in: 1e-9...1e30,
          doc: "The gradient is scaled down to this global norm."),
        .choice("loss", \.loss, doc: "Loss of the temporal-difference error."),
        .choice("optimizer", \.optimizer, doc: "The optimizer."),
        .flag(
          "doubleQ", aliases: ["double_dqn", "double"], \.doubleQ,
          doc: "Choose the next action with the online network (van Hasselt 2016)."),
        .flag(
          "dueling", aliases: ["dueling_dqn", "dueling_net"], \.dueling,
          doc: "A stream for the state's value and one for the advantages (Wang 2016)."),
      ] + experienceFields
  }
}
