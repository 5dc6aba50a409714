internal import RLCore

/// The host's books of all lanes at one moment, in order of the lanes.
struct EpisodeBooks {
  var clock = 0  // steps of the environment
  var lengths: [Int] = []  // steps of the running episode
  var episodes: [Int?] = []  // index of the running episode; nil = none left
  var seeds: [UInt64] = []
  var returns: [Double] = []
  var metricValues: [Double] = []  // [lanes, M]
  var metricCounts: [Int] = []  // [lanes, M]
  var nonfiniteEpisodes = 0
  var faults = 0
  var lastFault: LaneFault?

  /// Steps of all running episodes; the largest number if they are more.
  var totalLength: Int {
    lengths.reduce(0) { sum, length in
      let (next, isTooLarge) = sum.addingReportingOverflow(length)
      return isTooLarge ? .max : next
    }
  }

  /// As entries of a state: whole numbers as words, numbers by their bits.
  var state: SavedState {
    var state = SavedState()
    state["clock"] = .words([UInt64(clock)])
    state["lengths"] = .words(lengths.map { UInt64($0) })
    state["episodes"] = .words(episodes.map { $0.map { UInt64($0) } ?? .max })
    state["seeds"] = .words(seeds)
    state["returns"] = .words(returns.map(\.bitPattern))
    state["metric_values"] = .words(metricValues.map(\.bitPattern))
    state["metric_counts"] = .words(metricCounts.map { UInt64($0) })
    state["counters"] = .words([
      UInt64(nonfiniteEpisodes), UInt64(faults), UInt64(lastFault?.clock ?? 0),
    ])
    state["last_fault"] = .bytes(Array((lastFault?.text ?? "").utf8))
    return state
  }
}

/// What a state must agree with.
struct BookRules {
  var lanes: Int
  var metrics: Int
  var plan: EpisodePlan
  var stepLimit: Int?
}

extension EpisodeBooks {
  /// Larger whole numbers are damage.
  private static let largest = 1 << 53

  /// Reads the entries of `state` and checks that they agree with each other and with `rules`.
  init(_ state: SavedState, _ rules: BookRules) throws(StateError) {
    let values = rules.lanes * rules.metrics
    let counters = try state.numbers("counters", count: 3, through: Self.largest)
    clock = try state.numbers("clock", count: 1, through: Self.largest)[0]
    lengths = try state.numbers("lengths", count: rules.lanes, through: clock)
    episodes = try Self.indices(state, lanes: rules.lanes)
    seeds = try state.words("seeds", count: rules.lanes)
    returns = try state.words("returns", count: rules.lanes).map { Double(bitPattern: $0) }
    metricValues = try state.words("metric_values", count: values).map { Double(bitPattern: $0) }
    metricCounts = try state.numbers("metric_counts", count: values, through: clock + 1)
    (nonfiniteEpisodes, faults) = (counters[0], counters[1])
    lastFault = try Self.fault(state, clock: counters[2])
    guard (faults > 0) == (lastFault != nil), counters[2] <= clock else {
      throw StateError(reason: "\"counters\" and \"last_fault\" contradict each other")
    }
    for lane in 0..<rules.lanes { try check(lane, rules) }
  }

  private static func indices(_ state: SavedState, lanes: Int) throws(StateError) -> [Int?] {
    let words = try state.words("episodes", count: lanes)
    guard words.allSatisfy({ $0 == .max || $0 <= UInt64(largest) }) else {
      throw StateError(reason: "\"episodes\" has a number that no run reaches")
    }
    return words.map { $0 == .max ? nil : Int($0) }
  }

  private static func fault(_ state: SavedState, clock: Int) throws(StateError) -> LaneFault? {
    guard case .bytes(let bytes)? = state["last_fault"],
      let text = String(validating: bytes, as: UTF8.self)
    else { throw StateError(reason: "\"last_fault\" should be text") }
    return text.isEmpty ? nil : LaneFault(clock: clock, text: printable(text))
  }

  private func check(_ lane: Int, _ rules: BookRules) throws(StateError) {
    func refuse(_ reason: String) -> StateError { StateError(reason: "lane \(lane) \(reason)") }
    guard rules.plan.plays(episodes[lane], lane: lane, lanes: rules.lanes) else {
      throw refuse("is in an episode that this run never plays: the state is of another run")
    }
    guard seeds[lane] == episodes[lane].map({ rules.plan.seed(lane: lane, episode: $0) }) ?? 0
    else { throw refuse("has another seed than this run gives it: the state is of another run") }
    if let limit = rules.stepLimit, lengths[lane] >= limit {
      throw refuse("has made \(lengths[lane]) steps, but the limit is \(limit)")
    }
    guard episodes[lane] != nil || (lengths[lane] == 0 && returns[lane] == 0) else {
      throw refuse("has steps, but no episode")
    }
    guard returns[lane].isFinite else { throw refuse("has a return that is not finite") }
    for k in lane * rules.metrics..<(lane + 1) * rules.metrics {
      guard metricCounts[k] <= lengths[lane] + 1, metricCounts[k] > 0 || metricValues[k].isNaN
      else { throw refuse("has metrics that do not fit its episode") }
    }
  }
}

extension SavedState {
  /// - Throws: `StateError` unless `name` is there as `count` words that are at most `limit`.
  func numbers(_ name: String, count: Int, through limit: Int) throws(StateError) -> [Int] {
    let words = try words(name, count: count)
    guard words.allSatisfy({ $0 <= UInt64(limit) }) else {
      throw StateError(reason: "\"\(name)\" has a number above \(limit): the state is damaged")
    }
    return words.map { Int($0) }
  }
}

/// How a block's lanes enter the books, and come from them.
extension LaneBlock {
  func append(to books: inout EpisodeBooks) {
    books.clock = clock
    for lane in 0..<count {
      let episode = episodes[lane] >= 0 ? episodes[lane] : nil
      let silent = [Double](repeating: .nan, count: spec.metrics.count)
      let said =
        episode == nil
        ? (silent, Array(repeating: 0, count: silent.count)) : metrics.running(lane: lane)
      books.lengths.append(episode == nil ? 0 : length(lane: lane))
      books.episodes.append(episode)
      books.seeds.append(episode == nil ? 0 : seeds[lane])
      books.returns.append(episode == nil ? 0 : returns[lane])
      books.metricValues += said.0
      books.metricCounts += said.1
    }
    books.nonfiniteEpisodes += nonfiniteEpisodes
    books.faults += faults
  }

  /// Takes the lanes' places from the books. The counters, which have no lane, go to the first
  /// block.
  func adopt(_ books: EpisodeBooks) {
    failure = nil
    endedCount = 0
    hadEnded.fill(with: false)
    clock = books.clock
    earliestStart = clock
    for lane in 0..<count {
      let episode = books.episodes[first + lane]
      episodes[lane] = episode ?? -1
      seeds[lane] = books.seeds[first + lane]
      starts[lane] = clock - books.lengths[first + lane]
      returns[lane] = books.returns[first + lane]
      if episode != nil { earliestStart = min(earliestStart, starts[lane]) }
    }
    rebuildLive()
    nonfiniteEpisodes = first == 0 ? books.nonfiniteEpisodes : 0
    faults = first == 0 ? books.faults : 0
    lastFault = first == 0 ? books.lastFault : nil
  }

  /// Takes what the running episodes have said from the books.
  func adoptMetrics(_ books: EpisodeBooks) {
    let width = spec.metrics.count
    for lane in 0..<count where width > 0 {
      let range = (first + lane) * width..<(first + lane + 1) * width
      metrics.resume(
        lane: lane, values: books.metricValues[range], counts: books.metricCounts[range])
    }
    rewards.fill(with: 0)
    flags.fill(with: 0)
  }
}
