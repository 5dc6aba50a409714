internal import CRLEnv
internal import Glibc
internal import RLCore
internal import RLEnvironments

/// The environment that is judged, loaded and with its options chosen.
@safe final class EnvironmentUnderTest {
  let plugin: EnvironmentPlugin
  let description: EnvironmentDescription
  let given: [String: String]
  let progress: Progress

  init(
    _ plugin: EnvironmentPlugin, _ description: EnvironmentDescription, given: [String: String],
    _ progress: Progress
  ) {
    self.plugin = plugin
    self.description = description
    self.given = given
    self.progress = progress
  }

  var table: rlenv_env { unsafe description.table }
  var isNondeterministic: Bool { description.flags.contains(.nondeterministic) }
  var isSingleLane: Bool { description.flags.contains(.singleLane) }
  var isSingleInstance: Bool { description.flags.contains(.singleInstance) }

  /// The texts of all options, those in `changes` before the user's, the user's before the defaults.
  func texts(_ changes: [String: String] = [:]) -> [String] {
    description.options.map { option in
      changes[option.key] ?? given[option.key] ?? option.defaultText ?? ""
    }
  }

  /// Values for `create`, in declared order.
  ///
  /// - Throws: `PluginError` for a value that does not fit.
  func values(_ changes: [String: String] = [:]) throws -> OptionValues {
    try OptionValues(
      zip(description.options, texts(changes)).map { option, text in
        // an empty text of a number without a default has been refused before
        try option.parts(text)
      })
  }
}

/// Option values in the ABI's form, with strings that live as long as this object.
@safe final class OptionValues {
  let pointer: UnsafeMutablePointer<rlenv_value>
  let count: Int
  private let strings: [UnsafeMutablePointer<CChar>?]

  init(_ parts: [OptionSpec.Parts]) {
    count = parts.count
    unsafe pointer = .allocate(capacity: max(parts.count, 1))
    unsafe strings = parts.map { part in unsafe part.text.map { unsafe strdup($0)! } }
    for (k, part) in parts.enumerated() {
      unsafe (pointer + k).initialize(
        to: rlenv_value(i: part.integer, f: part.number, s: UnsafePointer(strings[k])))
    }
  }

  deinit {
    for k in 0..<count { unsafe free(strings[k]) }
    unsafe pointer.deallocate()
  }

  /// Makes the array useless for whoever kept its address; the strings stay.
  func poison() {
    let nowhere = unsafe UnsafePointer<CChar>(bitPattern: 0xDEAD)
    for k in 0..<count {
      unsafe pointer[k] = rlenv_value(i: 0x5A5A_5A5A, f: 5.4321e21, s: nowhere)
    }
  }
}
