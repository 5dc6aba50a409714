import ArgumentParser
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLSystem
import RLTraining

/// `rl-host train`, which is also what `rl-host` does without a verb.
struct TrainCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an agent; the default verb.",
    discussion: """
      EXAMPLES:
        rl-host --env plugins/cartpole.so --algo dqn
        rl-host --env my.so:Hard-v1 --algo dqn -E wind=0.2 -o learningRate=1e-3 --steps 1M
        rl-host --config runs/NAME/config.yaml --seed 1

      A flag wins over the file, the file over the preset, the preset over the defaults.
      Ctrl-C ends at the next update, with a checkpoint and the policy saved; twice, at once.
      rl-host resume goes on from there, or from the last checkpoint of a run that died, to the bits
      of a run that was never interrupted. kill -USR1 takes a checkpoint and goes on.
      """)

  @OptionGroup(title: "Subject") var subject: SubjectArguments
  @OptionGroup(title: "Course") var course: CourseArguments
  @OptionGroup(title: "Records") var record: RecordArguments
  @OptionGroup(title: "Checkpoints; they change no result") var checkpoints: CheckpointArguments
  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    guard !record.runs.isEmpty else { throw Failure(.usage, "--runs: is empty: name a folder") }
    let settings = try RunSettings(subject, course, record)
    if record.printConfig {
      try console.answer(String(settings.configuration.yaml().dropLast()))
      return .done
    }
    LongRunSignals.install()
    try refuseEvaluationBeside(settings)
    let pool = Threads.pool(course.threads)
    let trial = try settings.trial(pool: pool)
    let spec = trial.spec
    let agent = try settings.agent(spec: spec, pool: pool)
    if record.dryRun {
      console.say(first(settings, spec, pool.threads, nil).text)
      return .done
    }
    StopSignal.install(notice: console.stopNotice(Self.stopNotice))
    let folder =
      record.runs.count > 1 && record.runs.hasSuffix("/")
      ? String(record.runs.dropLast()) : record.runs
    var run = try TrainingRun(
      settings, spec: spec, pool: pool, console: console, root: folder,
      name: record.name, checkpoints: checkpoints.plan())
    console.say(first(settings, spec, pool.threads, run.directory.path).text)
    return try run.execute(consume agent, trying: trial)
  }

  static let stopNotice = "stopping at the next update; again to stop at once"

  /// An evaluation on the way needs a second instance.
  private func refuseEvaluationBeside(_ settings: RunSettings) throws(Failure) {
    let environment = settings.subject.environment
    guard environment.flags.contains(.singleInstance), settings.evaluateEvery != nil else { return }
    throw Failure(
      .usage,
      "--eval-every: \(environment.id) has global state, and so one instance in a process: "
        + "leave it out, and the final policy is evaluated when training has ended")
  }

  private func first(
    _ settings: RunSettings, _ spec: EnvironmentSpec, _ threads: Int, _ path: String?
  ) -> FirstBlock {
    FirstBlock(
      settings: settings, spec: spec, threads: threads, runPath: path,
      showsEverything: words.verbose)
  }
}
