import ArgumentParser
import RLEnvironments
import RLTraining

/// What to train on and with.
struct SubjectArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The environment: a library, and which of its environments if it has several.",
      valueName: "PATH[:Id]"))
  var env: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The algorithm; see `rl-host list algos`.", valueName: "name"))
  var algo: String?

  @Option(
    name: [.customShort("E"), .customLong("env-option")],
    help: ArgumentHelp(
      "An option of the environment; see `rl-host list envs FILE`. Repeatable.",
      valueName: "key=value"),
    transform: Setting.init)
  var environmentOptions: [Setting] = []

  @Option(
    name: [.customShort("o"), .customLong("option")],
    help: ArgumentHelp(
      "A hyperparameter; see `rl-host list algos`. Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var hyperparameters: [Setting] = []

  @Option(
    name: [.customShort("w"), .customLong("wrap")],
    help: ArgumentHelp(
      "What stands between the environment and the agent, such as normalizeObservation=true; see "
        + "`rl-host list wrappers`. Repeatable.", valueName: "key=value"),
    transform: Setting.init)
  var wrappers: [Setting] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Hyperparameters that are known to work; `none` for the algorithm's own. (default: zoo, "
        + "where the environment has it)", valueName: "name"))
  var preset: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file of values, such as the config.yaml of a run, which reproduces it; or a run's folder.",
      valueName: "file"))
  var config: String?
}

/// How much, and how.
struct CourseArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Environment steps, all lanes together: 50k, 1M. (default: the preset's, else 100k)",
      valueName: "count"),
    transform: parseCount)
  var steps: Int?

  @Option(
    name: .long, help: ArgumentHelp("Seed of the run. (default: 0)", valueName: "number"),
    transform: parseSeed)
  var seed: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Episodes played side by side. (default: the preset's, else 1)", valueName: "count"),
    transform: parseCount)
  var lanes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Instances of the environment that the lanes are spread over; changes no result. "
        + "(default: one a thread)", valueName: "count"),
    transform: parseCount)
  var instances: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Threads; changes no result. (default: the cores, at most \(Threads.useful))",
      valueName: "count"),
    transform: parseCount)
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Steps after which an episode is truncated; 0: never. (default: the environment's limit)",
      valueName: "count"),
    transform: parseCountOrZero)
  var maxEpisodeSteps: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "When a reward or an observation is not finite: end the run, or truncate the episode. "
        + "(default: fail)", valueName: "fail|truncate"))
  var onNonfinite: NonfinitePolicy?
}

/// What is written down on the way.
struct RecordArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluate every so many steps, and keep the best policy too. (default: once, at the end)",
      valueName: "steps"),
    transform: parseCount)
  var evalEvery: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Episodes of an evaluation; 0: never evaluate. (default: 20)", valueName: "count"),
    transform: parseCountOrZero)
  var evalEpisodes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write a record every so many steps. (default: a hundredth of the run)",
      valueName: "steps"),
    transform: parseCount)
  var logEvery: Int?

  @Option(name: .long, help: ArgumentHelp("Folder of the runs.", valueName: "folder"))
  var runs = "runs"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Name of the run's folder. (default: environment, algorithm, seed, time)", valueName: "name"))
  var name: String?

  @Flag(name: .long, help: "Print the configuration, with the origin of each value, and end.")
  var printConfig = false

  @Flag(name: .long, help: "Check everything, say what would be done, and end.")
  var dryRun = false
}

/// When checkpoints are taken.
struct CheckpointArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A checkpoint every so many steps: 10k, 1M. (default: by the clock alone)", valueName: "steps"
    ),
    transform: parseCount)
  var checkpointEvery: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A checkpoint after so many seconds without one; 0: never. (default: 30)",
      valueName: "seconds"),
    transform: parseSeconds)
  var checkpointSeconds: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Checkpoints that are kept, beside that of the best evaluation. (default: 3)",
      valueName: "count"),
    transform: parseCount)
  var keepCheckpoints: Int?

  /// What is asked for here, else as `former` says, else the defaults. No result depends on it.
  func plan(former: RunManifest.Checkpoints? = nil) -> RunManifest.Checkpoints {
    RunManifest.Checkpoints(
      every: checkpointEvery ?? former?.every,
      seconds: checkpointSeconds ?? former?.seconds ?? 30,
      keep: keepCheckpoints ?? former?.keep ?? 3)
  }
}
