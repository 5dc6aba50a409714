import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLPresets
import RLSystem
import RLTraining
import RLWrappers

/// A policy that the user named, and the run it comes from, if that is known.
struct PolicySource {
  /// Of the policy file.
  let path: String
  let file: PolicyFile
  private let run: RunDirectory?

  /// Finds and reads the policy of a run's folder, or a policy file.
  ///
  /// - Throws: `Failure`, `FileError`, `PolicyFileError`.
  init(_ target: String) throws {
    (path, run) = try Self.find(target)
    file = try PolicyFile.read(path)
  }

  private static func find(_ target: String) throws -> (path: String, run: RunDirectory?) {
    var target = target
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    switch PathKind(of: target) {
    case .folder:
      let run = RunDirectory(path: target)
      let manifest = try manifest(of: run)
      guard PathKind(of: run.policyPath) != .missing else {
        throw Failure(
          .missing,
          "\(target): the run has no policy; its state is \(manifest.stateText)"
            + (manifest.error.map { " (\($0))" } ?? "")
            + (run.resumableStep(manifest) == nil
              ? "" : "; to go on with it: " + FinalBlock.resumeCommand(run)))
      }
      return (run.policyPath, run)
    case .missing:
      throw Failure(
        .missing, "\(target): there is no such run or policy; see rl-host list runs")
    case .file, .special:
      try refuseOtherFile(target)
      let run = RunDirectory(containing: target)
      return (target, PathKind(of: run.manifestPath) == .file ? run : nil)
    }
  }

  /// Says what a file is that nobody meant to be a policy, instead of what is wrong with its header.
  private static func refuseOtherFile(_ path: String) throws {
    let start = try FileReader.start(of: path, count: 9)
    let advice = "name the folder of a run or a .safetensors file"
    if start.starts(with: Array("\u{7F}ELF".utf8)) {
      throw Failure(.damaged, "\(path): is a plugin, no policy: \(advice)")
    }
    // the length of the header, then the header, which starts with a brace
    guard path.hasSuffix(".safetensors") || start.last == UInt8(ascii: "{") else {
      throw Failure(.damaged, "\(path): is no policy file: \(advice)")
    }
  }

  /// The manifest of a run's folder.
  ///
  /// - Throws: `Failure` when it is no such folder, `FileError` when it is damaged.
  static func manifest(of run: RunDirectory) throws -> RunManifest {
    guard PathKind(of: run.manifestPath) != .missing else {
      throw Failure(
        .missing, "\(run.path): is not the folder of a run: it has no run.json")
    }
    return try run.manifest()
  }

  /// In a few words, what it is.
  var summary: String {
    "\(file.algorithm), \(CountText.grouped(file.steps)) steps on \(file.environmentID), "
      + "seed \(file.seed)"
  }

  /// Lines that say what stands between the environment and the policy.
  var wrapperLines: [String] {
    let settings = (file.wrappers?.settings ?? [:]).sorted { $0.key < $1.key }
    if settings.isEmpty { return [] }
    return wrapped(settings.map { "\($0.key) \($0.value)" }, width: 64).map { "wrapped: \($0)" }
  }

  /// The policy, rebuilt and tested.
  ///
  /// - Throws: `PolicyFileError` when it does not do what it did when it was saved.
  func policy(pool: WorkerPool) throws -> any Policy {
    let algorithm: AlgorithmEntry
    do { algorithm = try AlgorithmCatalog.entry(named: file.algorithm) } catch {
      throw PolicyFileError(file: path, reason: error.reason)
    }
    do {
      let policy = try algorithm.loadPolicy(
        observation: try file.frozenWrappers(file: path).observation, action: file.action,
        tensors: file.tensors,
        attributes: file.attributes, pool: pool)
      return try verified(policy)
    } catch let error as StateError {
      throw PolicyFileError(file: path, reason: error.reason)
    }
  }

  private func verified<P: Policy>(_ policy: P) throws(PolicyFileError) -> any Policy {
    var policy = policy
    try file.verify(&policy, numerics: HostContract.numerics, file: path)
    return policy
  }

  /// The environment that is asked for, else the run's.
  ///
  /// - Parameters:
  ///   - name: `PATH[:Id]`.
  ///   - options: win over the run's.
  ///   - maxEpisodeSteps: wins over the run's, which wins over the policy's.
  /// - Returns: the library, loaded, and what was said about the environment.
  /// - Throws: `Failure` when there is no run and no name; what loading throws.
  func environment(
    _ name: String?, options: [Setting], maxEpisodeSteps: Int?
  ) throws -> EnvironmentChoice {
    let configuration = try run.map(Self.configuration)
    let named = name.map { EnvironmentName($0) } ?? configuration.flatMap(environmentName)
    guard let named else {
      throw Failure(
        .usage, "\(path): is not in the folder of a run: give the environment as --env PATH[:Id]")
    }
    let library = try load(named, isRunsOwn: name == nil)
    let isToBeChosen = named.id == nil && library.plugin.environments.count > 1
    let environment = try library.plugin.environment(
      isToBeChosen ? file.environmentID : named.id)
    let inherited =
      environment.id == file.environmentID ? configuration?.environmentOptions ?? [] : []
    let declared = Set(environment.options.map(\.key))
    var values = RunConfiguration()
    values.environmentOptions = inherited.filter { declared.contains($0.key) }
    let limit =
      environment.id == file.environmentID
      ? configuration?["maxEpisodeSteps"]?.wholeNumber : nil
    return EnvironmentChoice(
      library: library, environment: environment,
      options: EnvironmentOptions(
        declared: environment.options, file: values, flags: options
      ).given,
      maxEpisodeSteps: maxEpisodeSteps ?? limit ?? file.maxEpisodeSteps,
      onNonfinite: configuration?["onNonfinite"] == .text("truncate") ? .truncate : .fail)
  }

  /// Refuses an environment with other spaces, and warns of a library that has changed.
  func check(_ spec: EnvironmentSpec, sha256: String, _ console: Console) throws {
    try file.check(spec, file: path)
    if sha256 != file.pluginSHA256 {
      console.warn(
        "the plugin is not the one that the policy was trained with: \(sha256.prefix(12)), not "
          + "\(file.pluginSHA256.prefix(12)); results may differ")
    }
    if spec.id != file.environmentID {
      console.warn("the policy was trained on \(file.environmentID), not on \(spec.id)")
    }
  }

  private static func configuration(of run: RunDirectory) throws -> RunConfiguration {
    let path = run.configurationPath
    return try RunConfiguration.parse(try FileReader.text(of: path, limit: 1 << 20), file: path)
  }

  /// The run's library and environment.
  private func environmentName(_ configuration: RunConfiguration) -> EnvironmentName? {
    guard let run, case .text(let plugin)? = configuration["plugin"] else { return nil }
    let path = EnvironmentName.located(plugin, besideRun: run)
    var name = EnvironmentName(path, isFile: { _ in true })
    if case .text(let id)? = configuration["environment"] { name.id = id }
    return name
  }

  /// Loads a library, and says what else can be done where the run's own is gone.
  private func load(_ name: EnvironmentName, isRunsOwn: Bool) throws -> LoadedLibrary {
    do { return try LoadedLibrary(path: name.path) } catch PluginError.missing(_, let reason)
      where isRunsOwn
    {
      throw Failure(
        .missing,
        "\(name.path): the run's plugin \(reason); name where it is as --env PATH[:Id]")
    }
  }
}
