import ArgumentParser
import RLAgents
import RLCore
import RLEnvironments
import RLKernels
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
      Ctrl-C ends at the next update and saves the policy; twice, at once.
      """)

  @OptionGroup(title: "Subject") var subject: SubjectArguments
  @OptionGroup(title: "Course") var course: CourseArguments
  @OptionGroup(title: "Records") var record: RecordArguments
  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    guard !record.runs.isEmpty else { throw Failure(.usage, "--runs: is empty: name a folder") }
    let settings = try RunSettings(subject, course, record)
    if record.printConfig {
      try console.answer(String(settings.configuration.yaml().dropLast()))
      return .done
    }
    try KernelSupport.requireSupported()
    try refuseEvaluationBeside(settings)
    let pool = Threads.pool(course.threads)
    let environment = try settings.subject.training(settings, pool: pool)
    do { try settings.algorithm.checkSupport(environment.spec) } catch {
      throw Failure(.refused, "\(error) (rl-host list algos tells more)")
    }
    let agent = try settings.algorithm.makeAgent(
      spec: environment.spec, lanes: settings.lanes,
      configuration: settings.hyperparameters.configuration, steps: settings.steps,
      seed: settings.seed, pool: pool, memoryLimit: Memory.physicalBytes)
    if record.dryRun {
      console.say(first(settings, environment.spec, pool.threads, nil).text)
      return .done
    }
    StopSignal.install(
      notice: console.stopNotice("stopping at the next update; again to stop at once"))
    let folder =
      record.runs.count > 1 && record.runs.hasSuffix("/")
      ? String(record.runs.dropLast()) : record.runs
    var run = try TrainingRun(
      settings, spec: environment.spec, pool: pool, console: console, root: folder,
      name: record.name)
    console.say(first(settings, environment.spec, pool.threads, run.directory.path).text)
    return try run.execute(consume agent, trying: environment)
  }

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
