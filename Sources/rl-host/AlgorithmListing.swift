import RLAgents
import RLCore
import RLPresets
import RLSystem

/// Algorithms, with their hyperparameters.
struct AlgorithmListing: Catalogue {
  private let entries: [AlgorithmEntry]

  /// The algorithms wanted; all if `names` is empty.
  ///
  /// - Throws: `ConfigurationError` for an unknown name.
  init(names: [String]) throws(ConfigurationError) {
    var entries: [AlgorithmEntry] = []
    for name in names { entries.append(try AlgorithmCatalog.entry(named: name)) }
    self.entries = names.isEmpty ? AlgorithmCatalog.all : entries
  }

  func text(_ heading: (String) -> String) -> String {
    entries.map { entry in
      var table = Table([
        ("hyperparameter", .left), ("default", .left), ("also called", .left), ("meaning", .left),
      ])
      for field in entry.fields {
        let aliases = Self.aliases(field).joined(separator: ", ")
        table.append([field.name, field.defaultValue.description, aliases, field.doc])
      }
      return heading(entry.name) + "  \(entry.summary) (\(entry.paper))\n"
        + "acts: \(entry.actions)\n\n" + table.text
    }.joined(separator: "\n\n")
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/list-algos/1")),
      .init("algorithms", .list(entries.map(Self.json))),
    ])
  }

  /// The other names that it can be given by.
  private static func aliases(_ field: AlgorithmEntry.Field) -> [String] {
    let snake = snakeCase(field.name)
    return (snake == field.name ? [] : [snake]) + field.aliases
  }

  private static func json(_ entry: AlgorithmEntry) -> JSON {
    let fields = entry.fields.map { field in
      JSON.object([
        .init("name", .text(field.name)),
        .init("aliases", .list(aliases(field).map { .text($0) })),
        .init("default", json(field.defaultValue)), .init("doc", .text(field.doc)),
      ])
    }
    return .object([
      .init("name", .text(entry.name)), .init("summary", .text(entry.summary)),
      .init("actions", .text(entry.actions)), .init("paper", .text(entry.paper)),
      .init("hyperparameters", .list(fields)),
    ])
  }

  /// A configuration value as JSON.
  static func json(_ value: ConfigurationValue) -> JSON {
    switch value {
    case .none: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let text): .text(text)
    case .list(let values): .list(values.map(json))
    }
  }
}

/// The presets inside the program.
struct PresetListing: Catalogue {
  private let presets: [Preset]

  /// The presets wanted, by name, environment or algorithm; all if `names` is empty.
  ///
  /// - Throws: `Failure` when there is none.
  init(names: [String]) throws {
    presets = try Presets.all().filter {
      names.isEmpty || !Set([$0.name, $0.environmentID, $0.algorithm]).isDisjoint(with: names)
    }
    guard !presets.isEmpty else {
      throw Failure(
        .missing, "no preset is for \(names.joined(separator: ", ")); see rl-host list presets")
    }
  }

  func text(_ heading: (String) -> String) -> String {
    var table = Table([
      ("environment", .left), ("algorithm", .left), ("preset", .left), ("steps", .right),
      ("lanes", .right), ("what", .left),
    ])
    for preset in presets {
      table.append([
        preset.environmentID, preset.algorithm, preset.name, CountText.grouped(preset.steps),
        "\(preset.lanes)", Self.words(preset),
      ])
    }
    return table.text
  }

  private static func words(_ preset: Preset) -> String {
    let wrappers = preset.wrappers.map { "\($0.key) \($0.value)" }
    return wrappers.isEmpty
      ? preset.doc : "\(preset.doc) Wrapped: \(wrappers.joined(separator: ", "))."
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/list-presets/1")),
      .init(
        "presets",
        .list(
          presets.map { preset in
            .object([
              .init("environment", .text(preset.environmentID)),
              .init("algorithm", .text(preset.algorithm)), .init("name", .text(preset.name)),
              .init("doc", .text(preset.doc)), .init("steps", .integer(preset.steps)),
              .init("lanes", .integer(preset.lanes)),
              .init(
                "hyperparameters",
                .object(
                  preset.settings.map { .init($0.key, AlgorithmListing.json($0.value)) })),
              .init(
                "wrappers",
                .object(
                  preset.wrappers.map { .init($0.key, AlgorithmListing.json($0.value)) })),
            ])
          })),
    ])
  }
}
