import RLCore

/// Which episodes an environment plays: what is drawn by wrappers is a function of their seeds.
public enum EpisodeSource: Sendable, Equatable {
  /// A training: rewards are wrapped, and statistics go on.
  case training(seed: UInt64)
  /// An evaluation: rewards stay raw, and statistics are frozen.
  case evaluation(seed: UInt64)

  var isTraining: Bool { if case .training = self { true } else { false } }

  /// The seed of a lane's episode.
  func seed(lane: Int, episode: Int) -> UInt64 {
    switch self {
    case .training(let run): EpisodeSeeds.training(run: run, lane: lane, episode: episode)
    case .evaluation(let run): EpisodeSeeds.evaluation(run: run, episode: episode)
    }
  }
}
