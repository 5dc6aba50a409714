public import RLCore
import RLSystem

/// Trains `agent` in `environment`: act, step, observe, learn, advance, until the planned steps are
/// made or the observer wants to stop.
///
/// Records and evaluations come at multiples of steps, never by the clock, so a run's log is a
/// function of its seed. `evaluate` gets a copy of the policy and must bring its own environment;
/// then the agent learns the same, to the last bit, with and without it. A run that completes and is
/// evaluated at all is evaluated at its end too.
///
/// The last record of the log is at the run's last step, also when the numbers diverge or the
/// environment fails.
///
/// - Throws: `DivergenceError`, `EnvironmentError`, and what `evaluate` and `observer` throw; an
///   `EvaluationStopped` is a stop like any other.
public func train<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, in environment: inout E, plan: TrainingPlan,
  evaluate: ((A.ActingPolicy) throws -> Evaluation)? = nil, observer: inout O
) throws -> TrainingSummary {
  var progress = TrainingProgress(plan, lanes: environment.lanes, spec: environment.spec)
  do {
    try iterate(&agent, in: &environment, &progress, evaluate: evaluate, observer: &observer)
  } catch  where error is DivergenceError || error is EnvironmentError {
    // the error that ended the run is the one to tell, whatever else fails
    try? progress.logLast(&agent, &observer)
    throw error
  }
  try progress.logLast(&agent, &observer)
  return progress.summary
}

/// The only training loop of the package. Nothing in it allocates but what an ended episode, a
/// record or an evaluation needs.
private func iterate<A: Agent, E: Environment & ~Copyable, O: TrainingObserver & ~Copyable>(
  _ agent: inout A, in environment: inout E, _ progress: inout TrainingProgress,
  evaluate: ((A.ActingPolicy) throws -> Evaluation)?, observer: inout O
) throws {
  var batch = StepBatch(environment.spec, lanes: environment.lanes)
  try environment.reset(&batch)
  while !progress.isComplete && !observer.shouldStop {
    agent.act(&batch)
    try environment.step(&batch)
    try progress.count(environment.finishedEpisodes, &observer)
    agent.observe(batch)
    progress.updates += try agent.learn()
    try environment.advance(&batch)
    observer.ticked(step: progress.step, episodes: progress.recent.total, updates: progress.updates)
    if progress.isLogDue { try progress.log(&agent, &observer) }
    guard progress.isEvaluationDue, let evaluate else { continue }
    guard try progress.evaluate(agent.policy, evaluate, &observer) else { return }
  }
}
