/// The tokens of a JSON text, one after the other, with the place of whatever is wrong.
package struct JSONText {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The byte to be read next; `nil` at the end.
  var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  /// Bytes read so far.
  private var offset: Int { position - bytes.startIndex }

  /// Passes over `mark`, if it comes next.
  package mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipWhitespace()
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  package mutating func expect(_ mark: Unicode.Scalar) throws(SafetensorsFault) {
    guard take(mark) else { throw unexpected("\"\(mark)\"") }
  }

  /// Only the padding may be left.
  func expectOnlySpaces() throws(SafetensorsFault) {
    for index in position..<bytes.endIndex where bytes[index] != UInt8(ascii: " ") {
      throw .init(.bytesAfterHeader(at: index - bytes.startIndex))
    }
  }

  /// A string that is a name.
  package mutating func name() throws(SafetensorsFault) -> String {
    let name = try string("a name in quotes")
    guard name.utf8.count <= Safetensors.Limit.nameBytes else {
      throw .init(.nameTooLong(at: offset))
    }
    return name
  }

  /// A list of whole numbers; `nil` when it is longer than `limit`.
  mutating func numbers(atMost limit: Int) throws(SafetensorsFault) -> [Int]? {
    try expect("[")
    var numbers: [Int] = []
    if take("]") { return numbers }
    repeat {
      guard numbers.count < limit else { return nil }
      numbers.append(try number())
    } while take(",")
    try expect("]")
    return numbers
  }

  /// A whole number.
  package mutating func number() throws(SafetensorsFault) -> Int {
    skipWhitespace()
    let start = position
    var value = 0
    while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw .init(.numberTooLarge(at: start - bytes.startIndex)) }
      value = sum
      position += 1
    }
    guard position > start else { throw unexpected("a whole number") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw .init(.leadingZero(at: start - bytes.startIndex))
    }
    return value
  }

  /// A string; `what` is what it should be, for the error.
  package mutating func string(_ what: String) throws(SafetensorsFault) -> String {
    skipWhitespace()
    let start = offset
    guard next == UInt8(ascii: "\"") else { throw unexpected(what) }
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw .init(.invalidUTF8(at: start))
        }
        return text
      case UInt8(ascii: "\\"): content += try escape()
      case ..<0x20: throw .init(.controlCharacter(at: offset - 1))
      default: content.append(byte)
      }
    }
    throw unexpected("a closing quote")
  }

  /// The UTF-8 bytes of an escape, whose backslash has been read.
  private mutating func escape() throws(SafetensorsFault) -> [UInt8] {
    let start = offset - 1
    guard let byte = next else { throw unexpected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      guard let scalar = scalarEscape() else { throw .init(.invalidEscape(at: start)) }
      return Array(String(Character(scalar)).utf8)
    default: throw .init(.invalidEscape(at: start))
    }
  }

  /// The character of `XXXX` or `XXXX\uXXXX`; `nil` for a lone surrogate or what is no number.
  private mutating func scalarEscape() -> Unicode.Scalar? {
    guard let high = codeUnit() else { return nil }
    guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
    guard next == UInt8(ascii: "\\") else { return nil }
    position += 1
    guard next == UInt8(ascii: "u") else { return nil }
    position += 1
    guard let low = codeUnit(), (0xDC00..<0xE000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  private mutating func codeUnit() -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        return nil
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipWhitespace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// The fault that something else than `what` comes next.
  package func unexpected(_ what: String) -> SafetensorsFault {
    let found = next.map { byte in
      (0x21..<0x7F).contains(byte) ? "\"\(Unicode.Scalar(byte))\"" : "byte \(byte)"
    }
    return .init(.expected(what, found: found ?? "the end", at: offset))
  }
}
