import RLEnvironments

/// Episodes that were cut short because of what the plugin did.
struct TruncatedEpisodes {
  private(set) var nonfinite = 0
  private(set) var faults = 0
  private(set) var lastFault: String?  // lane, episode, seed, step and the plugin's message

  /// Adds those of `environment`.
  mutating func add(_ environment: borrowing VectorEnvironment) {
    nonfinite += environment.nonfiniteEpisodes
    faults += environment.faults
    lastFault = environment.lastFault ?? lastFault
  }

  /// Warns of them; `place` is where they were, such as ` of evaluations`. Faults are told also to
  /// those who want quiet: results without them differ.
  func warn(_ console: Console, _ place: String = "") {
    if nonfinite > 0 {
      console.warn(
        "\(counted(nonfinite, "episode"))\(place) truncated, because a reward or an observation "
          + "was not finite")
    }
    if faults > 0 {
      console.warnAlways(
        "\(counted(faults, "episode"))\(place) truncated, because the plugin gave up a lane; the "
          + "last: " + (lastFault ?? "unknown"))
    }
  }

  /// - Throws: `Failure` when all of `episodes` ended in a fault.
  func requireOne(of episodes: Int) throws(Failure) {
    guard faults > 0, faults >= episodes else { return }
    throw Failure(
      .refused,
      "the plugin gave up every episode; the last: \(lastFault ?? "unknown"); debug it with "
        + "tools/rlenv-run (plugins/README.md)")
  }
}
