internal import RLCore
internal import RLEnvironments

/// Compares a plugin with a golden trace: every lane plays the trace's episodes.
public struct TraceReplay {
  private let trace: Trace
  private let traceIsA: Bool
  private let plan: ComparisonPlan
  private let make: ([String: String]) throws -> Contestant
  private var comparison: AnswerComparison
  private var result: Comparison

  // the running episode
  private var contestant: Contestant?
  private var moment = Moment(episode: 0, seed: nil, step: 0, lane: 0)
  private var before: [[UInt8]]?  // of the plugin, by lane
  private var expectedBefore: [UInt8]?

  /// - Parameters:
  ///   - trace: what was recorded.
  ///   - traceIsA: whether the user named it first.
  ///   - plan: its seed plays no part.
  ///   - make: the plugin's environment with a variant's options and the plan's lanes.
  public init(
    _ trace: Trace, traceIsA: Bool, _ plan: ComparisonPlan,
    make: @escaping ([String: String]) throws -> Contestant
  ) {
    self.trace = trace
    self.traceIsA = traceIsA
    self.plan = plan
    self.make = make
    comparison = AnswerComparison(trace.variants[0].declaration, plan.tolerance)
    result = Comparison(trace.variants[0].declaration)
  }

  /// Plays until the first difference.
  ///
  /// - Throws: what `make` throws; `EnvironmentError` when the plugin fails.
  public mutating func run(shouldStop: () -> Bool) throws -> Comparison {
    var variant = -1
    for (index, episode) in trace.episodes.prefix(plan.episodes).enumerated() {
      if episode.variant != variant {
        variant = episode.variant
        try begin(trace.variants[variant])
      }
      guard result.isEqual, result.steps < plan.steps else { break }
      if shouldStop() {
        result.wasInterrupted = true
        break
      }
      try play(episode, index)
    }
    return result
  }

  /// Makes the environment of a variant and compares the spaces.
  private mutating func begin(_ variant: Trace.Variant) throws {
    // first: an environment may be the only one of its process
    contestant = nil
    let made = try make(variant.options)
    var declaration = Declaration(made.environment.spec)
    if variant.declaration.metrics.isEmpty { declaration.metrics = [] }
    result.declaration = variant.declaration
    result.spaces =
      traceIsA
      ? variant.declaration.differences(from: declaration)
      : declaration.differences(from: variant.declaration)
    if !result.spaces.isEmpty, !variant.options.isEmpty {
      let options = variant.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      result.spaces[0] += " (with \(options.joined(separator: " ")))"
    }
    comparison.declaration = variant.declaration
    contestant = made
  }

  private mutating func play(_ episode: Trace.Episode, _ index: Int) throws {
    let variant = trace.variants[episode.variant]
    result.episodes += 1
    moment = Moment(episode: index, seed: episode.seed, step: 0, lane: 0)
    before = nil
    for record in episode.records where result.finding == nil {
      switch trace.record(record, variant) {
      case .reset(let answer): try reset(episode.seed, answer)
      case .step(let action, let answer):
        guard result.steps < plan.steps else { return }
        try step(action, answer)
      case .state(let state): try compareState(state, variant)
      }
    }
    result.spread = comparison.spread
  }

  private mutating func reset(_ seed: UInt64?, _ expected: ExactEnvironment.Answer) throws {
    guard let contestant else { return }
    try during {
      try contestant.reset(everyLane, seeds: seed.map { Array(repeating: $0, count: plan.lanes) })
    }
    try judge(expected, action: nil)
  }

  private mutating func step(_ action: [UInt8], _ expected: ExactEnvironment.Answer) throws {
    guard let contestant else { return }
    moment.step += 1
    result.steps += 1
    try during {
      try contestant.step(everyLane, Array(repeating: action, count: plan.lanes))
    }
    try judge(expected, action: action)
  }

  private mutating func judge(_ expected: ExactEnvironment.Answer, action: [UInt8]?) throws {
    guard let contestant else { return }
    let answers = everyLane.map { contestant.answer($0, length: moment.step) }
    for (lane, answer) in answers.enumerated() where result.finding == nil {
      let (a, b) = traceIsA ? (expected, answer) : (answer, expected)
      if let difference = comparison.compare(a, b) {
        try report(difference, action, lane, answer, expected)
      }
    }
    before = answers.map(\.observation)
    expectedBefore = expected.observation
  }

  /// Compares the end of each lane's snapshot with the numbers that were noted.
  private mutating func compareState(_ expected: [UInt8], _ variant: Trace.Variant) throws {
    guard let contestant, let state = variant.state else { return }
    for lane in everyLane where result.finding == nil {
      guard contestant.environment.snapshotLimit != nil,
        case let snapshot = try contestant.save(lane), snapshot.count >= expected.count
      else {
        result.statesLeftOut += 1
        continue
      }
      result.states += 1
      let seen = Array(snapshot.suffix(expected.count))
      let (a, b) = traceIsA ? (expected, seen) : (seen, expected)
      guard let difference = comparison.compare(a, b, state) else { continue }
      let answer = contestant.answer(lane, length: moment.step)
      try report(difference, nil, lane, answer, answer)
    }
  }

  private mutating func report(
    _ difference: Difference, _ action: [UInt8]?, _ lane: Int,
    _ answer: ExactEnvironment.Answer, _ expected: ExactEnvironment.Answer
  ) throws {
    guard let contestant else { return }
    var moment = moment
    moment.lane = lane
    var plugin = SideState(before: action == nil ? nil : before?[lane], answer: answer)
    if contestant.environment.snapshotLimit.map({ $0 <= EpisodeLane.largestSnapshot }) ?? false {
      plugin.snapshotAfter = try contestant.save(lane)
    }
    let recorded = SideState(before: action == nil ? nil : expectedBefore, answer: expected)
    result.differingSteps += 1
    result.finding = Finding(
      moment: moment, difference: difference, action: action, a: traceIsA ? recorded : plugin,
      b: traceIsA ? plugin : recorded)
  }

  private var everyLane: [Int] { Array(0..<plan.lanes) }

  /// Says where it was when the plugin fails.
  private func during(_ body: () throws -> Void) throws {
    do { try body() } catch let error as EnvironmentError {
      let seed = moment.seed.map { "seed \($0)" } ?? "no seed"
      throw EnvironmentError(
        environment: error.environment,
        reason: "\(error.reason) (episode \(moment.episode), \(seed), step \(moment.step))")
    }
  }
}
