import ArgumentParser
import RLComparison
import RLSystem

/// What is compared.
struct DiffSubjectArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("A plugin's environment, or a golden trace.", valueName: "A"))
  var a: String

  @Argument(help: ArgumentHelp("Another; not with --record.", valueName: "B"))
  var b: String?

  @Option(
    name: [.customShort("E"), .customLong("env-option")],
    help: ArgumentHelp("An option of every environment. Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var options: [Setting] = []

  @Option(
    name: .customLong("a-option"),
    help: ArgumentHelp("An option of A alone. Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var optionsOfA: [Setting] = []

  @Option(
    name: .customLong("b-option"),
    help: ArgumentHelp("An option of B alone. Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var optionsOfB: [Setting] = []
}

/// What is played, and what counts as equal.
struct DiffCourseArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Episodes at most. (default: 1k; of a trace all; recorded 100)", valueName: "count"),
    transform: parseCount)
  var episodes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Steps at most, of all episodes together. (default: 100k; of a trace all; recorded 10k)",
      valueName: "count"),
    transform: parseCount)
  var steps: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Seed of the episodes and actions. (default: 0)", valueName: "number"),
    transform: parseSeed)
  var seed: Int?

  @Option(
    name: .long, help: ArgumentHelp("Episodes played side by side.", valueName: "count"),
    transform: parseCount)
  var lanes = 1

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How far numbers may be apart: 4ulp, or an absolute 1e-6. (default: not a bit)",
      valueName: "distance"),
    transform: { text in
      guard let tolerance = Tolerance(text) else {
        throw ValidationError("\"\(text)\" should be such as 4ulp or 1e-6")
      }
      return tolerance
    })
  var tolerance = Tolerance.exact

  @Flag(
    name: .long,
    help: "Give A's snapshot to B before every step, and tell of every step that differs.")
  var teacherForced = false

  @Option(
    name: .long,
    help: ArgumentHelp("Record A's answers as a golden trace in a new file.", valueName: "file"))
  var record: String?

  /// The plan that the arguments ask for.
  func plan(episodes defaultEpisodes: Int, steps defaultSteps: Int) -> ComparisonPlan {
    ComparisonPlan(
      seed: UInt64(seed ?? 0), episodes: episodes ?? defaultEpisodes,
      steps: steps ?? defaultSteps, lanes: lanes, tolerance: tolerance,
      isTeacherForced: teacherForced)
  }
}
