import RLCore

extension PlacedEvaluation {
  private static let fixedWords = 5  // of an episode, beside its metrics

  /// Everything that the evaluation is made of, to the last bit.
  func saveState() -> SavedState {
    let rows = evaluation.episodes.flatMap { episode in
      let ends: UInt64 = (episode.terminated ? 1 : 0) | (episode.truncated ? 2 : 0)
      return [
        UInt64(episode.index), episode.seed, episode.episodeReturn.bitPattern,
        UInt64(episode.length), ends,
      ] + episode.metrics.map(\.bitPattern)
    }
    return SavedState(entries: [
      "place": .words([
        UInt64(step), evaluation.deterministic ? 1 : 0, evaluation.seed,
        evaluation.wallSeconds.bitPattern,
      ]),
      "episodes": .words(rows),
    ])
  }

  /// The evaluation that was saved.
  ///
  /// - Throws: `StateError` when it is of another number of metrics, or damaged.
  init(restoring state: SavedState, metricNames: [String]) throws(StateError) {
    let place = try state.words("place", count: 4)
    guard place[0] < 1 << 62, place[1] < 2, case .words(let rows)? = state["episodes"] else {
      throw Self.damage
    }
    let evaluation = Evaluation(
      episodes: try Self.episodes(rows, metrics: metricNames.count), metricNames: metricNames,
      deterministic: place[1] == 1, seed: place[2], wallSeconds: Double(bitPattern: place[3]))
    self.init(step: Int(place[0]), evaluation: evaluation)
  }

  private static func episodes(
    _ rows: [UInt64], metrics: Int
  ) throws(StateError) -> [EpisodeRecord] {
    let width = fixedWords + metrics
    guard !rows.isEmpty, rows.count.isMultiple(of: width) else { throw damage }
    let starts = stride(from: 0, to: rows.count, by: width)
    return try starts.map { start throws(StateError) in
      try episode(rows[start..<start + width])
    }
  }

  private static func episode(_ row: ArraySlice<UInt64>) throws(StateError) -> EpisodeRecord {
    let row = Array(row)
    let episodeReturn = Double(bitPattern: row[2])
    guard row[0] < 1 << 62, row[3] < 1 << 32, row[4] < 4, episodeReturn.isFinite else {
      throw damage
    }
    return EpisodeRecord(
      lane: 0, index: Int(row[0]), seed: row[1], episodeReturn: episodeReturn, length: Int(row[3]),
      terminated: row[4] & 1 != 0, truncated: row[4] & 2 != 0,
      metrics: row[fixedWords...].map(Double.init(bitPattern:)))
  }

  private static var damage: StateError {
    StateError(reason: "the state of an evaluation is damaged")
  }
}
