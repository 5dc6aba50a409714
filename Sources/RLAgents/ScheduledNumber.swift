import RLCore

/// A hyperparameter that stays as it is, or falls linearly to 0 over the run.
///
/// As text, a number or, as in the RL Zoo, `lin_` and the number that it falls from.
public enum ScheduledNumber: Sendable, Equatable {
  case constant(Float)
  case linear(from: Float)

  /// The number when `remaining` of the run, from 1 to 0, is left.
  public func value(remaining: Float) -> Float {
    switch self {
    case .constant(let value): value
    case .linear(let start): start * remaining
    }
  }

  /// The largest value that it takes.
  public var start: Float { value(remaining: 1) }

  private static let prefix = "lin_"

  var configurationValue: ConfigurationValue {
    switch self {
    case .constant(let value): .number(Double("\(value)") ?? Double(value))
    case .linear(let start): .text("\(Self.prefix)\(start)")
    }
  }

  /// - Throws: `ConfigurationError` naming `field`.
  init(
    _ value: ConfigurationValue, field: String, in range: ClosedRange<Double>
  ) throws(ConfigurationError) {
    if case .text(let text) = value, text.hasPrefix(Self.prefix) {
      let start = ConfigurationValue.text(String(text.dropFirst(Self.prefix.count)))
      self = .linear(from: Float(try start.number(field, in: range)))
    } else {
      self = .constant(Float(try value.number(field, in: range)))
    }
  }
}

extension ConfigurationField {
  /// A hyperparameter that is a number or falls linearly from one.
  static func schedule(
    _ name: String, aliases: [String] = [],
    _ path: any WritableKeyPath<Root, ScheduledNumber> & Sendable, in range: ClosedRange<Double>,
    doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { $0[keyPath: path].configurationValue },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = try ScheduledNumber(value, field: name, in: range)
      })
  }

  /// A hyperparameter that is a number, falls linearly from one, or is off: `none`.
  static func optionalSchedule(
    _ name: String, aliases: [String] = [],
    _ path: any WritableKeyPath<Root, ScheduledNumber?> & Sendable, in range: ClosedRange<Double>,
    doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { $0[keyPath: path]?.configurationValue ?? .none },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] =
          value.isNone ? nil : try ScheduledNumber(value, field: name, in: range)
      })
  }

  /// A hyperparameter that is a number, or off: `none`.
  static func optionalNumber(
    _ name: String, aliases: [String] = [],
    _ path: any WritableKeyPath<Root, Float?> & Sendable, in range: ClosedRange<Double>,
    doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc,
      read: { $0[keyPath: path].map { .number(Double("\($0)") ?? Double($0)) } ?? .none },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = value.isNone ? nil : Float(try value.number(name, in: range))
      })
  }
}

extension ConfigurationValue {
  /// Whether it switches something off.
  var isNone: Bool { self == .none || self == .text("none") }
}
