public import RLCore

/// Hyperparameters that are known to work for an algorithm in an environment.
public struct Preset: Sendable, Equatable {
  /// One hyperparameter, or one value of a wrapper, of a preset.
  public struct Setting: Sendable, Equatable {
    public var key: String
    public var value: ConfigurationValue
  }

  public var name: String
  public var algorithm: String
  public var environmentID: String
  public var doc: String
  public var steps: Int  // environment steps
  public var lanes: Int
  public var settings: [Setting]
  /// What stands between the environment and the agent, such as `normalizeObservation`.
  public var wrappers: [Setting] = []
}

/// The presets inside the binary.
public enum Presets {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("cartpole.yaml", PackageResources.cartpole_yaml),
    ("acrobot.yaml", PackageResources.acrobot_yaml),
    ("mountain_car.yaml", PackageResources.mountain_car_yaml),
    ("mountain_car_continuous.yaml", PackageResources.mountain_car_continuous_yaml),
    ("pendulum.yaml", PackageResources.pendulum_yaml),
    ("lunar_lander.yaml", PackageResources.lunar_lander_yaml),
  ]

  /// Every preset, in the files' order.
  ///
  /// - Throws: `ConfigurationFileError` when a text is damaged.
  public static func all() throws(ConfigurationFileError) -> [Preset] {
    var presets: [Preset] = []
    for file in files {
      presets += try parse(String(decoding: file.bytes, as: UTF8.self), file: file.name)
    }
    return presets
  }

  /// The preset called `name`, or, without a name, the one called `zoo` if there is one.
  ///
  /// - Throws: `ConfigurationError` for a name that the environment and algorithm do not have.
  public static func find(
    name: String?, algorithm: String, environmentID: String, among presets: [Preset]
  ) throws(ConfigurationError) -> Preset? {
    let fitting = presets.filter {
      $0.algorithm == algorithm && $0.environmentID == environmentID
    }
    if let preset = fitting.first(where: { $0.name == name ?? "zoo" }) { return preset }
    guard let name else { return nil }
    let known = fitting.map(\.name).joined(separator: ", ")
    throw ConfigurationError(
      field: "preset",
      reason: "\(algorithm) has no preset \(name) for \(environmentID); "
        + (known.isEmpty ? "there is none" : "there is \(known)"))
  }

  /// Presets from YAML: environment id, algorithm, preset's name, then its fields.
  ///
  /// - Throws: `ConfigurationFileError` with the line.
  package static func parse(
    _ text: String, file: String
  ) throws(ConfigurationFileError) -> [Preset] {
    var presets: [Preset] = []
    for environment in try mapping(.read(text, file: file), file, line: nil) {
      for algorithm in try mapping(environment.tree, file, line: environment.line) {
        for preset in try mapping(algorithm.tree, file, line: algorithm.line) {
          presets.append(
            try read(preset, algorithm: algorithm.key, environmentID: environment.key, file: file))
        }
      }
    }
    return presets
  }

  private static func read(
    _ entry: YAMLTree.Entry, algorithm: String, environmentID: String, file: String
  ) throws(ConfigurationFileError) -> Preset {
    var preset = Preset(
      name: entry.key, algorithm: algorithm, environmentID: environmentID, doc: "", steps: 0,
      lanes: 1, settings: [])
    for field in try mapping(entry.tree, file, line: entry.line) {
      switch (field.key, field.tree) {
      case ("doc", .value(.text(let doc))): preset.doc = doc
      case ("steps", .value(let value)) where value.wholeNumber != nil:
        preset.steps = value.wholeNumber ?? 0
      case ("lanes", .value(let value)) where value.wholeNumber != nil:
        preset.lanes = value.wholeNumber ?? 1
      case ("hyperparameters", .mapping(let entries)):
        preset.settings = try settings(entries, file: file)
      case ("wrappers", .mapping(let entries)):
        preset.wrappers = try settings(entries, file: file)
      default:
        throw ConfigurationFileError(
          file: file, line: field.line, reason: "\(field.key) is not a field of a preset")
      }
    }
    return preset
  }

  private static func settings(
    _ entries: [YAMLTree.Entry], file: String
  ) throws(ConfigurationFileError) -> [Preset.Setting] {
    try entries.map { (entry) throws(ConfigurationFileError) in
      guard case .value(let value) = entry.tree else {
        throw ConfigurationFileError(
          file: file, line: entry.line, reason: "\(entry.key): one value")
      }
      return Preset.Setting(key: entry.key, value: value)
    }
  }

  private static func mapping(
    _ tree: YAMLTree, _ file: String, line: Int?
  ) throws(ConfigurationFileError) -> [YAMLTree.Entry] {
    guard case .mapping(let entries) = tree else {
      throw ConfigurationFileError(file: file, line: line, reason: "needs fields here")
    }
    return entries
  }
}
