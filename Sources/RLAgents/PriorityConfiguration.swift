public import RLCore

/// How an agent draws from its past, and how far a transition of it reaches.
public protocol PriorityConfiguration: AlgorithmConfiguration {
  var batchSize: Int { get }
  var nSteps: Int { get set }
  var prioritized: Bool { get set }
  var priorityAlpha: Float { get set }
  var priorityBetaStart: Float { get set }
  var priorityBetaEnd: Float { get set }
  var priorityEpsilon: Float { get set }
}

extension DQN.Configuration: PriorityConfiguration {}

extension PriorityConfiguration {
  static var experienceFields: [ConfigurationField<Self>] {
    [
      .integer(
        "nSteps", aliases: ["n_step", "multi_step"], \.nSteps, in: 1...1024,
        doc: "Rewards that a target adds up before it bootstraps; an episode's end cuts them."),
      .flag(
        "prioritized", aliases: ["per", "prioritized_replay"], \.prioritized,
        doc: "Draw transitions by their last error (Schaul 2016, proportional)."),
      .number(
        "priorityAlpha", aliases: ["per_alpha", "prioritized_replay_alpha"], \.priorityAlpha,
        in: 0...1, doc: "Power of a priority; 0 draws uniformly."),
      .number(
        "priorityBetaStart", aliases: ["per_beta", "prioritized_replay_beta0"],
        \.priorityBetaStart, in: 0...1,
        doc: "Power of the weights of importance at the start of the run."),
      .number(
        "priorityBetaEnd", aliases: ["per_beta_end"], \.priorityBetaEnd, in: 0...1,
        doc: "The same at the end of the run; it grows linearly."),
      .number(
        "priorityEpsilon", aliases: ["per_epsilon", "prioritized_replay_eps"], \.priorityEpsilon,
        in: 1e-12...1, doc: "Added to an error, so that every transition can be drawn again."),
    ]
  }
}
