import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLSystem
import RLTraining
import RLWrappers

/// A training run with its folder, from the first record to the last word.
struct TrainingRun {
  let directory: RunDirectory
  private let settings: RunSettings
  private let spec: EnvironmentSpec
  private let pool: WorkerPool
  private let console: Console
  private let lock: RunLock
  private let facts: RunFacts
  private let checkpoints: RunManifest.Checkpoints
  private let isContinuing: Bool
  private var checkpoint: Checkpoint?  // what it goes on from, until it does
  private var manifest: RunManifest

  /// Makes the run's folder, with `config.yaml` and a `run.json` that says it is running.
  ///
  /// - Throws: `FileError` when the folder cannot be made, or `name` is taken.
  init(
    _ settings: RunSettings, spec: EnvironmentSpec, pool: WorkerPool, console: Console,
    root: String, name: String?, checkpoints: RunManifest.Checkpoints
  ) throws {
    let directory = try RunDirectory.create(
      in: root, name: name, env: spec.id, algo: settings.algorithm.name, seed: settings.seed)
    let yaml = settings.configuration.yaml()
    let digest = SHA256.hex(of: Array(yaml.utf8))
    self.settings = settings
    self.spec = spec
    self.pool = pool
    self.console = console
    self.directory = directory
    self.checkpoints = checkpoints
    lock = try RunLock.take(directory)
    facts = RunFacts(settings, spec: spec, configurationSHA256: digest)
    isContinuing = false
    checkpoint = nil
    let library = settings.subject.library
    manifest = RunManifest(
      id: directory.id, argv: CommandLine.arguments, env: spec.id, plugin: library.plugin.path,
      pluginSHA256: library.sha256, algo: settings.algorithm.name, seed: settings.seed,
      steps: settings.steps, hostVersion: hostVersion)
    manifest.pid = ProcessNumber.own
    manifest.workingFolder = Folder.working
    manifest.configurationSHA256 = digest
    manifest.checkpoints = checkpoints
    // a folder with a manifest has all that it takes to go on
    try directory.write(configuration: yaml)
    try directory.write(manifest)
  }

  /// Goes on with a run, and says so in its `run.json`.
  ///
  /// - Throws: `Failure` when the checkpoint does not fit, `FileError`.
  init(
    continuing run: consuming RunContinuation, spec: EnvironmentSpec, pool: WorkerPool,
    console: Console,
    lock: RunLock, checkpoints: RunManifest.Checkpoints
  ) throws {
    let digest = run.manifest.configurationSHA256 ?? ""
    let facts = RunFacts(run.settings, spec: spec, configurationSHA256: digest)
    if let checkpoint = run.checkpoint { try facts.requireFit(checkpoint) }
    settings = run.settings
    self.spec = spec
    self.pool = pool
    self.console = console
    directory = run.directory
    self.checkpoints = checkpoints
    self.lock = lock
    self.facts = facts
    isContinuing = true
    checkpoint = run.checkpoint
    manifest = run.manifest
    manifest.resume(
      .init(
        step: run.checkpoint?.step ?? 0, argv: CommandLine.arguments, changed: run.changes))
    manifest.pid = ProcessNumber.own
    manifest.checkpoints = checkpoints
    try directory.write(manifest)
  }

  /// The checkpoint that it goes on from, if there is one.
  var start: (step: Int, path: String)? { checkpoint.map { ($0.step, $0.path) } }

  /// Trains, saves, evaluates and tells.
  ///
  /// - Parameters:
  ///   - agent: fresh; it is taken over.
  ///   - trial: an environment in which the observations of the policy's self-test are gathered;
  ///     it is gone before the one that is trained in is made.
  /// - Returns: done, or stopped by a signal or a closed pipe.
  /// - Throws: what ended the run, after `run.json` says so.
  mutating func execute(
    _ agent: consuming any Agent, trying trial: consuming VectorEnvironment
  ) throws -> ExitStatus {
    let block: FinalBlock
    do {
      let rows = try SelfTestRows.gather(trial, seed: settings.seed)
      block = try execute(consume agent, PolicySaver(settings, spec: spec, rows: rows))
    } catch {
      let failure = Failure(error)
      manifest.end(
        .failed, stepsMade: nil, exitCode: failure.status.code, error: failure.message)
      // the error that ended the run is the one to tell, also where nothing can be written
      try? directory.write(manifest)
      throw failure
    }
    return try tell(block)
  }

  /// Takes the agent over: a second holder would make it copy its replay at the first step.
  private mutating func execute(
    _ agent: consuming any Agent, _ saver: PolicySaver
  ) throws -> FinalBlock {
    var observer = try makeObserver(saver)
    // a replay is large: nobody is to hold what the agent goes on with
    var state = checkpoint?.state
    checkpoint = nil
    var summary = try learn(&agent, &observer, saver, continuing: &state)
    try saver.save(
      agent.policy, summary.wrappers, steps: summary.steps, to: directory.policyPath)
    if isEvaluatedAtEnd, summary.end == .completed, !observer.shouldStop {
      try evaluateAtEnd(agent.policy, &summary, &observer)
    }
    try observer.flush()
    return try end(summary, observer.stop)
  }

  /// The logs and the checkpoints, new or continuing.
  private func makeObserver(_ saver: PolicySaver) throws -> RunObserver {
    let store = CheckpointStore(
      folder: directory.checkpointsPath, keep: checkpoints.keep, continuing: checkpoint)
    let recorder = CheckpointRecorder(
      store, seconds: checkpoints.seconds, facts: facts.values, continuing: checkpoint)
    return RunObserver(settings, try openLog(), recorder, directory, saver, console)
  }

  private func openLog() throws -> RunLog {
    if !isContinuing { return try RunLog(in: directory, spec: spec) }
    return try RunLog(in: directory, spec: spec, continuing: checkpoint?.state.part("logs"))
  }

  /// Trains. What was learned before a failure is kept, unless the numbers diverged.
  private func learn<A: Agent>(
    _ agent: inout A, _ observer: inout RunObserver, _ saver: PolicySaver,
    continuing state: inout SavedState?
  ) throws -> TrainingSummary {
    let evaluateEvery = settings.evaluationEpisodes > 0 ? settings.evaluateEvery : nil
    let plan = try TrainingPlan(
      steps: settings.steps, logEvery: settings.logEvery, evaluateEvery: evaluateEvery,
      checkpointEvery: checkpoints.every)
    var truncated = TruncatedEpisodes()
    var environment = try WrappedEnvironment(
      try settings.subject.training(settings, pool: pool), settings.wrappers.configuration,
      source: .training(seed: settings.seed))
    do {
      let summary = try train(
        &agent, in: &environment, plan: plan, continuing: state.take(),
        evaluate: evaluateEvery == nil ? nil : { try evaluation(of: $0, $1, &truncated) },
        observer: &observer)
      observer.endDisplay()
      try observer.finishCheckpoint()
      truncated.warn(console, " of evaluations")
      try tellTruncated(environment.base, summary)
      return summary
    } catch {
      observer.endDisplay()
      throw Salvage(directory, saver).failure(
        error, agent.policy, environment.wrapperState, &observer)
    }
  }

  /// Warns of episodes that were cut short.
  ///
  /// - Throws: `Failure` when there was no other.
  private func tellTruncated(
    _ environment: borrowing VectorEnvironment, _ summary: TrainingSummary
  ) throws(Failure) {
    var truncated = TruncatedEpisodes()
    truncated.add(environment)
    truncated.warn(console)
    try truncated.requireOne(of: summary.episodes)
  }

  private var isEvaluatedAtEnd: Bool {
    settings.evaluationEpisodes > 0 && settings.evaluateEvery == nil
  }

  /// The only evaluation of a run that has none on its way.
  private func evaluateAtEnd(
    _ policy: some Policy, _ summary: inout TrainingSummary, _ observer: inout RunObserver
  ) throws {
    do {
      var truncated = TruncatedEpisodes()
      let evaluation = try evaluation(of: policy, summary.wrappers, &truncated)
      truncated.warn(console, " of the evaluation")
      try observer.evaluated(
        evaluation, step: summary.steps, isBest: false, policy: policy, wrappers: summary.wrappers)
      summary.last = PlacedEvaluation(step: summary.steps, evaluation: evaluation)
    } catch is EvaluationStopped {
      return
    }
  }

  private func evaluation<P: Policy>(
    of policy: P, _ wrappers: WrapperState?, _ truncated: inout TruncatedEpisodes
  ) throws -> Evaluation {
    var policy = policy
    let course = EvaluationCourse(
      episodes: settings.evaluationEpisodes, seed: EvaluationCourse.defaultSeed)
    var environment = try FrozenWrappers(wrappers, observation: spec.observation).wrap(
      try settings.subject.evaluation(course, pool: pool), evaluationSeed: course.seed)
    let evaluation = try evaluate(
      &policy, in: &environment, deterministic: true, seed: course.seed,
      shouldStop: { StopSignal.received != nil })
    truncated.add(environment.base)
    return evaluation
  }

  /// Closes the books.
  private mutating func end(_ summary: TrainingSummary, _ stop: ExitStatus?) throws -> FinalBlock {
    let status = stop ?? .done
    manifest.end(
      stop == nil ? .completed : .stopped, stepsMade: summary.steps, exitCode: status.code)
    try directory.write(manifest)
    return FinalBlock(
      summary: summary, directory: directory, environmentID: spec.id, stop: stop,
      hasBest: summary.best != nil && PathKind(of: directory.bestPolicyPath) == .file)
  }

  private func tell(_ block: FinalBlock) throws -> ExitStatus {
    let status = block.stop ?? .done
    if console.isJSON {
      console.say(block.text(heading: console.talkHeading))
      _ = try console.offer(block.json.description)
      return status
    }
    return try console.offer(block.text(heading: console.heading)) ? status : .closedPipe
  }
}
