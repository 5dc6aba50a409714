import ArgumentParser
import RLSystem

/// What to evaluate, and in what.
struct EvaluationSubjectArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The folder of a run, or a policy file.", valueName: "run-or-policy"))
  var target: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The environment. (default: the run's)", valueName: "PATH[:Id]"))
  var env: String?

  @Option(
    name: [.customShort("E"), .customLong("env-option")],
    help: ArgumentHelp(
      "An option of the environment. (default: the run's) Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var environmentOptions: [Setting] = []
}

/// Which episodes, and how.
struct EvaluationCourseArguments: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Episodes: 100, 1k. (default: 100)", valueName: "count"),
    transform: parseCount)
  var episodes: Int = 100

  @Option(
    name: .long, help: ArgumentHelp("Seed of the episodes. (default: 0)", valueName: "number"),
    transform: parseSeed)
  var seed: Int = Int(EvaluationCourse.defaultSeed)

  @Flag(exclusivity: .exclusive, help: "Take the best action, or draw from the policy's.")
  var choosing: Choosing = .deterministic

  /// How a policy chooses its actions.
  enum Choosing: String, EnumerableFlag {
    case deterministic
    case sampled
  }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Steps after which an episode is truncated; 0: never, but for the cap. (default: the "
        + "policy's limit, else the environment's, else a cap of \(EvaluationCourse.stepCap))",
      valueName: "count"),
    transform: parseCountOrZero)
  var maxEpisodeSteps: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Episodes played side by side; changes no result. (default: "
        + "\(EvaluationCourse.defaultLanes))", valueName: "count"),
    transform: parseCount)
  var lanes: Int = EvaluationCourse.defaultLanes

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Threads; changes no result. (default: the cores, at most \(Threads.useful))",
      valueName: "count"),
    transform: parseCount)
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Write a row for each episode to this file.", valueName: "file"))
  var episodesCsv: String?

  var isDeterministic: Bool { choosing == .deterministic }

  /// In a few words.
  var text: String {
    "\(CountText.grouped(episodes)) \(isDeterministic ? "greedy" : "sampled"), seed \(seed)"
  }
}
