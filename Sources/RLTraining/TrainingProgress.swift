import RLCore
import RLSystem

/// Where a run stands, and when something is due.
struct TrainingProgress {
  private let plan: TrainingPlan
  private let lanes: Int
  private let metricNames: [String]
  private let start = MonotonicClock.nanoseconds()
  private var evaluationSeconds = 0.0
  private var lastLogged: Int?
  private var best: PlacedEvaluation?
  private var last: PlacedEvaluation?
  private(set) var step = 0  // environment steps summed over lanes
  private(set) var recent: RecentEpisodes
  var updates = 0

  init(_ plan: TrainingPlan, lanes: Int, spec: EnvironmentSpec) {
    self.plan = plan
    self.lanes = lanes
    metricNames = spec.metrics.map(\.name)
    recent = RecentEpisodes(metricCount: spec.metrics.count)
  }

  var isComplete: Bool { step >= plan.steps }

  /// Counts a step of all lanes and the episodes it ended.
  mutating func count<O: TrainingObserver & ~Copyable>(
    _ ended: [EpisodeRecord], _ observer: inout O
  ) throws {
    step += lanes
    for episode in ended {
      recent.append(episode)
      try observer.episodeEnded(episode, step: step)
    }
  }

  var isLogDue: Bool { isDue(every: plan.logEvery) }

  var isEvaluationDue: Bool {
    plan.evaluateEvery.map { isDue(every: $0) || isComplete } ?? false
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

  /// - Returns: `false` when the evaluation was stopped.
  mutating func evaluate<P: Policy, O: TrainingObserver & ~Copyable>(
    _ policy: P, _ evaluate: (P) throws -> Evaluation, _ observer: inout O
  ) throws -> Bool {
    let start = MonotonicClock.nanoseconds()
    defer { evaluationSeconds += MonotonicClock.seconds(since: start) }
    do {
      let result = PlacedEvaluation(step: step, evaluation: try evaluate(policy))
      let isBest = best.map { result.isBetter(than: $0) } ?? true
      if isBest { best = result }
      last = result
      try observer.evaluated(result.evaluation, step: step, isBest: isBest, policy: policy)
      return true
    } catch is EvaluationStopped {
      return false
    }
  }

  var summary: TrainingSummary {
    let wall = MonotonicClock.seconds(since: start)
    return TrainingSummary(
      end: isComplete ? .completed : .stopped, steps: step, episodes: recent.total,
      updates: updates, wallSeconds: wall, trainingSeconds: wall - evaluationSeconds,
      returnMean100: recent.returnMean, best: best, last: last)
  }
}

extension PlacedEvaluation {
  /// By mean return; a later one must be strictly better.
  fileprivate func isBetter(than other: PlacedEvaluation) -> Bool {
    evaluation.returns.mean > other.evaluation.returns.mean
  }
}
