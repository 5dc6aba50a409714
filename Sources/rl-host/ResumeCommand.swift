import ArgumentParser
import RLCore
import RLEnvironments
import RLParallel
import RLSystem
import RLTraining

/// `rl-host resume`: a run goes on where it was interrupted.
struct ResumeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run that was stopped, or died.",
    discussion: """
      EXAMPLES:
        rl-host resume runs/NAME
        rl-host resume runs/NAME --threads 1

      Goes on from the newest checkpoint that is whole, and ends with the policies and the logs of a
      run that was never interrupted, to the last bit. Without a checkpoint the run starts over.
      rl-host list runs shows what can be resumed.
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var run: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Threads; changes no result. (default: the cores, at most \(Threads.useful))",
      valueName: "count"),
    transform: parseCount)
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Where the plugin is now, if it was moved.", valueName: "path"))
  var env: String?

  @Flag(
    name: .long,
    help: "Go on with another plugin or version of rl-host; the run is no longer exact.")
  var allowChanged = false

  @OptionGroup(title: "Checkpoints; as before, unless said") var checkpoints: CheckpointArguments
  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let directory = RunDirectory(
      path: run.count > 1 && run.hasSuffix("/") ? String(run.dropLast()) : run)
    guard PathKind(of: directory.path) == .folder else {
      throw Failure(
        .missing, "\(directory.path): there is no such run; rl-host list runs shows what there is")
    }
    if try PolicySource.manifest(of: directory).state == .completed {
      return try tellCompleted(directory, console)
    }
    LongRunSignals.install()
    let lock = try RunLock.take(directory)
    let continuation = try RunContinuation(
      directory, plugin: env, allowsChanges: allowChanged)
    tell(continuation, console)
    return try go(on: consume continuation, lock, console)
  }

  private func go(
    on continuation: consuming RunContinuation, _ lock: RunLock, _ console: Console
  ) throws -> ExitStatus {
    // another process may have ended it in the meantime
    if continuation.manifest.state == .completed {
      return try tellCompleted(continuation.directory, console)
    }
    let settings = continuation.settings
    let pool = Threads.pool(threads)
    let trial = try settings.trial(pool: pool)
    let spec = trial.spec
    let agent = try settings.agent(spec: spec, pool: pool)
    StopSignal.install(notice: console.stopNotice(TrainCommand.stopNotice))
    let former = continuation.manifest.checkpoints
    // the state of a replay is large: the run alone is to have it
    var run = try TrainingRun(
      continuing: consume continuation, spec: spec, pool: pool, console: console,
      lock: lock, checkpoints: checkpoints.plan(former: former))
    console.say(
      FirstBlock(
        settings: settings, spec: spec, threads: pool.threads,
        runPath: run.directory.path, showsEverything: words.verbose, continuing: run.start
      ).text)
    return try run.execute(consume agent, trying: trial)
  }

  /// Says what is not as it should be.
  private func tell(_ continuation: RunContinuation, _ console: Console) {
    for damage in continuation.skipped { console.warnAlways("passed over: \(damage)") }
    if !continuation.changes.isEmpty {
      console.warnAlways(
        "from here on the run is not the one that it would have been, for something has changed:"
          + continuation.changes.map { "\n  \($0)" }.joined())
    }
    if continuation.checkpoint == nil {
      console.say("\(continuation.directory.path): has no checkpoint yet: it starts over")
    }
  }

  private func tellCompleted(_ directory: RunDirectory, _ console: Console) throws -> ExitStatus {
    let command = shellCommand([FinalBlock.program, "eval", directory.path])
    console.say("\(directory.path): is complete; evaluate it: \(command)")
    if console.isJSON {
      try console.answer(
        JSON.object([
          .init("schema", .text("rl-host/resume/1")), .init("run", .text(directory.path)),
          .init("state", .text(RunManifest.State.completed.rawValue)),
        ]).description)
    }
    return .done
  }
}
