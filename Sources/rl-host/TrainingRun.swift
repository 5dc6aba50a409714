import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLSystem
import RLTraining

/// A training run with its folder, from the first record to the last word.
struct TrainingRun {
  let directory: RunDirectory
  private let settings: RunSettings
  private let spec: EnvironmentSpec
  private let pool: WorkerPool
  private let console: Console
  private var manifest: RunManifest

  /// Makes the run's folder, with `config.yaml` and a `run.json` that says it is running.
  ///
  /// - Throws: `FileError` when the folder cannot be made, or `name` is taken.
  init(
    _ settings: RunSettings, spec: EnvironmentSpec, pool: WorkerPool, console: Console,
    root: String, name: String?
  ) throws(FileError) {
    self.settings = settings
    self.spec = spec
    self.pool = pool
    self.console = console
    let library = settings.subject.library
    directory = try RunDirectory.create(
      in: root, name: name, env: spec.id, algo: settings.algorithm.name, seed: settings.seed)
    manifest = RunManifest(
      id: directory.id, argv: CommandLine.arguments, env: spec.id, plugin: library.plugin.path,
      pluginSHA256: library.sha256, algo: settings.algorithm.name, seed: settings.seed,
      steps: settings.steps, hostVersion: hostVersion)
    manifest.pid = ProcessNumber.own
    try directory.write(manifest)
    try directory.write(configuration: settings.configuration.yaml())
  }

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
    var observer = try RunObserver(settings, spec: spec, directory, saver, console)
    var summary = try learn(&agent, &observer, saver)
    try saver.save(agent.policy, steps: summary.steps, to: directory.policyPath)
    if isEvaluatedAtEnd, summary.end == .completed, !observer.shouldStop {
      try evaluateAtEnd(agent.policy, &summary, &observer)
    }
    try observer.flush()
    return try end(summary, observer.stop)
  }

  /// Trains. What was learned before a failure is kept, unless the numbers diverged.
  private func learn<A: Agent>(
    _ agent: inout A, _ observer: inout RunObserver, _ saver: PolicySaver
  ) throws -> TrainingSummary {
    let evaluateEvery = settings.evaluationEpisodes > 0 ? settings.evaluateEvery : nil
    let plan = try TrainingPlan(
      steps: settings.steps, logEvery: settings.logEvery, evaluateEvery: evaluateEvery)
    var truncated = TruncatedEpisodes()
    do {
      var environment = try settings.subject.training(settings, pool: pool)
      let summary = try train(
        &agent, in: &environment, plan: plan,
        evaluate: evaluateEvery == nil ? nil : { try evaluation(of: $0, &truncated) },
        observer: &observer)
      observer.endDisplay()
      truncated.warn(console, " of evaluations")
      try tellTruncated(environment, summary)
      return summary
    } catch {
      observer.endDisplay()
      // the error that ended the training is the one to tell
      try? observer.flush()
      guard !(error is DivergenceError), observer.updates > 0 else { throw error }
      let path = directory.policyPath
      guard (try? saver.save(agent.policy, steps: observer.step, to: path)) != nil else {
        throw error
      }
      var failure = Failure(error)
      failure.message += "\nThe policy as it was at step \(observer.step) is saved: \(path)"
      throw failure
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
      let evaluation = try evaluation(of: policy, &truncated)
      truncated.warn(console, " of the evaluation")
      try observer.evaluated(evaluation, step: summary.steps, isBest: false, policy: policy)
      summary.last = PlacedEvaluation(step: summary.steps, evaluation: evaluation)
    } catch is EvaluationStopped {
      return
    }
  }

  private func evaluation<P: Policy>(
    of policy: P, _ truncated: inout TruncatedEpisodes
  ) throws -> Evaluation {
    var policy = policy
    let course = EvaluationCourse(
      episodes: settings.evaluationEpisodes, seed: EvaluationCourse.defaultSeed)
    var environment = try settings.subject.evaluation(course, pool: pool)
    let evaluation = try evaluate(
      &policy, in: &environment, deterministic: true, seed: course.seed,
      shouldStop: { StopSignal.received != nil })
    truncated.add(environment)
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
      hasBest: summary.best != nil)
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
