import RLCore
import RLTraining

/// Keeps everything it is told.
struct RecordingObserver: TrainingObserver {
  var stopsAfterTicks: Int?
  private(set) var episodes: [EpisodeRecord] = []
  private(set) var episodeSteps: [Int] = []
  private(set) var records: [TrainingRecord] = []
  private(set) var evaluations: [(step: Int, isBest: Bool, policy: PolicyExport)] = []
  private(set) var ticks: [Int] = []

  /// The episodes as text, in which a metric that is not a number equals itself.
  var rows: [String] {
    zip(episodes, episodeSteps).map { EpisodeTable.trainingRow($0, step: $1) }
  }

  var shouldStop: Bool { stopsAfterTicks.map { ticks.count >= $0 } ?? false }

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) {
    episodes.append(episode)
    episodeSteps.append(step)
  }

  mutating func logged(_ record: TrainingRecord) { records.append(record) }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) {
    evaluations.append((step, isBest, policy.export()))
  }

  mutating func ticked(step: Int, episodes: Int, updates: Int) { ticks.append(step) }
}

/// An evaluation of one episode with this return.
func evaluation(withReturn value: Double) -> Evaluation {
  let episode = EpisodeRecord(
    lane: 0, index: 0, seed: 0, episodeReturn: value, length: 1, terminated: true,
    truncated: false, metrics: [])
  return Evaluation(
    episodes: [episode], metricNames: [], deterministic: true, seed: 0, wallSeconds: 0)
}
