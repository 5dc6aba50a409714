import RLCore
import RLEnvironments
import RLParallel
import RLSystem

/// A plugin in this process, and what its file is.
struct LoadedLibrary {
  let plugin: EnvironmentPlugin
  let sha256: String

  /// - Throws: `PluginError`, `FileError`.
  init(path: String) throws {
    CrashReport.install(naming: path)
    plugin = try EnvironmentPlugin(path: path)
    sha256 = try SHA256.hex(ofFile: path)
  }
}

/// An environment with all that the user said about it.
struct EnvironmentChoice {
  var library: LoadedLibrary
  var environment: EnvironmentDescription
  var options: [String: String]
  /// Replaces the environment's own limit; 0: none.
  var maxEpisodeSteps: Int?
  var onNonfinite = NonfinitePolicy.fail

  /// A fresh environment to train in.
  ///
  /// - Throws: `PluginError` when it cannot be made.
  func training(
    _ settings: RunSettings, pool: WorkerPool
  ) throws(PluginError) -> VectorEnvironment {
    try make(
      .training(seed: settings.seed), lanes: settings.lanes,
      instances: settings.instances ?? instances(lanes: settings.lanes, pool), pool)
  }

  /// A fresh environment that plays the episodes of one evaluation.
  ///
  /// - Throws: `PluginError` when it cannot be made.
  func evaluation(
    _ course: EvaluationCourse, pool: WorkerPool
  ) throws(PluginError) -> VectorEnvironment {
    let isAlone = environment.flags.contains(.singleInstance)
    let lanes =
      isAlone && environment.flags.contains(.singleLane) ? 1 : min(course.lanes, course.episodes)
    let plan = EpisodePlan.evaluation(
      seed: course.seed, episodes: course.episodes, stepCap: EvaluationCourse.stepCap)
    return try make(plan, lanes: lanes, instances: instances(lanes: lanes, pool), pool)
  }

  /// As many instances as can work at the same time.
  private func instances(lanes: Int, _ pool: WorkerPool) -> Int {
    environment.flags.contains(.singleInstance) ? 1 : min(lanes, pool.threads)
  }

  /// The options in force: those that are not the environment's defaults, and that the rest are.
  var optionTexts: [String] {
    let others = environment.options.filter { option in
      options[option.key].map { $0 != option.defaultText } ?? false
    }
    let texts = others.compactMap { option in options[option.key].map { "-E \(option.key)=\($0)" } }
    if environment.options.count == others.count { return texts }
    return texts.isEmpty ? ["every option at its default"] : texts + ["the rest at their defaults"]
  }

  private func make(
    _ plan: EpisodePlan, lanes: Int, instances: Int, _ pool: WorkerPool
  ) throws(PluginError) -> VectorEnvironment {
    try VectorEnvironment(
      library.plugin, id: environment.id, options: options, lanes: lanes, instances: instances,
      pool: pool, plan: plan, maxEpisodeSteps: maxEpisodeSteps, onNonfinite: onNonfinite)
  }
}

/// The episodes of an evaluation.
struct EvaluationCourse {
  var episodes: Int
  var seed: UInt64
  /// Played side by side; changes no result.
  var lanes = Self.defaultLanes

  static let defaultSeed: UInt64 = 0
  static let defaultLanes = 64
  /// Steps of an episode where nothing else limits it.
  static let stepCap = 10_000
}
