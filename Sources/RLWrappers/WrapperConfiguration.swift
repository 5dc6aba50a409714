public import RLCore

/// Which wrappers stand between an environment and an agent, with their constants.
///
/// Their order is fixed. An action passes `actionRepeat`, then `stickyActions`. A reward, summed over
/// the repetitions, passes `rewardScale`, `normalizeReward`, `clipReward`, and does so in training
/// alone. An observation passes `normalizeObservation`, `clipObservation`, `frameStack`, `timeAware`.
/// Whatever the environment's own checks demand has been checked before.
///
/// What an agent keeps stays as it was shown: one with replay learns from rows that were normalised
/// by the statistics of their time. (Stable-Baselines3 keeps raw rows and normalises what it draws.)
///
/// A step is what the agent does: with `actionRepeat` k the budget, the intervals and the learner
/// count one step for up to k of the environment. Lengths of episodes and limits of time count the
/// environment's steps.
public struct WrapperConfiguration: AlgorithmConfiguration {
  public var normalizeObservation = false
  public var normalizeReward = false
  /// What `clipObservation` was set to: 0 never clips; `nil` clips at 10 what is normalised.
  public var givenObservationLimit: Double?
  /// What `clipReward` was set to, likewise.
  public var givenRewardLimit: Double?
  public var rewardScale = 1.0
  public var actionRepeat = 1
  public var stickyActions = 0.0
  public var frameStack = 1
  public var timeAware = false
  public var epsilon = 1e-8
  /// The discount of the returns by which rewards are normalised; `nil` stands for the algorithm's.
  public var gamma: Double?

  public init() {}

  public static var fieldNoun: String { "wrapper" }

  /// The bound of each number observed; `nil` for none.
  public var observationLimit: Double? {
    Self.limit(givenObservationLimit, isNormalized: normalizeObservation)
  }

  /// The bound of each reward; `nil` for none.
  public var rewardLimit: Double? { Self.limit(givenRewardLimit, isNormalized: normalizeReward) }

  private static func limit(_ given: Double?, isNormalized: Bool) -> Double? {
    guard let given else { return isNormalized ? usualLimit : nil }
    return given > 0 ? given : nil
  }

  /// That of Stable-Baselines3's `VecNormalize`, which presets of the RL Zoo rely on; Gymnasium's
  /// wrappers do not clip.
  private static let usualLimit = 10.0

  /// The discount where neither the user nor the algorithm has one.
  static let usualGamma = 0.99

  public func validate() throws(ConfigurationError) {
    guard stickyActions < 1 else {
      throw ConfigurationError(
        field: "stickyActions", reason: "is 1: no action would ever be taken; choose less")
    }
  }
}

extension WrapperConfiguration {
  public static let fields: [ConfigurationField<WrapperConfiguration>] = [
    .flag(
      "normalizeObservation", aliases: ["norm_obs", "normalize_obs", "NormalizeObservation"],
      \.normalizeObservation,
      doc: "numbers observed, less their running mean, over their running deviation; not pictures "
        + "of bytes"),
    .flag(
      "normalizeReward", aliases: ["norm_reward", "NormalizeReward"], \.normalizeReward,
      doc: "rewards over the running deviation of the discounted return, in training alone"),
    limit(
      "clipObservation", aliases: ["clip_obs"], \.givenObservationLimit, \.observationLimit,
      doc: "bound of each number observed, on both sides; 0: none (default: 10 with "
        + "normalizeObservation, else 0)"),
    limit(
      "clipReward", aliases: [], \.givenRewardLimit, \.rewardLimit,
      doc: "bound of each reward, on both sides; 0: none (default: 10 with normalizeReward, else "
        + "0)"),
    .double(
      "rewardScale", aliases: ["reward_scaling"], \.rewardScale, in: -1e9...1e9,
      doc: "factor of each reward, in training alone"),
    .integer(
      "actionRepeat", aliases: ["frame_skip", "frameSkip"], \.actionRepeat, in: 1...10_000,
      doc: "environment steps that an action is taken for; their rewards are added"),
    .double(
      "stickyActions", aliases: ["sticky_action_probability", "repeat_action_probability"],
      \.stickyActions, in: 0...1,
      doc: "probability that the environment takes its action before once more instead"),
    .integer(
      "frameStack", aliases: ["n_stack", "stack_size"], \.frameStack, in: 1...128,
      doc: "latest observations that are shown, the newest last"),
    .flag(
      "timeAware", aliases: ["time_feature", "TimeAwareObservation"], \.timeAware,
      doc: "shows the share of the time limit that has passed"),
    .double(
      "epsilon", aliases: [], \.epsilon, in: 1e-300...1,
      doc: "added to the variances that are divided by"),
    ConfigurationField(
      "gamma",
      doc: "discount of the return by which rewards are normalised (default: the "
        + "algorithm's)", read: { $0.gamma.map { .number($0) } ?? .none },
      write: { (root, value) throws(ConfigurationError) in
        root.gamma = value == .none ? nil : try value.number("gamma", in: 0...1)
      }),
  ]

  /// A bound that may be left to the wrapper: it reads as the one in force.
  private static func limit(
    _ name: String, aliases: [String],
    _ given: any WritableKeyPath<WrapperConfiguration, Double?> & Sendable,
    _ inForce: any KeyPath<WrapperConfiguration, Double?> & Sendable, doc: String
  ) -> ConfigurationField<WrapperConfiguration> {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { .number($0[keyPath: inForce] ?? 0) },
      write: { (root, value) throws(ConfigurationError) in
        let isNone = value == .none || value == .text("none")
        root[keyPath: given] = isNone ? 0 : try value.number(name, in: 0...1e30)
      })
  }

  /// `key` under its own name; the RL Zoo's `normalize` means both normalisations.
  ///
  /// - Throws: `ConfigurationError` for an unknown key, with a suggestion.
  public static func names(for key: String) throws(ConfigurationError) -> [String] {
    if key == "normalize" { return ["normalizeObservation", "normalizeReward"] }
    if let field = field(named: key) { return [field.name] }
    let near = suggestion(for: key, among: fields.map(\.name)).map { "; did you mean \($0)?" }
    throw ConfigurationError(
      field: key,
      reason: "no such wrapper"
        + (near ?? "; there are \(fields.map(\.name).joined(separator: ", "))"))
  }

  /// The names of the values that change something, in declared order.
  public var namesInForce: [String] {
    let isClipping = (observationLimit != nil, rewardLimit != nil)
    let isInForce: [String: Bool] = [
      "normalizeObservation": normalizeObservation, "normalizeReward": normalizeReward,
      "clipObservation": isClipping.0 || normalizeObservation,
      "clipReward": isClipping.1 || normalizeReward, "rewardScale": rewardScale != 1,
      "actionRepeat": actionRepeat > 1, "stickyActions": stickyActions > 0,
      "frameStack": frameStack > 1, "timeAware": timeAware,
      "epsilon": normalizeObservation || normalizeReward,
      "gamma": normalizeReward && gamma != nil,
    ]
    return Self.fields.map(\.name).filter { isInForce[$0] ?? false }
  }

  /// Whether nothing is wrapped.
  public var isEmpty: Bool { namesInForce.isEmpty }

  var changesRewards: Bool { normalizeReward || rewardLimit != nil || rewardScale != 1 }

  var changesObservations: Bool {
    normalizeObservation || observationLimit != nil || frameStack > 1 || timeAware
  }

  /// The environment as an agent sees it.
  ///
  /// - Throws: `ConfigurationError` when a wrapper has nothing to work on, or needs a time limit.
  public func wrapped(_ spec: EnvironmentSpec) throws(ConfigurationError) -> EnvironmentSpec {
    var wrapped = spec
    if let plan = try plan(spec.observation, timeLimit: spec.maxEpisodeSteps) {
      wrapped.observation = plan.space
    }
    return wrapped
  }

  /// What becomes of observations; `nil` when they stay as they are.
  func plan(
    _ observation: Space, timeLimit: Int?
  ) throws(ConfigurationError) -> ObservationPlan? {
    guard changesObservations else { return nil }
    return try ObservationPlan(observation, self, timeLimit: timeLimit)
  }
}
