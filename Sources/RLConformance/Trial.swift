internal import RLCore
internal import RLEnvironments
internal import RLSystem

/// What is judged, and how thoroughly.
public struct Subject: Sendable {
  public var path: String
  public var environment: String?
  public var options: [String: String]
  public var seed: UInt64
  public var steps: Int  // of the longest comparisons
  public var timeout: Double  // seconds

  public init(
    path: String, environment: String?, options: [String: String], seed: UInt64, steps: Int,
    timeout: Double
  ) {
    self.path = path
    self.environment = environment
    self.options = options
    self.seed = seed
    self.steps = steps
    self.timeout = timeout
  }
}

/// One test while it runs: what it may use, and what it has found.
final class Trial {
  let subject: Subject
  let progress: Progress
  private(set) var answer = Answer()
  private var loaded: EnvironmentUnderTest?
  private let mostFindings = 5

  init(_ subject: Subject, _ progress: Progress) {
    self.subject = subject
    self.progress = progress
  }

  var seed: UInt64 { subject.seed }

  /// Whether many lanes take longer than a test has; see `Runner.paced`.
  var isSlow: Bool { subject.steps < 1000 }

  /// The environment, loaded at the first use.
  ///
  /// - Throws: `NotJudged` if it is refused, which is for other tests to tell.
  func environment() throws -> EnvironmentUnderTest {
    if let loaded { return loaded }
    progress.enter(.loading)
    defer { progress.leave() }
    do {
      let plugin = try EnvironmentPlugin(path: subject.path)
      progress.enter(.find)
      let description = try plugin.environment(subject.environment)
      let environment = EnvironmentUnderTest(
        plugin, description, given: subject.options, progress)
      loaded = environment
      return environment
    } catch {
      throw NotJudged("the environment is refused: see load and tables")
    }
  }

  /// The plugin's fault without the path, which the user knows.
  static func reason(_ error: PluginError) -> String {
    switch error {
    case .missing(_, let reason), .refused(_, _, let reason), .usage(_, _, let reason): reason
    }
  }

  /// Notes a finding. After the fifth the test ends.
  func report(_ finding: Finding) throws {
    if answer.findings.count == mostFindings { return }
    answer.findings.append(finding)
    if answer.findings.count == mostFindings { throw Enough() }
  }

  /// A failed create is for the test create to tell, unless only this test's wishes make it fail.
  private func note(_ failure: CreationFailure) {
    do {
      _ = try Instance(environment(), lanes: 1)
      answer.findings.append(failure.finding)
    } catch { answer.skipReason = "no instance can be made: see create" }
  }

  /// A legal call that fails is for the test calls to tell, unless only this test makes it fail.
  private func note(_ failure: CallFailure) {
    let other = Trial(subject, progress)
    other.run(testCalls)
    if other.answer.status == .fail {
      answer.skipReason = "legal calls fail: see calls"
    } else {
      answer.findings.append(failure.finding)
    }
  }

  func remark(_ text: String) { answer.remarks.append(text) }

  private struct Enough: Error {}

  /// Runs `body` to its end and keeps what it throws.
  func run(_ body: (Trial) throws -> Void) {
    do { try body(self) } catch let finding as Finding {
      answer.findings.append(finding)
    } catch let failure as CreationFailure {
      note(failure)
    } catch let failure as CallFailure {
      note(failure)
    } catch let end as NotJudged {
      answer.skipReason = end.reason
    } catch let error as PluginError {
      answer.skipReason = "the library is refused, see load: \(Self.reason(error))"
    } catch is Enough {
    } catch {
      answer.findings.append(
        Finding("\(error)", advice: "this is a bug of rl-host: please report it"))
    }
    answer.isWhole = true
  }

  /// A run of several streams side by side.
  struct Course {
    var streams = [0]
    var steps = 500  // of each stream
    var layout = RowLayout()
    var changes: [String: String] = [:]
    var prepare: (Player) throws -> Void = { _ in }
    /// Steps a random part of the lanes at a time.
    var isRagged = false
  }

  /// Lanes for a comparison, as many as the environment can have, up to `wished`.
  func width(_ wished: Int) throws -> Int {
    let environment = try environment()
    return environment.isSingleLane ? 1 : wished
  }

  /// Steps that keep a trace within 32 MiB, and a slow environment within its time.
  func affordable(_ steps: Int, _ spec: EnvironmentSpec, lanes: Int = 1) -> Int {
    max(min(steps, subject.steps, (32 << 20) / (RecordLayout(spec).byteCount * lanes)), 20)
  }

  /// Plays a course in a new instance and writes down what each stream was answered.
  func traces(_ course: Course) throws -> [Trace] {
    let instance = try Instance(
      environment(), lanes: course.streams.count, changes: course.changes)
    return try traces(course, in: instance)
  }

  func traces(_ course: Course, in instance: Instance) throws -> [Trace] {
    let player = Player(instance, streams: course.streams, seed: seed, layout: course.layout)
    try course.prepare(player)
    return try record(player, course)
  }

  /// Plays on and writes down.
  func record(_ player: Player, _ course: Course) throws -> [Trace] {
    let layout = RecordLayout(player.instance.spec)
    var traces = course.streams.map { _ in Trace(layout) }
    let first = player.lanes.map(\.steps)
    let steps = affordable(course.steps, player.instance.spec, lanes: course.streams.count)
    player.observer = { event, arena in traces[event.lane].append(event, arena) }
    var draws = RandomStream(seed: seed, purpose: "ragged")
    while true {
      var open = player.lanes.indices.filter { player.lanes[$0].steps - first[$0] < steps }
      if open.isEmpty { break }
      if course.isRagged, open.count > 1 {
        let kept = open.filter { _ in draws.index(below: 2) == 0 }
        if !kept.isEmpty { open = kept }
      }
      try player.tick(open)
    }
    player.observer = nil
    return traces
  }

  /// Demands that two traces of one stream are equal. A plugin that does not repeat itself under
  /// equal conditions is for same-seed to judge, and is not judged here.
  ///
  /// - Throws: `Finding` with the first value that differs.
  func demandEqual(
    _ usual: Trace, _ other: Trace, lane: Int? = nil, _ problem: String, advice: String,
    isRepetition: Bool = false
  ) throws {
    guard usual != other, let difference = usual.firstDifference(other) else { return }
    if !isRepetition { try requireRepeatability() }
    var place = difference.place
    place.lane = lane
    place.value = "\(difference.mine) and \(difference.others)"
    throw Finding(problem, at: place, advice: advice)
  }

  /// Skips a comparison that the environment's flags make void.
  func requireDeterminism() throws {
    if try environment().isNondeterministic {
      throw NotJudged("the environment is RLENV_ENV_NONDETERMINISTIC")
    }
  }

  /// Skips a comparison of a plugin that gives other bits each time.
  func requireRepeatability() throws {
    let course = Course(streams: Array(0..<(try width(2))), steps: 200)
    guard try traces(course) != traces(course) else { return }
    throw NotJudged("the same seed and actions give other bits each time: see same-seed")
  }

  func requireSeveralInstances() throws {
    if try environment().isSingleInstance {
      throw NotJudged("the environment is RLENV_ENV_SINGLE_INSTANCE")
    }
  }

  func requireSeveralLanes() throws {
    if try environment().isSingleLane {
      throw NotJudged("the environment is RLENV_ENV_SINGLE_LANE")
    }
  }
}
