/// Seeds of episodes, each below 2^53 so that any JSON reader keeps it exact.
///
/// An episode's seed is a function of where it stands, never of what ran before it: any episode can
/// be replayed alone, and evaluation does not depend on the number of lanes.
public enum EpisodeSeeds {
  /// The seed of a lane's `episode`-th training episode.
  public static func training(run: UInt64, lane: Int, episode: Int) -> UInt64 {
    seed(run, training, UInt64(lane), UInt64(episode))
  }

  /// The seed of the `episode`-th episode of an evaluation: the same for every policy.
  public static func evaluation(run: UInt64, episode: Int) -> UInt64 {
    seed(run, evaluation, UInt64(episode), 0)
  }

  private static let training = purposeHash("training")
  private static let evaluation = purposeHash("evaluation")

  private static func seed(_ run: UInt64, _ purpose: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
    let first = scramble(mix(run, purposeHash: purpose) ^ scramble(a &+ 0x9E37_79B9_7F4A_7C15))
    return scramble(first &+ scramble(b &+ 0xD1B5_4A32_D192_ED03)) >> 11
  }
}
