import RLCore

/// The hyperparameters that DDPG, TD3 and SAC have in common.
public protocol OffPolicyConfiguration: PriorityConfiguration {
  var hidden: [Int] { get set }
  var criticHidden: [Int]? { get set }
  var activation: HiddenActivation { get set }
  var learningRate: ScheduledNumber { get set }
  var bufferSize: Int { get set }
  var learningStarts: Int { get set }
  var batchSize: Int { get set }
  var tau: Float { get set }
  var gamma: Float { get set }
  var trainFrequency: Int { get set }
  var gradientSteps: Int { get set }
}

extension OffPolicyConfiguration {
  /// Updates of a burst.
  var burst: Int { gradientSteps < 0 ? trainFrequency : gradientSteps }

  func checkOffPolicy() throws(ConfigurationError) {
    for (field, widths) in [("hidden", hidden), ("criticHidden", criticHidden ?? [])]
    where widths.count > 16 {
      throw ConfigurationError(field: field, reason: "at most 16 hidden layers")
    }
    if gradientSteps == 0 {
      throw ConfigurationError(field: "gradientSteps", reason: "needs 1 and above, or -1")
    }
    if batchSize > bufferSize {
      throw ConfigurationError(
        field: "batchSize", reason: "\(batchSize) is above bufferSize, \(bufferSize)")
    }
    if priorityBetaEnd < priorityBetaStart {
      throw ConfigurationError(
        field: "priorityBetaEnd",
        reason: "\(priorityBetaEnd) is below priorityBetaStart, \(priorityBetaStart)")
    }
  }

  /// The networks and how they learn.
  static var learningFields: [ConfigurationField<Self>] {
    [
      ConfigurationField(
        "hidden", aliases: ["net_arch", "hiddenSizes"],
        doc: "Widths of the hidden layers of the policy, and of the critics by default.",
        read: { .list($0.hidden.map { .integer($0) }) },
        write: { (root, value) throws(ConfigurationError) in
          root.hidden = try value.integers("hidden", in: 1...65_536)
        }),
      ConfigurationField(
        "criticHidden", aliases: ["net_arch_qf"],
        doc: "Widths of the critics' hidden layers; none: those of hidden.",
        read: { $0.criticHidden.map { .list($0.map { .integer($0) }) } ?? .none },
        write: { (root, value) throws(ConfigurationError) in
          root.criticHidden =
            value.isNone ? nil : try value.integers("criticHidden", in: 1...65_536)
        }),
      .choice(
        "activation", aliases: ["activation_fn"], \.activation,
        doc: "What follows each hidden layer."),
      .schedule(
        "learningRate", aliases: ["lr"], \.learningRate, in: 1e-12...10,
        doc: "Step size of every Adam; lin_X falls from X to 0 over the run."),
      .integer("batchSize", \.batchSize, in: 1...1_048_576, doc: "Transitions of an update."),
      .number("gamma", aliases: ["discount"], \.gamma, in: 0...1, doc: "Discount per step."),
      .number(
        "tau", \.tau, in: 1e-9...1,
        doc: "Share of the online networks in a step of the targets; 1 copies them."),
      .integer(
        "trainFrequency", aliases: ["train_freq"], \.trainFrequency,
        doc: "Environment steps from one burst of updates to the next."),
      .integer(
        "gradientSteps", \.gradientSteps, in: -1...1_000_000,
        doc: "Updates of a burst; -1: as many as the environment steps since the last."),
    ]
  }

  /// What is kept of the past and how it is drawn.
  static var replayFields: [ConfigurationField<Self>] {
    [
      .integer(
        "bufferSize", \.bufferSize, in: 1...1_000_000_000,
        doc: "Rows of the replay ring: a transition each, and one for each episode's end."),
      .integer(
        "learningStarts", \.learningStarts, in: 0...Int.max,
        doc: "Environment steps with random actions before the first update."),
    ] + experienceFields
  }
}
