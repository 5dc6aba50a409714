public import RLCore
import RLSystem

/// Trains `agent` in `environment`: stretches of acting, stepping, observing and advancing, and
/// updates between them, until the planned steps are made or the observer wants to stop.
///
/// How long a stretch is follows from what is due and from the clock; it changes no result. Records
/// and evaluations come at multiples of steps, never by the clock, so a run's log is a function of
/// its seed. `evaluate` gets a copy of the policy and must bring its own environment; then the agent
/// learns the same, to the last bit, with and without it. A run that completes and is evaluated at
/// all is evaluated at its end too.
///
/// The last record of the log is at the run's last step, also when the numbers diverge or the
/// environment fails.
///
/// Between two stretches the observer may take a checkpoint: after the environment has advanced, the
/// record and the evaluation that were due are made. That changes no result. A training that
/// continues from one goes the way that the one that made it went, to the last bit.
///
/// - Parameters:
///   - agent: fresh.
///   - environment: fresh.
///   - plan: the same when it continues.
///   - state: what a checkpoint holds: `agent`, `environment` and `training`; `nil` to begin.
///   - evaluate: plays the episodes of an evaluation, behind the wrappers as they stand.
///   - observer: as it was at the checkpoint.
/// - Returns: where the training ended.
/// - Throws: `DivergenceError`, `EnvironmentError`, `StateError` when `state` is of something else,
///   and what `evaluate` and `observer` throw; an `EvaluationStopped` is a stop like any other.
public func train<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, in environment: inout E, plan: TrainingPlan,
  continuing state: consuming SavedState? = nil,
  evaluate: ((A.ActingPolicy, WrapperState?) throws -> Evaluation)?, observer: inout O
) throws -> TrainingSummary {
  var progress = TrainingProgress(plan, lanes: environment.lanes, spec: environment.spec)
  var batch = StepBatch(environment.spec, lanes: environment.lanes)
  // the state of a replay is large: it must not outlive its use
  try begin(&agent, &environment, &progress, &batch, consume state)
  do {
    try iterate(&agent, in: &environment, &progress, &batch, evaluate: evaluate, &observer)
  } catch  where isOfTheTraining(error) {
    // the error that ended the run is the one to tell, whatever else fails
    try? progress.logLast(&agent, &observer)
    throw error
  }
  try progress.logLast(&agent, &observer)
  var summary = progress.summary
  summary.wrappers = environment.wrapperState
  return summary
}

/// Trains as above, where evaluations need no wrappers.
public func train<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, in environment: inout E, plan: TrainingPlan,
  continuing state: consuming SavedState? = nil,
  evaluate: ((A.ActingPolicy) throws -> Evaluation)? = nil, observer: inout O
) throws -> TrainingSummary {
  try train(
    &agent, in: &environment, plan: plan, continuing: consume state,
    evaluate: evaluate.map { evaluate in { policy, _ in try evaluate(policy) } },
    observer: &observer)
}

private func isOfTheTraining(_ error: any Error) -> Bool {
  error is DivergenceError || error is EnvironmentError || error is CheckpointError
}

/// Starts the first episodes, or puts everything where a checkpoint found it.
private func begin<A: Agent, E: Environment & ~Copyable>(
  _ agent: inout A, _ environment: inout E, _ progress: inout TrainingProgress,
  _ batch: inout StepBatch, _ state: consuming SavedState?
) throws {
  guard let state else { return try environment.reset(&batch) }
  try progress.restore(state.part("training"))
  try agent.restore(state.part("agent"))
  try environment.restore(state.part("environment"), &batch)
}

/// The only training loop of the package. Nothing in it allocates but what an ended episode, a
/// record, an evaluation or a checkpoint needs, and some words for each stretch that groups play.
private func iterate<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, in environment: inout E, _ progress: inout TrainingProgress,
  _ batch: inout StepBatch, evaluate: ((A.ActingPolicy, WrapperState?) throws -> Evaluation)?,
  _ observer: inout O
) throws {
  var (stretch, pace) = (Stretch(), StretchPace())
  while try settle(&agent, environment, &progress, batch, evaluate: evaluate, &observer) {
    let room = pace.begin(room: agent.playableIterations)
    stretch.begin(progress.iterations(atMost: room))
    do {
      try agent.play(&stretch, in: &environment, &batch)
    } catch {
      try? progress.count(stretch, &observer)
      throw error
    }
    pace.end(stretch)
    try progress.count(stretch, &observer)
    progress.updates += try agent.learn()
    observer.ticked(step: progress.step, episodes: progress.recent.total, updates: progress.updates)
    if progress.isLogDue { try progress.log(&agent, &observer) }
    progress.planEvaluation()
  }
}

/// Makes the evaluation that is pending, and the checkpoints that are wanted.
///
/// - Returns: whether there is more to train.
private func settle<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, _ environment: borrowing E, _ progress: inout TrainingProgress,
  _ batch: borrowing StepBatch, evaluate: ((A.ActingPolicy, WrapperState?) throws -> Evaluation)?,
  _ observer: inout O
) throws -> Bool {
  var occasion = progress.isCheckpointDue ? CheckpointOccasion.due : .iteration
  if progress.isComplete, try observer.wantsCheckpoint(.end, step: progress.step) {
    try checkpoint(.end, &agent, environment, progress, batch, &observer)
  }
  if progress.isEvaluationPending, let evaluate {
    let isBest = try progress.evaluate(
      agent.policy, environment.wrapperState, evaluate, &observer)
    occasion = isBest.map { $0 ? .best : occasion } ?? .stop
  }
  if !progress.isComplete, observer.shouldStop { occasion = .stop }
  let isOver = progress.isComplete || occasion == .stop
  if isOver, occasion != .stop, occasion != .best { return false }
  if try observer.wantsCheckpoint(occasion, step: progress.step) {
    try checkpoint(occasion, &agent, environment, progress, batch, &observer)
  }
  return !isOver
}

/// Hands the observer the state of everything.
private func checkpoint<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ occasion: CheckpointOccasion, _ agent: inout A, _ environment: borrowing E,
  _ progress: TrainingProgress, _ batch: borrowing StepBatch, _ observer: inout O
) throws {
  repeat {
    if observer.needsWholeState { agent.captureAnew() }
    var capture = StateCapture(state: SavedState())
    capture.merge(agent.capture(), prefix: "agent")
    capture.state.merge(try environment.saveState(batch), prefix: "environment")
    capture.state.merge(progress.saveState(), prefix: "training")
    try observer.checkpoint(capture, occasion, step: progress.step)
    // a stop has no later occasion
  } while occasion == .stop && observer.needsWholeState
}
