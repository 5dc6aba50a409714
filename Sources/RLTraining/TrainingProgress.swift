import RLCore
import RLSystem

/// Where a run stands, and when something is due.
struct TrainingProgress {
  private let plan: TrainingPlan
  private let lanes: Int
  private let metricNames: [String]
  private let start = MonotonicClock.nanoseconds()
  private var earlierSeconds = 0.0  // of the processes that the training was resumed from
  private var evaluationSeconds = 0.0
  private var lastLogged: Int?
  private var best: PlacedEvaluation?
  private var last: PlacedEvaluation?
  private(set) var step = 0  // environment steps summed over lanes
  private(set) var recent: RecentEpisodes
  /// Whether an evaluation is due at this step and has not been made.
  private(set) var isEvaluationPending = false
  var updates = 0

  init(_ plan: TrainingPlan, lanes: Int, spec: EnvironmentSpec) {
    self.plan = plan
    self.lanes = lanes
    metricNames = spec.metrics.map(\.name)
    recent = RecentEpisodes(metricCount: spec.metrics.count)
  }

  var isComplete: Bool { step >= plan.steps }

  /// Counts the steps of a stretch and the episodes that they ended.
  mutating func count<O: TrainingObserver & ~Copyable>(
    _ stretch: borrowing Stretch, _ observer: inout O
  ) throws {
    let start = step
    step += stretch.made * lanes
    for ending in stretch.endings {
      recent.append(ending.episode)
      try observer.episodeEnded(ending.episode, step: start + (ending.iteration + 1) * lanes)
    }
  }

  /// Iterations until something is due, but `limit` at most.
  func iterations(atMost limit: Int) -> Int {
    min(
      limit, iterations(for: plan.steps - step), iterations(toMultipleOf: plan.logEvery),
      iterations(toMultipleOf: plan.checkpointEvery), iterations(toMultipleOf: plan.evaluateEvery))
  }

  private func iterations(toMultipleOf interval: Int?) -> Int {
    interval.map { iterations(for: $0 - step % $0) } ?? .max
  }

  /// Those that make `steps` steps or more, at least one.
  private func iterations(for steps: Int) -> Int { max(0, steps - 1) / lanes + 1 }

  var isLogDue: Bool { isDue(every: plan.logEvery) }

  var isCheckpointDue: Bool { step > 0 && plan.checkpointEvery.map(isDue) ?? false }

  /// Notes that an evaluation is due, if one is.
  mutating func planEvaluation() {
    isEvaluationPending = plan.evaluateEvery.map { isDue(every: $0) || isComplete } ?? false
  }

  /// Whether the last step of all lanes reached or passed a multiple of `interval`.
  private func isDue(every interval: Int) -> Bool { step % interval < lanes }

  mutating func log<A: Agent, O: TrainingObserver & ~Copyable>(
    _ agent: inout A, _ observer: inout O
  ) throws {
    lastLogged = step
    try observer.logged(record(agent.takeMetrics()))
  }

  /// The record at the run's end, unless it is there.
  mutating func logLast<A: Agent, O: TrainingObserver & ~Copyable>(
    _ agent: inout A, _ observer: inout O
  ) throws {
    if lastLogged != step { try log(&agent, &observer) }
  }

  private func record(_ agentMetrics: Metrics) -> TrainingRecord {
    var environmentMetrics = Metrics()
    for (index, name) in metricNames.enumerated() {
      if let mean = recent.metricMean(index) { environmentMetrics.append(name, mean) }
    }
    let summary = summary
    return TrainingRecord(
      step: step, episodes: recent.total, updates: updates, returnMean100: recent.returnMean,
      lengthMean100: recent.lengthMean, agentMetrics: agentMetrics,
      environmentMetrics: environmentMetrics,
      time: .init(wallSeconds: summary.wallSeconds, stepsPerSecond: summary.stepsPerSecond))
  }

  /// Makes the pending evaluation.
  ///
  /// - Returns: whether it is the best so far; `nil` when it was stopped, and so is still pending.
  mutating func evaluate<P: Policy, O: TrainingObserver & ~Copyable>(
    _ policy: P, _ wrappers: WrapperState?, _ evaluate: (P, WrapperState?) throws -> Evaluation,
    _ observer: inout O
  ) throws -> Bool? {
    let start = MonotonicClock.nanoseconds()
    defer { evaluationSeconds += MonotonicClock.seconds(since: start) }
    do {
      let result = PlacedEvaluation(step: step, evaluation: try evaluate(policy, wrappers))
      let isBest = best.map { result.isBetter(than: $0) } ?? true
      if isBest { best = result }
      last = result
      isEvaluationPending = false
      try observer.evaluated(
        result.evaluation, step: step, isBest: isBest, policy: policy, wrappers: wrappers)
      return isBest
    } catch is EvaluationStopped {
      return nil
    }
  }

  var summary: TrainingSummary {
    let wall = earlierSeconds + MonotonicClock.seconds(since: start)
    return TrainingSummary(
      end: isComplete ? .completed : .stopped, steps: step, episodes: recent.total,
      updates: updates, wallSeconds: wall, trainingSeconds: wall - evaluationSeconds,
      returnMean100: recent.returnMean, best: best, last: last)
  }
}

extension TrainingProgress {
  /// Everything but the plan, to the last bit; of the clock only how long it took so far.
  func saveState() -> SavedState {
    var state = SavedState(entries: [
      "counters": .words([
        UInt64(lanes), UInt64(step), UInt64(updates), lastLogged.map { UInt64($0) } ?? .max,
        isEvaluationPending ? 1 : 0,
      ]),
      "seconds": .words([summary.wallSeconds, evaluationSeconds].map(\.bitPattern)),
    ])
    state.merge(recent.saveState(), prefix: "recent")
    if let best { state.merge(best.saveState(), prefix: "best") }
    if let last { state.merge(last.saveState(), prefix: "last") }
    return state
  }

  /// Continues from what was saved.
  ///
  /// - Throws: `StateError` when it is of another number of lanes or metrics, or damaged.
  mutating func restore(_ state: SavedState) throws(StateError) {
    let counters = try state.words("counters", count: 5)
    guard counters[0] == UInt64(lanes) else {
      throw StateError(reason: "the state is of \(counters[0]) lanes, not of \(lanes)")
    }
    guard counters[1] < 1 << 62, counters[2] < 1 << 62, counters[4] < 2,
      counters[3] == .max || counters[3] < 1 << 62
    else { throw StateError(reason: "a counter of the training is damaged") }
    step = Int(counters[1])
    updates = Int(counters[2])
    lastLogged = counters[3] == .max ? nil : Int(counters[3])
    isEvaluationPending = counters[4] == 1
    let seconds = try state.words("seconds", count: 2).map(Double.init(bitPattern:))
    (earlierSeconds, evaluationSeconds) = (seconds[0], seconds[1])
    try recent.restore(state.part("recent"))
    best = try evaluation(state.part("best"))
    last = try evaluation(state.part("last"))
  }

  private func evaluation(_ state: SavedState) throws(StateError) -> PlacedEvaluation? {
    if state.entries.isEmpty { return nil }
    return try PlacedEvaluation(restoring: state, metricNames: metricNames)
  }
}

extension PlacedEvaluation {
  /// By mean return; a later one must be strictly better.
  fileprivate func isBetter(than other: PlacedEvaluation) -> Bool {
    evaluation.returns.mean > other.evaluation.returns.mean
  }
}
