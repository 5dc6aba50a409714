public import RLCore

/// Everything that a run's results depend on, with where each value came from: `config.yaml`.
public struct RunConfiguration: Sendable, Equatable {
  /// One value and its origin: "flag", "file", "preset zoo", "default" ...
  public struct Entry: Sendable, Equatable {
    public var key: String
    public var value: ConfigurationValue
    public var origin: String

    public init(_ key: String, _ value: ConfigurationValue, origin: String) {
      self.key = key
      self.value = value
      self.origin = origin
    }
  }

  public static let schema = "rl-host/config/1"

  /// The keys of `run`, in the order in which they are written.
  public static let runKeys = [
    "plugin", "environment", "algorithm", "preset", "seed", "steps", "lanes", "instances",
    "maxEpisodeSteps", "onNonfinite", "logEvery", "evaluateEvery", "evaluationEpisodes",
  ]

  public var run: [Entry]
  public var environmentOptions: [Entry]
  public var hyperparameters: [Entry]
  public var wrappers: [Entry]

  public init(
    run: [Entry] = [], environmentOptions: [Entry] = [], hyperparameters: [Entry] = [],
    wrappers: [Entry] = []
  ) {
    self.run = run
    self.environmentOptions = environmentOptions
    self.hyperparameters = hyperparameters
    self.wrappers = wrappers
  }

  /// The run's value called `key`.
  public subscript(key: String) -> ConfigurationValue? { run.first { $0.key == key }?.value }

  /// The file's text: it reproduces the run.
  public func yaml() -> String {
    var lines = ["schema: \(Self.schema)"]
    lines += run.map { Self.line($0, indent: "") }
    lines += Self.lines("environmentOptions", environmentOptions)
    lines += Self.lines("hyperparameters", hyperparameters)
    lines += Self.lines("wrappers", wrappers)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ name: String, _ entries: [Entry]) -> [String] {
    entries.isEmpty ? ["\(name): {}"] : ["\(name):"] + entries.map { line($0, indent: "  ") }
  }

  /// Reads a `config.yaml`; keys that are left out are not in the result.
  ///
  /// - Parameters:
  ///   - text: the file's text.
  ///   - file: its name, for messages.
  /// - Returns: the values, each with the origin "file".
  /// - Throws: `ConfigurationFileError` for another schema, an unknown or duplicate key, or a
  ///   value of the wrong form, with the line.
  public static func parse(
    _ text: String, file: String
  ) throws(ConfigurationFileError) -> RunConfiguration {
    guard case .mapping(let entries) = try YAMLTree.read(text, file: file) else {
      throw ConfigurationFileError(file: file, line: 1, reason: "needs \"key: value\" lines")
    }
    var result = RunConfiguration()
    for entry in entries {
      switch (entry.key, entry.tree) {
      case ("schema", .value(.text(Self.schema))): continue
      case ("environmentOptions", let tree):
        result.environmentOptions = try section(tree, of: entry, file: file)
      case ("hyperparameters", let tree):
        result.hyperparameters = try section(tree, of: entry, file: file)
      case ("wrappers", let tree):
        result.wrappers = try section(tree, of: entry, file: file)
      case (let key, .value(let value)) where runKeys.contains(key):
        result.run.append(Entry(key, value, origin: "file"))
      default: throw unknown(entry, file: file)
      }
    }
    return result
  }

  private static func section(
    _ tree: YAMLTree, of parent: YAMLTree.Entry, file: String
  ) throws(ConfigurationFileError) -> [Entry] {
    if case .value(.none) = tree { return [] }
    guard case .mapping(let entries) = tree else {
      throw ConfigurationFileError(
        file: file, line: parent.line, reason: "\(parent.key) needs \"key: value\" lines")
    }
    return try entries.map { (entry) throws(ConfigurationFileError) in
      guard case .value(let value) = entry.tree else {
        throw ConfigurationFileError(
          file: file, line: entry.line, reason: "\(entry.key) needs one value")
      }
      return Entry(entry.key, value, origin: "file")
    }
  }

  private static func unknown(_ entry: YAMLTree.Entry, file: String) -> ConfigurationFileError {
    if entry.key == "schema" {
      return ConfigurationFileError(
        file: file, line: entry.line, reason: "the schema should be \(schema)")
    }
    let known = runKeys + ["environmentOptions", "hyperparameters", "wrappers"]
    let near = suggestion(for: entry.key, among: known).map { "; did you mean \($0)?" } ?? ""
    return ConfigurationFileError(
      file: file, line: entry.line, reason: "\(entry.key) is not a field of a run\(near)")
  }

  private static func line(_ entry: Entry, indent: String) -> String {
    "\(indent)\(entry.key): \(text(entry.value))  # \(entry.origin)"
  }

  private static func text(_ value: ConfigurationValue) -> String {
    switch value {
    case .none: "null"
    case .text(let text): quoted(text)
    case .list(let values): "[\(values.map(self.text).joined(separator: ", "))]"
    case .bool, .integer, .number: "\(value)"
    }
  }

  /// Double-quoted, with the escapes that YAML knows.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar == "&":
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
