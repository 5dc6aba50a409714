import RLCore
import RLPresets

/// The layers that a run's values come from: flags before the file before the preset before the
/// defaults.
struct RunValues {
  private let flags: [(key: String, value: ConfigurationValue)]
  private let file: RunConfiguration?
  private let fileName: String
  var preset: Preset?
  /// The values asked for so far, with their origins, in the order of `RunConfiguration.runKeys`.
  private(set) var entries: [RunConfiguration.Entry] = []

  init(
    flags: [(key: String, value: ConfigurationValue?)], file: RunConfiguration?, fileName: String
  ) {
    self.flags = flags.compactMap { flag in flag.value.map { (flag.key, $0) } }
    self.file = file
    self.fileName = fileName
  }

  /// The whole number of `key`.
  ///
  /// - Throws: `Failure`: 64 when a flag, 65 when the file gives something else.
  mutating func integer(
    _ key: String, in range: ClosedRange<Int> = 1...Int.max, default value: Int
  ) throws(Failure) -> Int {
    try optionalInteger(key, in: range, default: value) ?? value
  }

  /// The whole number of `key`, if it has one.
  mutating func optionalInteger(
    _ key: String, in range: ClosedRange<Int> = 1...Int.max, default value: Int? = nil
  ) throws(Failure) -> Int? {
    let entry = take(key, default: value.map { .integer($0) } ?? .none)
    if entry.value == .none { return nil }
    do { return try entry.value.integer(key, in: range) } catch { throw failure(error, entry) }
  }

  /// The text of `key`, if it has one.
  mutating func text(_ key: String, default value: String? = nil) throws(Failure) -> String? {
    let entry = take(key, default: value.map { .text($0) } ?? .none)
    switch entry.value {
    case .none: return nil
    case .text(let text): return text
    default:
      throw failure(ConfigurationError(field: key, reason: "needs a text"), entry)
    }
  }

  /// The text of `key`, one of `choices`; the first is the default.
  mutating func choice(_ key: String, of choices: [String]) throws(Failure) -> String {
    let entry = take(key, default: .text(choices[0]))
    do { return try entry.value.choice(key, of: choices) } catch { throw failure(error, entry) }
  }

  /// Replaces what was noted for `key`, once it is known better.
  mutating func note(_ key: String, _ value: ConfigurationValue) {
    guard let index = entries.firstIndex(where: { $0.key == key }) else { return }
    entries[index].value = value
  }

  /// Whether a file or a flag gives `key`, and be it nothing.
  func isGiven(_ key: String) -> Bool {
    flags.contains { $0.key == key } || file?.run.contains { $0.key == key } == true
  }

  /// The failure for a value that cannot be used: of the command line or of the file.
  func failure(_ error: ConfigurationError, _ entry: RunConfiguration.Entry) -> Failure {
    entry.origin == "file"
      ? Failure(.damaged, "\(fileName): \(error)") : Failure(.usage, "\(error)")
  }

  private mutating func take(
    _ key: String, default value: ConfigurationValue
  ) -> RunConfiguration.Entry {
    let entry = find(key) ?? RunConfiguration.Entry(key, value, origin: "default")
    entries.append(entry)
    return entry
  }

  private func find(_ key: String) -> RunConfiguration.Entry? {
    if let flag = flags.first(where: { $0.key == key }) {
      return RunConfiguration.Entry(key, flag.value, origin: "flag")
    }
    if let value = file?[key] { return RunConfiguration.Entry(key, value, origin: "file") }
    guard let preset else { return nil }
    switch key {
    case "steps" where preset.steps > 0:
      return RunConfiguration.Entry(key, .integer(preset.steps), origin: "preset \(preset.name)")
    case "lanes":
      return RunConfiguration.Entry(key, .integer(preset.lanes), origin: "preset \(preset.name)")
    default: return nil
    }
  }
}
