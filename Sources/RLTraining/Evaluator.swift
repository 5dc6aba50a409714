public import RLCore
import RLSystem

/// Plays the environment's planned episodes with `policy`.
///
/// Every planned episode is played to its end and counts once, so short episodes are not favoured.
/// A sampling policy draws from a stream that each episode starts anew from its own seed. So the
/// result is the same for every number of lanes.
///
/// - Parameters:
///   - policy: a copy of its own, since acting uses its buffers.
///   - environment: one that plans its episodes, not yet reset.
///   - deterministic: whether the policy takes its most valued action; otherwise it samples.
///   - seed: the seed of the evaluation, the one that planned the environment's episodes.
///   - shouldStop: polled between iterations.
/// - Returns: the episodes in order of their indices, and their statistics.
/// - Throws: `EnvironmentError`; `EvaluationStopped` when `shouldStop` said so.
public func evaluate<P: Policy, E: Environment & ~Copyable>(
  _ policy: inout P, in environment: inout E, deterministic: Bool, seed: UInt64,
  shouldStop: () -> Bool = { false }
) throws -> Evaluation {
  let start = MonotonicClock.nanoseconds()
  var batch = StepBatch(environment.spec, lanes: environment.lanes)
  var episodes: [EpisodeRecord] = []
  try environment.reset(&batch)
  var streams = (0..<environment.lanes).map { episodeStream(environment, lane: $0, seed: seed) }
  while !environment.isExhausted {
    if shouldStop() { throw EvaluationStopped() }
    policy.act(&batch, deterministic: deterministic, random: &streams)
    try environment.step(&batch)
    let first = episodes.count
    episodes += environment.finishedEpisodes
    try environment.advance(&batch)
    for episode in episodes[first...] {
      streams[episode.lane] = episodeStream(environment, lane: episode.lane, seed: seed)
    }
  }
  return Evaluation(
    episodes: episodes, metricNames: environment.spec.metrics.map(\.name),
    deterministic: deterministic, seed: seed, wallSeconds: MonotonicClock.seconds(since: start))
}

/// The policy's stream for the episode that `lane` is in: a function of the episode's seed alone.
private func episodeStream<E: Environment & ~Copyable>(
  _ environment: borrowing E, lane: Int, seed: UInt64
) -> RandomStream {
  let episode = environment.episodeIndex(lane: lane) ?? 0
  return RandomStream(
    seed: EpisodeSeeds.evaluation(run: seed, episode: episode), purpose: "policy")
}

/// An evaluation that was stopped before its last episode; there is no result.
public struct EvaluationStopped: Error, Sendable, Equatable, CustomStringConvertible {
  public init() {}

  public var description: String { "the evaluation was stopped before its last episode" }
}
