internal import RLCore

/// Numbers by their bits: hexadecimal digits, the most significant first.
enum BitText {
  private static let digits = Array("0123456789abcdef".utf8)

  /// A row's elements, all leaves in order.
  static func text(_ row: [UInt8], _ leaves: [DeclaredLeaf]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(2 * row.count)
    var offset = 0
    for leaf in leaves {
      spell(row[offset..<offset + leaf.rowBytes], leaf.element.byteCount, &result)
      offset += leaf.rowBytes
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Elements of `size` bytes each.
  static func text(_ bytes: ArraySlice<UInt8>, size: Int) -> String {
    var result: [UInt8] = []
    spell(bytes, size, &result)
    return String(decoding: result, as: UTF8.self)
  }

  private static func spell(_ bytes: ArraySlice<UInt8>, _ size: Int, _ result: inout [UInt8]) {
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: size) {
      for byte in bytes[start..<min(start + size, bytes.endIndex)].reversed() {
        result.append(Self.digits[Int(byte >> 4)])
        result.append(Self.digits[Int(byte & 15)])
      }
    }
  }

  /// The row that `text` spells; `nil` unless it is exactly that long and nothing but digits.
  static func row(_ text: ArraySlice<UInt8>, _ leaves: [DeclaredLeaf]) -> [UInt8]? {
    guard text.count == 2 * leaves.reduce(0, { $0 + $1.rowBytes }) else { return nil }
    var row: [UInt8] = []
    row.reserveCapacity(text.count / 2)
    var position = text.startIndex
    for leaf in leaves {
      let end = position + 2 * leaf.rowBytes
      guard append(text[position..<end], leaf.element.byteCount, &row) else { return nil }
      position = end
    }
    return row
  }

  /// The bytes of `count` elements; `nil` unless `text` is exactly that.
  static func row(_ text: ArraySlice<UInt8>, _ element: Element, count: Int) -> [UInt8]? {
    var row: [UInt8] = []
    guard text.count == 2 * count * element.byteCount, append(text, element.byteCount, &row)
    else { return nil }
    return row
  }

  private static func append(
    _ text: ArraySlice<UInt8>, _ size: Int, _ row: inout [UInt8]
  ) -> Bool {
    for start in stride(from: text.startIndex, to: text.endIndex, by: 2 * size) {
      for k in stride(from: start + 2 * size - 2, through: start, by: -2) {
        guard let high = value(text[k]), let low = value(text[k + 1]) else { return false }
        row.append(high << 4 | low)
      }
    }
    return true
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// Numbers as decimals that read back as the same bits.
enum NumberText {
  /// The shortest; a whole number without its point.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The number that `text` spells, such as `-1`, `0.25`, `1e-07`, `inf`, `nan`; `nil` if it is none.
  static func number(_ text: ArraySlice<UInt8>) -> Double? {
    switch String(decoding: text.prefix(4), as: UTF8.self) {
    case "inf" where text.count == 3: return .infinity
    case "-inf" where text.count == 4: return -.infinity
    case "nan" where text.count == 3: return .nan
    default: break
    }
    guard text.count <= 32, text.allSatisfy(isDecimal), let first = text.first,
      first == UInt8(ascii: "-") || isDigit(first),
      let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }

  /// A whole number that is not negative, without leading zeros.
  static func whole(_ text: ArraySlice<UInt8>) -> UInt64? {
    guard !text.isEmpty, text.count <= 20, text.allSatisfy(isDigit),
      text.count == 1 || text.first != UInt8(ascii: "0")
    else { return nil }
    return UInt64(String(decoding: text, as: UTF8.self))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || Array("+-.e".utf8).contains(byte)
  }
}
