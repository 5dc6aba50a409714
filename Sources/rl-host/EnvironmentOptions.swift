import RLCore
import RLEnvironments
import RLPresets

/// The options of an environment, each with where its value came from.
struct EnvironmentOptions {
  /// What a file or the command line gives, by key.
  let given: [String: String]
  /// Every declared option that has a value, for `config.yaml`.
  let entries: [RunConfiguration.Entry]

  init(declared: [OptionSpec], file: RunConfiguration?, flags: [Setting]) {
    var settings = file?.environmentOptions ?? []
    settings += flags.map {
      RunConfiguration.Entry($0.key, Self.value($0.value), origin: "flag")
    }
    given = Dictionary(
      settings.map { ($0.key, $0.value == .none ? "" : $0.value.description) },
      uniquingKeysWith: { $1 })
    entries = declared.compactMap { option in
      if let setting = settings.last(where: { $0.key == option.key }) { return setting }
      return option.defaultText.map {
        RunConfiguration.Entry(option.key, Self.value($0), origin: "default")
      }
    }
  }

  /// A number or a truth value where its text would come back the same, else the text.
  private static func value(_ text: String) -> ConfigurationValue {
    let value = ValueParser.scalar(text)
    return value.description == text && value != .none ? value : .text(text)
  }
}
