import RLCore
import RLWrappers

/// The wrappers, with their defaults.
struct WrapperListing: Catalogue {
  private let fields: [ConfigurationField<WrapperConfiguration>]

  /// The wrappers wanted; all if `names` is empty.
  ///
  /// - Throws: `ConfigurationError` for an unknown name.
  init(names: [String]) throws(ConfigurationError) {
    var wanted: [String] = []
    for name in names { wanted += try WrapperConfiguration.names(for: name) }
    fields = WrapperConfiguration.fields.filter { names.isEmpty || wanted.contains($0.name) }
  }

  func text(_ heading: (String) -> String) -> String {
    var table = Table([
      ("wrapper", .left), ("default", .left), ("also called", .left), ("meaning", .left),
    ])
    for field in fields {
      table.append([
        field.name, field.read(WrapperConfiguration()).description,
        Self.aliases(field).joined(separator: ", "), field.doc,
      ])
    }
    return table.text
      + "\n\nAn action passes actionRepeat, then stickyActions; a reward rewardScale, "
      + "normalizeReward,\nclipReward, in training alone; an observation normalizeObservation, "
      + "clipObservation,\nframeStack, timeAware. normalize=true is both normalisations."
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/list-wrappers/1")),
      .init(
        "wrappers",
        .list(
          fields.map { field in
            .object([
              .init("name", .text(field.name)),
              .init("aliases", .list(Self.aliases(field).map { .text($0) })),
              .init("default", AlgorithmListing.json(field.read(WrapperConfiguration()))),
              .init("doc", .text(field.doc)),
            ])
          })),
    ])
  }

  private static func aliases(_ field: ConfigurationField<WrapperConfiguration>) -> [String] {
    let snake = snakeCase(field.name)
    return (snake == field.name ? [] : [snake]) + field.aliases
  }
}
