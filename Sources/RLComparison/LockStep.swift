internal import RLCore
internal import RLEnvironments

/// What two plugins play while they are compared.
public struct ComparisonPlan: Sendable, Equatable {
  public var seed: UInt64
  public var episodes: Int
  public var steps: Int  // of all episodes together, at most
  public var lanes: Int
  public var tolerance: Tolerance
  /// Whether B continues from A's state at every step, so that errors do not add up.
  public var isTeacherForced: Bool

  public init(
    seed: UInt64 = 0, episodes: Int = 100, steps: Int = 100_000, lanes: Int = 1,
    tolerance: Tolerance = .exact, isTeacherForced: Bool = false
  ) {
    self.seed = seed
    self.episodes = episodes
    self.steps = steps
    self.lanes = lanes
    self.tolerance = tolerance
    self.isTeacherForced = isTeacherForced
  }

  /// The seed of an episode.
  func seed(of episode: Int) -> UInt64 { EpisodeSeeds.evaluation(run: seed, episode: episode) }

  /// Steps after which an episode is left where the environment has no limit.
  public static let openEnd = 1000
}

/// A comparison that cannot be made. `description` says why.
public struct ComparisonError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
}

/// Compares two environments step by step: the same seeds, the same random actions.
public struct LockStep {
  private let a: Contestant
  private let b: Contestant
  private let plan: ComparisonPlan
  private let sampler: ActionSampler
  private let keepsSnapshots: Bool
  private var comparison: AnswerComparison
  private var result: Comparison
  private var lanes: [EpisodeLane]

  /// - Precondition: both have at least `plan.lanes` lanes.
  public init(_ a: Contestant, _ b: Contestant, _ plan: ComparisonPlan) {
    self.a = a
    self.b = b
    self.plan = plan
    let declaration = Declaration(a.environment.spec)
    sampler = ActionSampler(declaration.action)
    comparison = AnswerComparison(declaration, plan.tolerance)
    result = Comparison(declaration)
    result.spaces = declaration.differences(from: Declaration(b.environment.spec))
    keepsSnapshots = [a, b].allSatisfy {
      $0.environment.snapshotLimit.map { $0 <= EpisodeLane.largestSnapshot } ?? false
    }
    lanes = (0..<min(plan.lanes, plan.episodes)).map { EpisodeLane(lane: $0, plan) }
  }

  /// Plays until the first difference, or, teacher-forced, to the end.
  ///
  /// - Parameter shouldStop: asked now and then.
  /// - Returns: what was found.
  /// - Throws: `EnvironmentError` naming the plugin that failed; `ComparisonError` when B does not
  ///   take A's snapshots.
  public mutating func run(shouldStop: () -> Bool) throws -> Comparison {
    guard result.spaces.isEmpty else { return result }
    if plan.isTeacherForced { try requireSnapshots() }
    try start(lanes.indices.map { $0 })
    while result.finding == nil || plan.isTeacherForced {
      let live = lanes.indices.filter { lanes[$0].isLive }.prefix(plan.steps - result.steps)
      if live.isEmpty { break }
      if shouldStop() {
        result.wasInterrupted = true
        break
      }
      try step(Array(live))
      try advance(Array(live))
    }
    result.spread = comparison.spread
    return result
  }

  private func requireSnapshots() throws(ComparisonError) {
    for contestant in [a, b] where contestant.environment.snapshotLimit == nil {
      throw ComparisonError(
        description:
          "\(contestant.environment.place) has no snapshots, which --teacher-forced needs")
    }
  }

  /// Resets the lanes for the episodes that they are in.
  private mutating func start(_ indices: [Int]) throws {
    guard !indices.isEmpty else { return }
    let seeds = indices.map { lanes[$0].seed }
    try during(indices) {
      try a.reset(indices, seeds: seeds)
      try b.reset(indices, seeds: seeds)
    }
    result.episodes += indices.count
    for index in indices where result.finding == nil || plan.isTeacherForced {
      try judge(index, action: nil)
    }
  }

  private mutating func step(_ indices: [Int]) throws {
    var actions: [[UInt8]] = []
    for index in indices {
      guard let row = sampler.row(lanes[index].mask, &lanes[index].random) else {
        throw EnvironmentError(
          environment: a.environment.place,
          reason: "the mask forbids every action (\(lanes[index].text))")
      }
      actions.append(row)
      lanes[index].length += 1
    }
    try during(indices) {
      for index in indices { try prepare(index) }
      try a.step(indices, actions)
      try b.step(indices, actions)
    }
    result.steps += indices.count
    for (index, action) in zip(indices, actions) where result.finding == nil || plan.isTeacherForced
    {
      try judge(index, action: action)
    }
  }

  /// Keeps the snapshots from before the step; teacher-forced, gives A's to B.
  private mutating func prepare(_ index: Int) throws {
    guard keepsSnapshots || plan.isTeacherForced else { return }
    let snapshot = try a.save(index)
    lanes[index].snapshots = (snapshot, snapshot)
    guard plan.isTeacherForced else {
      lanes[index].snapshots.b = try b.save(index)
      return
    }
    do { try b.load(index, snapshot) } catch {
      throw ComparisonError(
        description: "B does not take A's snapshots, which --teacher-forced needs: \(error)")
    }
    guard try b.save(index) == snapshot else {
      throw ComparisonError(
        description: "B took A's snapshot and saves another: they mean different things, so that "
          + "--teacher-forced cannot compare the two")
    }
  }

  /// Compares what the two answered in a lane.
  private mutating func judge(_ index: Int, action: [UInt8]?) throws {
    let lane = lanes[index]
    let answers = (a.answer(index, length: lane.length), b.answer(index, length: lane.length))
    defer { lanes[index].follow(answers.0, answers.1) }
    guard let difference = comparison.compare(answers.0, answers.1) else { return }
    result.differingSteps += 1
    guard result.finding == nil else { return }
    var (sideA, sideB) = (
      SideState(before: lane.before?.a, answer: answers.0),
      SideState(before: lane.before?.b, answer: answers.1)
    )
    if keepsSnapshots {
      if action != nil {
        (sideA.snapshotBefore, sideB.snapshotBefore) = (lane.snapshots.a, lane.snapshots.b)
      }
      (sideA.snapshotAfter, sideB.snapshotAfter) = (try a.save(index), try b.save(index))
    }
    result.finding = Finding(
      moment: lane.moment, difference: difference, action: action, a: sideA, b: sideB)
  }

  /// Begins the next episodes of the lanes whose episode is over.
  private mutating func advance(_ indices: [Int]) throws {
    guard result.finding == nil || plan.isTeacherForced else { return }
    let isOpen = result.declaration.limit == nil
    var begun: [Int] = []
    for index in indices {
      let isLeft = isOpen && lanes[index].length >= ComparisonPlan.openEnd
      guard lanes[index].isOver || isLeft else { continue }
      lanes[index].begin(episode: lanes[index].episode + lanes.count, plan)
      if lanes[index].isLive { begun.append(index) }
    }
    if result.steps < plan.steps { try start(begun) }
  }

  /// Says where it was when a plugin fails.
  private func during(_ indices: [Int], _ body: () throws -> Void) throws {
    do { try body() } catch let error as EnvironmentError {
      let moments = indices.prefix(4).map { lanes[$0].text }.joined(separator: "; ")
      throw EnvironmentError(
        environment: error.environment,
        reason: "\(error.reason) (\(moments)\(indices.count > 4 ? "; ..." : ""))")
    }
  }
}
