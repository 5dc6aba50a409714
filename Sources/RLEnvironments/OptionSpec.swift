/// One option that an environment declares.
public struct OptionSpec: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case bool
    case int
    case float
    case string
    case choice = "enum"
    case path
  }

  public var key: String
  public var kind: Kind
  public var defaultText: String?  // as a user would type it; nil = a value must be given
  public var minimum: Double?  // inclusive
  public var maximum: Double?  // inclusive
  public var choices: [String]  // of an enum
  public var doc: String?
  public var canChangeAtReset: Bool

  /// What may be given, for people: `float 0 ... 50`, `enum easy, hard`.
  public var range: String {
    if kind == .choice { return "enum \(choices.joined(separator: ", "))" }
    guard let minimum, let maximum else { return kind.rawValue }
    return "\(kind.rawValue) \(Self.short(minimum)) ... \(Self.short(maximum))"
  }

  static func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

/// An option's value, typed. What does not apply is zero or `nil`, as the ABI wants it.
struct OptionValue: Equatable {
  var integer: Int64 = 0
  var number: Double = 0
  var text: String?
}

extension OptionSpec {
  /// Reads what the user typed, or the default.
  ///
  /// - Throws: `TableFault` with the option's key as its field.
  func parse(_ text: String) throws(TableFault) -> OptionValue {
    switch kind {
    case .bool: try parseBool(text)
    case .int: try parseInteger(text)
    case .float: try parseNumber(text)
    case .choice: try parseChoice(text)
    case .string: try parseText(text)
    case .path: OptionValue(text: absolutePath(try parseText(text).text ?? ""))
    }
  }

  private func parseBool(_ text: String) throws(TableFault) -> OptionValue {
    switch text.lowercased() {
    case "true", "1", "yes": return OptionValue(integer: 1, number: 1)
    case "false", "0", "no": return OptionValue()
    default: throw TableFault(key, "needs true or false, not \(escaped(text))")
    }
  }

  private func parseInteger(_ text: String) throws(TableFault) -> OptionValue {
    guard let value = Int64(text) else {
      throw TableFault(key, "needs a whole number, not \(escaped(text))")
    }
    try checkBounds(Double(value))
    return OptionValue(integer: value, number: Double(value))
  }

  private func parseNumber(_ text: String) throws(TableFault) -> OptionValue {
    guard let value = Double(text), value.isFinite else {
      throw TableFault(key, "needs a number, not \(escaped(text))")
    }
    try checkBounds(value)
    return OptionValue(number: value)
  }

  private func parseChoice(_ text: String) throws(TableFault) -> OptionValue {
    guard let index = choices.firstIndex(of: text) else {
      throw TableFault(
        key, "needs one of \(choices.joined(separator: ", ")), not \(escaped(text))")
    }
    return OptionValue(integer: Int64(index), text: text)
  }

  private func parseText(_ text: String) throws(TableFault) -> OptionValue {
    guard !text.utf8.contains(0) else { throw TableFault(key, "contains a NUL character") }
    return OptionValue(text: text)
  }

  private func checkBounds(_ value: Double) throws(TableFault) {
    guard let minimum, let maximum, !(minimum...maximum).contains(value) else { return }
    throw TableFault(
      key,
      "\(Self.short(value)) is outside \(Self.short(minimum)) ... \(Self.short(maximum))")
  }
}
