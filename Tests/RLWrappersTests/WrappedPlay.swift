import RLCore
import RLEnvironments
import RLParallel
import RLTestSupport
import RLWrappers

/// Random actions in a wrapped plugin's environment, with everything that an agent would see.
struct WrappedPlay: ~Copyable {
  /// A plugin's environment.
  struct Subject: Sendable, CustomStringConvertible {
    var plugin: String
    var id: String?
    var limit: Int?

    var description: String { "\(plugin) \(id ?? "")" }

    func load() throws -> EnvironmentPlugin {
      plugin == "quiet"
        ? try EnvironmentPlugin(
          path: PluginBuild.compile(
            source: "Tests/RLHostTests/Fixtures/misbehaving.c", name: "misbehaving-QUIET",
            defines: ["CASE=QUIET"]))
        : try EnvironmentPlugin(path: PluginBuild.plugin(plugin))
    }
  }

  static let subjects = [
    Subject(plugin: "cartpole", limit: 30), Subject(plugin: "probes", id: "DictEcho-v0", limit: 9),
    Subject(plugin: "probes", id: "MaskedBandit-v0", limit: 9),
    // without snapshots
    Subject(plugin: "quiet", limit: 12),
  ]

  var environment: WrappedEnvironment<VectorEnvironment>
  var batch: StepBatch
  private var random: RandomStream
  /// Rewards, ends, rows and masks of every step, as bytes.
  private(set) var seen: [[UInt8]] = []

  init(
    _ subject: Subject, _ configuration: WrapperConfiguration, lanes: Int = 5, instances: Int = 1,
    threads: Int = 1
  ) throws {
    let base = try VectorEnvironment(
      subject.load(), id: subject.id, lanes: lanes, instances: instances,
      pool: WorkerPool(oversubscribing: threads), plan: .training(seed: 4),
      maxEpisodeSteps: subject.limit)
    environment = try WrappedEnvironment(base, configuration, source: .training(seed: 4))
    batch = StepBatch(environment.spec, lanes: lanes)
    random = RandomStream(seed: 11)
  }

  mutating func begin() throws {
    try environment.reset(&batch)
    note()
  }

  mutating func go(steps: Int) throws {
    for _ in 0..<steps {
      choose()
      try environment.step(&batch)
      note()
      try environment.advance(&batch)
      seen.append(batch.observations + batch.masks)
    }
  }

  /// What a checkpoint would hold.
  func save() throws -> (SavedState, RandomStream) { (try environment.saveState(batch), random) }

  mutating func resume(_ saved: (SavedState, RandomStream)) throws {
    try environment.restore(saved.0, &batch)
    random = saved.1
  }

  private mutating func note() {
    var bytes = batch.nextObservations + batch.observations + batch.nextMasks
    for lane in 0..<batch.lanes {
      let word = batch.rewards[lane].bitPattern
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      bytes += [batch.terminated[lane] ? 1 : 0, batch.truncated[lane] ? 1 : 0]
    }
    for episode in environment.finishedEpisodes {
      bytes += Array("\(episode.lane) \(episode.length) \(episode.episodeReturn)".utf8)
    }
    seen.append(bytes)
  }

  /// Writes an action that the masks allow for each lane.
  mutating func choose() {
    let action = environment.spec.action
    for lane in 0..<batch.lanes {
      var entry = lane * action.maskLength
      for (index, choice) in action.choices.enumerated() {
        var chosen = random.index(below: choice.count)
        if choice.isMasked {
          while batch.masks[entry + chosen] == 0 { chosen = (chosen + 1) % choice.count }
          entry += choice.count
        }
        batch.choices[lane * action.choices.count + index] = Int32(chosen)
      }
      for index in 0..<action.controlCount {
        batch.controls[lane * action.controlCount + index] = random.uniform() * 2 - 1
      }
    }
  }
}

/// Every wrapper by itself, and all of them.
enum Everything {
  static let each: [[String: ConfigurationValue]] = [
    ["normalizeObservation": .bool(true)], ["normalizeReward": .bool(true)],
    ["clipObservation": .number(0.5)], ["clipReward": .number(0.5)], ["rewardScale": .number(0.1)],
    ["actionRepeat": .integer(3)], ["stickyActions": .number(0.3)], ["frameStack": .integer(3)],
    ["timeAware": .bool(true)],
  ]
  static let all: [String: ConfigurationValue] = [
    "normalize": .bool(true), "clipObservation": .number(3), "clipReward": .number(2),
    "rewardScale": .number(0.1), "actionRepeat": .integer(3), "stickyActions": .number(0.3),
    "frameStack": .integer(3), "timeAware": .bool(true), "gamma": .number(0.95),
  ]
}
