import RLCore
import RLEnvironments
import RLParallel
import Testing

/// Groups of lanes that play a stretch beside each other leave what all lanes leave that play
/// together.
@Suite struct LaneGroupTests {
  /// Acts at random and keeps what it is shown.
  private struct Player {
    var streams: [RandomStream]
    var shown: [[UInt8]] = []
    let space: ActionSpace

    init(_ lanes: Range<Int>, _ space: ActionSpace) {
      streams = lanes.map { RandomStream(seed: 5, purpose: "lane \($0)") }
      self.space = space
    }

    mutating func act(_ step: inout StepBatch) {
      shown += step.rows(step.observations)
      for lane in streams.indices { choose(&step, lane, space, &streams[lane]) }
    }

    mutating func observe(_ step: borrowing StepBatch) {
      shown += step.rows(step.nextObservations)
      for lane in 0..<step.lanes {
        shown.append([
          step.terminated[lane] ? 1 : 0, step.truncated[lane] ? 1 : 0,
          UInt8(truncatingIfNeeded: step.rewards[lane].bitPattern >> 16),
        ])
      }
    }
  }

  private struct Result: Equatable {
    var shown: [Int: [[UInt8]]] = [:]  // by lane
    var endings: [String] = []  // as text, in which a metric that is not a number equals itself
    var state: SavedState?
    var made = 0
    var error: EnvironmentError?
  }

  private func make(
    _ path: String, _ id: String?, instances: Int, threads: Int, onNonfinite: NonfinitePolicy
  ) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: path), id: id, lanes: 7, instances: instances,
      pool: WorkerPool(oversubscribing: threads), plan: .training(seed: 3),
      onNonfinite: onNonfinite)
  }

  /// Plays in stretches, in groups where there are any.
  private func result(
    _ path: String, _ id: String?, instances: Int, threads: Int, stretches: [Int],
    onNonfinite: NonfinitePolicy = .fail
  ) throws -> Result {
    var environment = try make(
      path, id, instances: instances, threads: threads, onNonfinite: onNonfinite)
    var batch = StepBatch(environment.spec, lanes: 7)
    let groups = environment.groups.isEmpty ? [0..<7] : environment.groups
    var players = groups.map { Player($0, environment.spec.action) }
    var result = Result()
    var stretch = Stretch()
    try environment.reset(&batch)
    do throws(EnvironmentError) {
      for length in stretches {
        stretch.begin(length)
        defer {
          result.endings += stretch.endings.map { "\($0)" }
          result.made += stretch.made
        }
        try play(&environment, &stretch, &batch, &players)
      }
      result.state = try environment.saveState(batch)
    } catch { result.error = error }
    for (group, player) in zip(groups, players) where result.error == nil {
      for (i, row) in player.shown.enumerated() {
        result.shown[group.lowerBound + i % group.count, default: []].append(row)
      }
    }
    return result
  }

  private func play(
    _ environment: inout VectorEnvironment, _ stretch: inout Stretch, _ batch: inout StepBatch,
    _ players: inout [Player]
  ) throws(EnvironmentError) {
    guard environment.groups.isEmpty else {
      return try environment.play(
        &stretch, &batch, players: &players, act: { $0.act(&$1) }, observe: { $0.observe($1) })
    }
    while stretch.made < stretch.length {
      players[0].act(&batch)
      try environment.step(&batch)
      stretch.count(environment.finishedEpisodes)
      players[0].observe(batch)
      try environment.advance(&batch)
    }
  }

  private func expectSame(_ path: String, _ id: String?) throws {
    let stretches = [1, 40, 3, 250]
    let together = try result(path, id, instances: 1, threads: 1, stretches: stretches)
    #expect(together.endings.count > 3 && together.made == 294)
    for (instances, threads) in [(2, 1), (2, 2), (5, 2), (7, 3)] {
      let groups = try result(
        path, id, instances: instances, threads: threads, stretches: stretches)
      #expect(groups == together, "\(instances) instances, \(threads) threads")
    }
  }

  @Test(arguments: ["cartpole", "template", "pendulum", "probes"])
  func groupsPlayAsAllLanesDoTogether(name: String) throws {
    try expectSame(BuiltPlugin.plugin(name), name == "probes" ? "MaskedBandit-v0" : nil)
  }

  @Test func actionsAreKeptWhereThereAreNoSnapshots() throws {
    try expectSame(ResumeSource.bare("cartpole"), nil)
    try expectSame(ResumeSource.rich(isBare: true), nil)
  }

  // The faults are in one lane of each instance.
  @Test(arguments: ["fault", "observation-nan", "reward-nan"], [2, 3, 7])
  func episodesThatAreCutShortAreTheSame(name: String, instances: Int) throws {
    let results = try [1, 2, 3].map { threads in
      try result(
        Fixture.named(name).path, "Bad-v0", instances: instances, threads: threads,
        stretches: [1, 40, 3], onNonfinite: .truncate)
    }
    #expect(results[0].endings.count > 3 && results[0].error == nil)
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test func instancesOfOneLaneShareGroups() throws {
    try expectSame(ResumeSource.fixture("single-lane", isBare: false), "Bad-v0")
    let environment = try make(
      ResumeSource.fixture("single-lane", isBare: false), "Bad-v0", instances: 7, threads: 3,
      onNonfinite: .fail)
    #expect(environment.groups == [0..<2, 2..<4, 4..<7])
  }

  @Test(arguments: ["observation-nan", "reward-nan", "status-internal"])
  func theEarliestFailureIsTold(name: String) throws {
    let path = try Fixture.named(name).path
    let together = try result(path, "Bad-v0", instances: 1, threads: 1, stretches: [1, 30])
    #expect(together.error != nil)
    for instances in [2, 3] {
      let groups = try result(path, "Bad-v0", instances: instances, threads: 2, stretches: [1, 30])
      #expect(groups.error == together.error)
      #expect(groups.made == together.made)
      #expect(groups.endings == together.endings)
    }
  }

  @Test func lanesThatAreHashedPlayTogether() throws {
    let environment = try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole")), lanes: 4, instances: 2,
      plan: .training(seed: 1), recordsHashes: true)
    #expect(environment.groups.isEmpty)
  }
}

extension StepBatch {
  fileprivate func rows(_ bytes: [UInt8]) -> [[UInt8]] {
    let width = bytes.count / lanes
    return (0..<lanes).map { Array(bytes[$0 * width..<($0 + 1) * width]) }
  }
}
