public import RLCore

/// Reads values as they are typed, in YAML and on the command line alike.
///
/// `true` and `false` are the only booleans, `null` and `~` the only nothing; a number is whatever
/// Swift reads as one; everything else is text. YAML 1.1's `on`, `off`, `yes`, `no` and `1:30` stay
/// text.
public enum ValueParser {
  /// One value from the command line; `[256, 256]` and `256,256` are lists.
  public static func parse(_ text: String) -> ConfigurationValue {
    let trimmed = trim(text)
    if trimmed.hasPrefix("["), trimmed.hasSuffix("]") {
      return list(trimmed.dropFirst().dropLast())
    }
    return trimmed.contains(",") ? list(trimmed[...]) : scalar(trimmed)
  }

  /// One plain scalar.
  public static func scalar(_ text: String) -> ConfigurationValue {
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null", "~", "": return .none
    default: break
    }
    let digits = text.filter { $0 != "_" }
    if let value = Int(digits) { return .integer(value) }
    guard text.first.map({ $0.isNumber || "+-.".contains($0) }) == true,
      let value = Double(digits)
    else { return .text(text) }
    return .number(value)
  }

  private static func list(_ text: Substring) -> ConfigurationValue {
    .list(text.split(separator: ",").map { scalar(trim(String($0))) })
  }

  private static func trim(_ text: String) -> String {
    var slice = text[...]
    while slice.first?.isWhitespace == true { slice.removeFirst() }
    while slice.last?.isWhitespace == true { slice.removeLast() }
    return String(slice)
  }
}
