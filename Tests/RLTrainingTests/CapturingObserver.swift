import RLCore
import RLTraining

/// Keeps everything it is told, and a checkpoint of every moment at which one is offered.
struct CapturingObserver: TrainingObserver {
  /// A checkpoint, and how much was observed before it.
  struct Moment {
    var occasion: CheckpointOccasion
    var step: Int
    var state: SavedState
    var episodes: Int
    var records: Int
    var evaluations: Int
  }

  var log = RecordingObserver()
  var takesCheckpoints = true
  private(set) var moments: [Moment] = []

  init(stopsAfterTicks: Int? = nil, takesCheckpoints: Bool = true) {
    log.stopsAfterTicks = stopsAfterTicks
    self.takesCheckpoints = takesCheckpoints
  }

  var shouldStop: Bool { log.shouldStop }

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) {
    log.episodeEnded(episode, step: step)
  }

  mutating func logged(_ record: TrainingRecord) { log.logged(record) }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) { log.evaluated(evaluation, step: step, isBest: isBest, policy: policy) }

  mutating func ticked(step: Int, episodes: Int, updates: Int) {
    log.ticked(step: step, episodes: episodes, updates: updates)
  }

  func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) -> Bool { takesCheckpoints }

  mutating func checkpoint(_ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int) {
    precondition(capture.columns.isEmpty, "toys have no large arrays")
    moments.append(
      Moment(
        occasion: occasion, step: step, state: capture.state, episodes: log.episodes.count,
        records: log.records.count, evaluations: log.evaluations.count))
  }
}

extension RecordingObserver {
  /// What was told, as text without the clock: from the given counts on.
  func told(episodes: Int = 0, records: Int = 0, evaluations: Int = 0) -> [String] {
    rows[episodes...]
      + self.records[records...].map { MetricsRecord($0).withoutTime.json }
      + self.evaluations[evaluations...].map {
        "\($0.step) \($0.isBest) \($0.policy.tensors[0].values[0].bitPattern)"
      }
  }
}
