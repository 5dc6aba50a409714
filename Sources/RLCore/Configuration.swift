/// A configuration value as a preset, a file or the command line gives it.
public enum ConfigurationValue: Sendable, Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([ConfigurationValue])
}

extension ConfigurationValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .none: "none"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    }
  }
}

/// One hyperparameter: its name, its meaning, how it is read and written.
public struct ConfigurationField<Root>: Sendable {
  public let name: String  // camelCase
  public let aliases: [String]  // other names users know, such as SB3's
  public let doc: String  // meaning and unit, one sentence
  public let read: @Sendable (Root) -> ConfigurationValue
  public let write: @Sendable (inout Root, ConfigurationValue) throws(ConfigurationError) -> Void

  public init(
    _ name: String, aliases: [String] = [], doc: String,
    read: @escaping @Sendable (Root) -> ConfigurationValue,
    write:
      @escaping @Sendable (inout Root, ConfigurationValue) throws(ConfigurationError) -> Void
  ) {
    self.name = name
    self.aliases = aliases
    self.doc = doc
    self.read = read
    self.write = write
  }
}

/// The hyperparameters of an algorithm, or other settings that are given by name.
public protocol AlgorithmConfiguration: Sendable, Equatable {
  init()
  static var fields: [ConfigurationField<Self>] { get }

  /// What a field is called in messages.
  static var fieldNoun: String { get }

  /// - Throws: `ConfigurationError` naming the field that cannot be run.
  func validate() throws(ConfigurationError)
}

extension AlgorithmConfiguration {
  public static var fieldNoun: String { "hyperparameter" }

  /// The field that is called `key`, in camelCase, snake_case or by an alias.
  public static func field(named key: String) -> ConfigurationField<Self>? {
    fields.first { $0.name == key || snakeCase($0.name) == key || $0.aliases.contains(key) }
  }

  /// Sets the hyperparameter called `key`; its snake_case form and aliases are accepted.
  ///
  /// - Throws: `ConfigurationError` for an unknown key, with a suggestion, or a wrong value.
  public mutating func set(_ key: String, to value: ConfigurationValue) throws(ConfigurationError) {
    guard let field = Self.field(named: key) else {
      let near = suggestion(for: key, among: Self.fields.map(\.name))
      throw ConfigurationError(
        field: key,
        reason: "no such \(Self.fieldNoun)" + (near.map { "; did you mean \($0)?" } ?? ""))
    }
    try field.write(&self, value)
  }

  /// Every hyperparameter with its value, in declared order.
  public var values: [(name: String, value: ConfigurationValue)] {
    Self.fields.map { ($0.name, $0.read(self)) }
  }
}

/// A configuration that cannot be run. `field` is the name as the user typed it.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public var field: String
  public var reason: String

  public init(field: String, reason: String) {
    self.field = field
    self.reason = reason
  }

  public var description: String { "\(field): \(reason)" }
}

/// `learningRate` as `learning_rate`, `targetKL` as `target_kl`.
public func snakeCase(_ name: String) -> String {
  var result = ""
  var isInWord = false  // whether a capital begins a new one
  for letter in name {
    if letter.isUppercase, isInWord { result += "_" }
    result += letter.lowercased()
    isInWord = !letter.isUppercase
  }
  return result
}
