public import RLCore
internal import RLEnvironments
internal import RLSystem

/// Records a plugin's answers to random actions as a golden trace.
public struct TraceRecording {
  private let contestant: Contestant
  private let plan: ComparisonPlan
  private let declaration: Declaration
  private let sampler: ActionSampler
  private var text: [UInt8] = []
  private var lane: EpisodeLane
  public private(set) var episodes = 0
  public private(set) var steps = 0

  /// - Parameters:
  ///   - contestant: with one lane.
  ///   - options: those that are not at their defaults.
  ///   - source: what is recorded, for people.
  ///   - plan: its lanes and tolerance play no part.
  public init(
    _ contestant: Contestant, options: [String: String], source: String, _ plan: ComparisonPlan
  ) {
    self.contestant = contestant
    self.plan = plan
    declaration = Declaration(contestant.environment.spec)
    sampler = ActionSampler(declaration.action)
    lane = EpisodeLane(lane: 0, plan)
    writeHeader(options, source)
  }

  private mutating func writeHeader(_ options: [String: String], _ source: String) {
    write("\(Trace.mark) \(Trace.version)")
    write("environment \(contestant.environment.spec.id)")
    write("source \(String(source.map { $0.isASCII && $0 < " " ? " " : $0 }))")
    let sorted = options.sorted { $0.key < $1.key }
    write((["options"] + sorted.map { OptionText.text($0.key, $0.value) }).joined(separator: " "))
    if let limit = declaration.limit { write("limit \(limit)") }
    for leaf in declaration.observation { write("observation \(LeafText.text(leaf))") }
    for leaf in declaration.action { write("action \(LeafText.text(leaf))") }
    for metric in declaration.metrics {
      write("metric \(metric.name) \(metric.reduction.rawValue)")
    }
  }

  /// Plays the plan.
  ///
  /// - Returns: the whole trace.
  /// - Throws: `EnvironmentError` when the plugin fails.
  public mutating func run(shouldStop: () -> Bool) throws(EnvironmentError) -> [UInt8] {
    while lane.isLive, steps < plan.steps, !shouldStop() {
      try playEpisode(shouldStop)
      lane.begin(episode: lane.episode + 1, plan)
    }
    let digest = SHA256.hex(of: text)
    write("end \(episodes) \(steps) \(digest)")
    return text
  }

  private mutating func playEpisode(_ shouldStop: () -> Bool) throws(EnvironmentError) {
    episodes += 1
    try contestant.reset([0], seeds: [lane.seed])
    write("episode \(lane.seed)")
    let answer = try follow()
    write("reset \(words(answer))")
    let end = declaration.limit ?? ComparisonPlan.openEnd
    while !lane.isOver, lane.length < end, steps < plan.steps {
      guard let action = sampler.row(lane.mask, &lane.random) else {
        throw fault("the mask forbids every action")
      }
      try contestant.step([0], [action])
      lane.length += 1
      steps += 1
      let answer = try follow()
      write(
        "step \(BitText.text(action, declaration.action)) \(NumberText.text(answer.reward)) "
          + "\(answer.flags) \(words(answer))")
    }
  }

  /// The last answer, which a trace must be able to hold.
  private mutating func follow() throws(EnvironmentError) -> ExactEnvironment.Answer {
    let answer = contestant.answer(0, length: lane.length)
    guard answer.reward.isFinite else { throw fault("the reward is \(answer.reward)") }
    guard answer.mask.allSatisfy({ $0 <= 1 }) else { throw fault("a mask entry is not 0 or 1") }
    lane.follow(answer, answer)
    return answer
  }

  private func fault(_ reason: String) -> EnvironmentError {
    EnvironmentError(
      environment: contestant.environment.place, reason: "\(reason) (\(lane.text))")
  }

  /// Observation, mask and metrics.
  private func words(_ answer: ExactEnvironment.Answer) -> String {
    var words = [BitText.text(answer.observation, declaration.observation)]
    if declaration.maskLength > 0 {
      let mask = answer.flags & 1 == 0 ? answer.mask : answer.mask.map { _ in 1 }
      words.append(mask.map { "\($0)" }.joined())
    }
    words += answer.metrics.map(NumberText.text)
    return words.joined(separator: " ")
  }

  private mutating func write(_ line: String) {
    text += Array(line.utf8)
    text.append(UInt8(ascii: "\n"))
  }
}
