internal import RLCore

/// Which episodes the lanes play, and their seeds.
public enum EpisodePlan: Sendable, Equatable {
  /// Lane `l` plays its episodes 0, 1, 2, ... without end.
  case training(seed: UInt64)
  /// Lane `i` of `L` plays the episodes i, i + L, i + 2L, ... below `episodes`: a quota, so that
  /// short episodes are not favoured. Where the environment has no time limit, episodes are
  /// truncated at `stepCap`.
  case evaluation(seed: UInt64, episodes: Int, stepCap: Int)

  /// The first episode of a lane; `nil` if there is none for it.
  func firstEpisode(lane: Int) -> Int? {
    switch self {
    case .training: 0
    case .evaluation(_, let episodes, _): lane < episodes ? lane : nil
    }
  }

  /// The episode that a lane plays after `episode`; `nil` if that was its last.
  func episode(after episode: Int, lanes: Int) -> Int? {
    switch self {
    case .training: episode + 1
    case .evaluation(_, let episodes, _): episode + lanes < episodes ? episode + lanes : nil
    }
  }

  /// Whether a lane plays `episode` at some time; `nil` is to have none left.
  func plays(_ episode: Int?, lane: Int, lanes: Int) -> Bool {
    switch self {
    case .training: episode.map { $0 >= 0 } ?? false
    case .evaluation(_, let episodes, _):
      episode.map { $0 >= 0 && $0 < episodes && $0 % lanes == lane } ?? true
    }
  }

  /// The seed of a lane's episode.
  func seed(lane: Int, episode: Int) -> UInt64 {
    switch self {
    case .training(let run): EpisodeSeeds.training(run: run, lane: lane, episode: episode)
    case .evaluation(let run, _, _): EpisodeSeeds.evaluation(run: run, episode: episode)
    }
  }

  /// When the host truncates an episode.
  ///
  /// - Parameters:
  ///   - declared: the environment's own limit.
  ///   - override: what the user said; 0 is no limit.
  /// - Returns: the number of steps; `nil` for never.
  func stepLimit(declared: Int?, override: Int?) -> Int? {
    let limit = override.map { $0 == 0 ? nil : $0 } ?? declared
    guard case .evaluation(_, _, let cap) = self else { return limit }
    return limit ?? cap
  }
}
