/// A JSON value whose fields keep their order.
enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([Field])

  /// A field of an object.
  struct Field: Sendable {
    var name: String
    var value: JSON

    init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The text or null.
  static func optional(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }

  /// The number or null.
  static func optional(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }

  /// The number or null.
  static func optional(_ number: Double?) -> JSON { number.map { .number($0) } ?? .null }
}

extension JSON: CustomStringConvertible {
  /// The value on one line: numbers as the shortest decimals that read back as the same; those
  /// that are not finite as the strings "nan", "inf" and "-inf".
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): Self.spell(value)
    case .text(let text): Self.quote(text)
    case .list(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
    case .object(let fields):
      "{" + fields.map { "\(Self.quote($0.name)):\($0.value)" }.joined(separator: ",") + "}"
    }
  }

  private static func spell(_ value: Double) -> String {
    guard value.isFinite else {
      return value.isNaN ? "\"nan\"" : value < 0 ? "\"-inf\"" : "\"inf\""
    }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case ..<" ", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
