import RLAgents
import RLCore
import RLEnvironments
import RLPresets
import RLSystem
import RLTraining
import RLWrappers

/// Everything that a training run is made of, settled before its first step.
struct RunSettings {
  let subject: EnvironmentChoice
  let algorithm: AlgorithmEntry
  let hyperparameters: Hyperparameters
  let wrappers: WrapperSettings
  let preset: Preset?
  let seed: UInt64
  let steps: Int
  let lanes: Int
  let instances: Int?
  let logEvery: Int
  let evaluateEvery: Int?
  let evaluationEpisodes: Int
  /// All of the above with where each value came from.
  let configuration: RunConfiguration

  /// Settles the command line, the file it names, the preset and the defaults.
  ///
  /// - Throws: `Failure`, `FileError`, `PluginError` ...: what, where and what to do.
  init(_ subject: SubjectArguments, _ course: CourseArguments, _ record: RecordArguments) throws {
    let fileName = subject.config.map(Self.configurationFile) ?? ""
    let file = subject.config == nil ? nil : try Self.read(fileName)
    var values = RunValues(
      flags: Self.flags(subject, course, record), file: file, fileName: fileName)
    guard var path = try values.text("plugin") else {
      throw Failure(
        .usage, "no environment: give one as --env PATH[:Id], such as --env plugins/cartpole.so")
    }
    if file?["plugin"] == .text(path), subject.env == nil {
      path = EnvironmentName.located(path, besideRun: RunDirectory(containing: fileName))
      values.note("plugin", .text(path))
    }
    let library = try LoadedLibrary(path: path)
    let environment = try library.plugin.environment(try values.text("environment"))
    values.note("environment", .text(environment.id))

    let presets = try Presets.all()
    algorithm = try Self.algorithm(&values, subject, environment.id, presets)
    preset = try Self.preset(&values, algorithm, environment.id, presets)
    values.preset = preset
    seed = UInt64(try values.integer("seed", in: 0...(seedLimit - 1), default: 0))
    steps = try values.integer("steps", in: 1...1_000_000_000_000_000, default: 100_000)
    lanes = try values.integer("lanes", in: 1...(1 << 20), default: 1)
    instances = try values.optionalInteger("instances", in: 1...lanes)
    let limit = try values.optionalInteger("maxEpisodeSteps", in: 0...Int.max)
    let nonfinite = try values.choice(
      "onNonfinite", of: NonfinitePolicy.allCases.map(\.rawValue))
    logEvery = try values.integer("logEvery", default: max(1, steps / 100))
    evaluateEvery = try values.optionalInteger("evaluateEvery")
    evaluationEpisodes = try values.integer("evaluationEpisodes", in: 0...1_000_000, default: 20)

    let options = EnvironmentOptions(
      declared: environment.options, file: file, flags: subject.environmentOptions)
    self.subject = EnvironmentChoice(
      library: library, environment: environment, options: options.given, maxEpisodeSteps: limit,
      onNonfinite: NonfinitePolicy(rawValue: nonfinite) ?? .fail)
    hyperparameters = try Hyperparameters(
      of: algorithm, settings: Self.settings(preset, file, subject), fileName: fileName)
    wrappers = try WrapperSettings(
      Self.wrapperSettings(preset, file, subject), beside: hyperparameters, fileName: fileName)
    configuration = RunConfiguration(
      run: values.entries, environmentOptions: options.entries,
      hyperparameters: hyperparameters.entries, wrappers: wrappers.entries)
  }

  /// The file that `--config` names: of a run's folder its `config.yaml`.
  private static func configurationFile(_ path: String) -> String {
    guard PathKind(of: path) == .folder else { return path }
    return RunDirectory(path: path.hasSuffix("/") ? String(path.dropLast()) : path)
      .configurationPath
  }

  private static func read(_ path: String) throws -> RunConfiguration {
    try RunConfiguration.parse(try FileReader.text(of: path, limit: 1 << 20), file: path)
  }

  private static func flags(
    _ subject: SubjectArguments, _ course: CourseArguments, _ record: RecordArguments
  ) -> [(key: String, value: ConfigurationValue?)] {
    let name = subject.env.map { EnvironmentName($0) }
    func number(_ key: String, _ count: Int?) -> (key: String, value: ConfigurationValue?) {
      (key, count.map { .integer($0) })
    }
    func word(_ key: String, _ text: String?) -> (key: String, value: ConfigurationValue?) {
      (key, text.map { .text($0) })
    }
    return [
      word("plugin", name?.path),
      // a library on the command line does not go with the file's environment
      ("environment", name.map { $0.id.map { .text($0) } ?? ConfigurationValue.none }),
      word("algorithm", subject.algo), word("preset", subject.preset),
      number("seed", course.seed), number("steps", course.steps), number("lanes", course.lanes),
      number("instances", course.instances), number("maxEpisodeSteps", course.maxEpisodeSteps),
      word("onNonfinite", course.onNonfinite?.rawValue), number("logEvery", record.logEvery),
      number("evaluateEvery", record.evalEvery),
      number("evaluationEpisodes", record.evalEpisodes),
    ]
  }

  /// The preset's settings, then the file's, then the flags'.
  private static func settings(
    _ preset: Preset?, _ file: RunConfiguration?, _ subject: SubjectArguments
  ) -> [RunConfiguration.Entry] {
    layers(
      preset?.settings ?? [], of: preset, file?.hyperparameters ?? [], subject.hyperparameters)
  }

  private static func wrapperSettings(
    _ preset: Preset?, _ file: RunConfiguration?, _ subject: SubjectArguments
  ) -> [RunConfiguration.Entry] {
    layers(preset?.wrappers ?? [], of: preset, file?.wrappers ?? [], subject.wrappers)
  }

  private static func layers(
    _ settings: [Preset.Setting], of preset: Preset?, _ file: [RunConfiguration.Entry],
    _ flags: [Setting]
  ) -> [RunConfiguration.Entry] {
    let ofPreset = settings.map {
      RunConfiguration.Entry($0.key, $0.value, origin: "preset \(preset?.name ?? "")")
    }
    let ofFlags = flags.map {
      RunConfiguration.Entry($0.key, ValueParser.parse($0.value), origin: "flag")
    }
    return ofPreset + file + ofFlags
  }
}

extension RunSettings {
  /// The algorithm that is asked for, or the only one that has the preset asked for.
  private static func algorithm(
    _ values: inout RunValues, _ subject: SubjectArguments, _ environmentID: String,
    _ presets: [Preset]
  ) throws -> AlgorithmEntry {
    if let name = try values.text("algorithm") { return try AlgorithmCatalog.entry(named: name) }
    let fitting = presets.filter {
      $0.name == subject.preset && $0.environmentID == environmentID
    }
    if let preset = fitting.first, fitting.count == 1 {
      values.note("algorithm", .text(preset.algorithm))
      return try AlgorithmCatalog.entry(named: preset.algorithm)
    }
    let known = AlgorithmCatalog.all.map { "\n  \($0.name)  \($0.summary)" }
    throw Failure(
      .usage, "no algorithm: give one as --algo NAME; there are" + known.joined())
  }

  /// The preset asked for; `zoo`, where there is one, if none is.
  private static func preset(
    _ values: inout RunValues, _ algorithm: AlgorithmEntry, _ environmentID: String,
    _ presets: [Preset]
  ) throws -> Preset? {
    let isGiven = values.isGiven("preset")
    let name = try values.text("preset")
    if name == "none" || (isGiven && name == nil) { return nil }
    let preset = try Presets.find(
      name: name, algorithm: algorithm.name, environmentID: environmentID, among: presets)
    if let preset { values.note("preset", .text(preset.name)) }
    return preset
  }
}
