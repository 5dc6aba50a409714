import RLCore
import RLEnvironments
import RLParallel
import RLSystem
import RLTraining

/// A plugin's tables.
struct PluginInspection: Catalogue {
  private let library: LoadedLibrary
  private let environments: EnvironmentCatalogue

  init(path: String) throws {
    library = try LoadedLibrary(path: path)
    environments = try EnvironmentCatalogue(paths: [path])
  }

  var remarks: [String] { environments.remarks }

  func text(_ heading: (String) -> String) -> String {
    let plugin = library.plugin
    return listing([
      ("plugin", "\(plugin.id) \(plugin.version)"), ("license", plugin.license ?? "not told"),
      ("ABI", plugin.abi), ("SHA-256", library.sha256),
    ]) + "\n\n" + environments.text(heading)
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/inspect-plugin/1")), .init("plugin", library.json),
    ])
  }
}

/// A policy file whose self-test has been passed.
struct PolicyInspection: Catalogue {
  private let source: PolicySource

  /// - Throws: `PolicyFileError` when it is damaged or fails its self-test.
  init(path: String) throws {
    source = try PolicySource(path)
    _ = try source.policy(pool: .single)
  }

  func text(_ heading: (String) -> String) -> String {
    let file = source.file
    let pairs =
      [
        ("policy", source.summary), ("observes", "\(file.observation)"), ("acts", "\(file.action)"),
        ("limit", file.maxEpisodeSteps.map { counted($0, "step") } ?? "none"),
      ] + wrappers + [
        ("plugin", "\(file.pluginSHA256), ABI \(file.abi)"), ("encoder", file.encoder),
        ("host", "\(file.hostVersion), numerics \(file.numerics)"),
        ("self-test", "passed, \(counted(file.selfTest.count, "row"))"),
      ]
    let settings = (file.attributes.sorted { $0.key < $1.key }).map { ($0.key, $0.value) }
    let configuration = file.configuration.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return listing(pairs) + "\n\n" + heading("attributes") + "\n" + listing(settings) + "\n\n"
      + heading("hyperparameters") + "\n" + listing(configuration) + "\n\n" + tensors.text
  }

  /// What stands before the policy, with the statistics in a few words.
  private var wrappers: [(String, String)] {
    let lines = source.wrapperLines.map { ("", $0) }
    guard let statistics = source.file.wrappers?.statistics else { return lines }
    return lines
      + statistics.sorted { $0.key < $1.key }.map { name, values in
        let shown = values.prefix(4).map { significant($0) }.joined(separator: ", ")
        return ("", "\(name) \(shown)" + (values.count > 4 ? ", ... \(values.count) in all" : ""))
      }
  }

  private var tensors: Table {
    var table = Table([
      ("tensor", .left), ("shape", .left), ("min", .right), ("mean", .right), ("max", .right),
    ])
    for tensor in source.file.tensors {
      let shape = tensor.shape.map(String.init).joined(separator: " x ")
      let mean = tensor.values.reduce(0.0) { $0 + Double($1) } / Double(max(1, tensor.values.count))
      table.append([
        tensor.name, shape, significant(Double(tensor.values.min() ?? 0)), significant(mean),
        significant(Double(tensor.values.max() ?? 0)),
      ])
    }
    return table
  }

  var json: JSON {
    let file = source.file
    func texts(_ values: [String: String]) -> JSON {
      .object(values.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })
    }
    return .object([
      .init("schema", .text("rl-host/inspect-policy/1")), .init("policy", .text(source.path)),
      .init("algo", .text(file.algorithm)), .init("env", .text(file.environmentID)),
      .init("plugin_sha256", .text(file.pluginSHA256)), .init("abi", .text(file.abi)),
      .init("observation", .text("\(file.observation)")), .init("action", .text("\(file.action)")),
      .init("max_episode_steps", .optional(file.maxEpisodeSteps)),
      .init("encoder", .text(file.encoder)), .init("seed", .integer(Int(file.seed))),
      .init("steps", .integer(file.steps)), .init("host_version", .text(file.hostVersion)),
      .init("numerics", .text(file.numerics)), .init("attributes", texts(file.attributes)),
      .init("hyperparameters", texts(file.configuration)),
      .init(
        "wrappers",
        file.wrappers.map { wrappers in
          .object([
            .init("settings", texts(wrappers.settings)),
            .init(
              "statistics",
              .object(
                wrappers.statistics.sorted { $0.key < $1.key }.map { name, values in
                  .init(name, .list(values.map { .number($0) }))
                })),
          ])
        } ?? .null),
      .init(
        "tensors",
        .list(
          file.tensors.map {
            .object([
              .init("name", .text($0.name)), .init("shape", .list($0.shape.map { .integer($0) })),
            ])
          })),
      .init(
        "self_test",
        .object([.init("rows", .integer(file.selfTest.count)), .init("passed", .bool(true))])),
    ])
  }
}

/// A run's state, from its folder.
struct RunInspection: Catalogue {
  private let run: RunDirectory
  private let manifest: RunManifest
  private let last: MetricsRecord?
  private let iqm: Double?

  init(path: String) throws {
    run = RunDirectory(path: path)
    manifest = try PolicySource.manifest(of: run)
    let records = (try? MetricsLog.read(run.metricsPath)) ?? []
    last = records.last { $0["rollout/episodes"] != nil }
    iqm = records.last { $0["eval/iqm"] != nil }?["eval/iqm"]
  }

  func text(_ heading: (String) -> String) -> String {
    var pairs = [
      ("run", run.path), ("state", state),
      ("environment", "\(manifest.env) from \(manifest.plugin)"),
      ("plugin", manifest.pluginSHA256), ("algorithm", manifest.algo),
      ("seed", "\(manifest.seed)"),
      (
        "steps",
        "\(CountText.grouped(manifest.stepsMade ?? last?["step"].flatMap { Int(exactly: $0) } ?? 0)) of "
          + CountText.grouped(manifest.steps)
      ),
    ]
    if let step = run.resumableStep(manifest) {
      pairs.append(
        ("go on", "from step \(CountText.grouped(step)): \(FinalBlock.resumeCommand(run))"))
    }
    for resume in manifest.resumes ?? [] {
      let changed =
        resume.changed.isEmpty ? "" : ", no longer exact: " + resume.changed.joined(separator: "; ")
      pairs.append(
        ("resumed", "at step \(CountText.grouped(resume.step)), \(resume.startedAt)\(changed)"))
    }
    if let iqm { pairs.append(("IQM", "\(fixed(iqm, decimals: 2)), last evaluation")) }
    pairs.append(("started", manifest.startedAt))
    if let endedAt = manifest.endedAt { pairs.append(("ended", endedAt)) }
    pairs.append(("command", shellCommand(manifest.argv)))
    pairs.append(("host", manifest.hostVersion))
    return listing(pairs)
  }

  private var state: String {
    manifest.stateText + (manifest.exitCode.map { ", exit status \($0)" } ?? "")
      + (manifest.error.map { ": \($0)" } ?? "")
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/inspect-run/1")),
      .init(
        "run", manifest.json(path: run.path, iqm: iqm, resumableStep: run.resumableStep(manifest))),
    ])
  }
}
