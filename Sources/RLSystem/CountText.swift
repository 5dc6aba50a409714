/// Counts as people write them: `50000`, `50k`, `1.5M`, `1e6`, `10_000`.
public enum CountText {
  /// Reads a whole number that is not negative, exactly.
  ///
  /// Suffixes: `k` thousand, `M` million, `G` or `B` thousand million.
  ///
  /// - Throws: `CountError` that says what is wrong.
  public static func parse(_ text: String) throws(CountError) -> Int {
    var rest = Array(text.utf8)[...]
    var exponent = try takeSuffix(&rest, of: text)
    exponent += try takeExponent(&rest, of: text)
    let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = digits(parts[0]),
      let fraction = parts.count == 2 ? digits(parts[1]) : []
    else { throw CountError(text, "is not a number") }
    return try value(whole + fraction, exponent: exponent - fraction.count, of: text)
  }

  /// Groups of three digits, set apart by a comma: `1,234,567`.
  public static func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    var result = count < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }

  /// Three significant digits: `950`, `12.3k`, `1.00M`.
  public static func short(_ count: Double) -> String {
    guard count.isFinite else { return "\(count)" }
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(count) >= unit * 0.9995 {
      let scaled = count / unit
      let decimals = abs(scaled) < 9.995 ? 2 : abs(scaled) < 99.95 ? 1 : 0
      return fixed(scaled, decimals: decimals) + suffix
    }
    return fixed(count, decimals: 0)
  }

  private static func takeSuffix(
    _ rest: inout ArraySlice<UInt8>, of text: String
  ) throws(CountError) -> Int {
    switch rest.last {
    case UInt8(ascii: "k"), UInt8(ascii: "K"): rest.removeLast()
    case UInt8(ascii: "m"): throw CountError(text, "ends in m: write M for a million")
    case UInt8(ascii: "M"):
      rest.removeLast()
      return 6
    case UInt8(ascii: "G"), UInt8(ascii: "B"):
      rest.removeLast()
      return 9
    default: return 0
    }
    return 3
  }

  private static func takeExponent(
    _ rest: inout ArraySlice<UInt8>, of text: String
  ) throws(CountError) -> Int {
    let mark = rest.firstIndex { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
    guard let mark else { return 0 }
    var tail = rest[(mark + 1)...]
    if tail.first == UInt8(ascii: "+") { tail.removeFirst() }
    guard let digits = digits(tail), digits.count <= 2 else {
      throw CountError(text, "has no exponent after e, as in 1e6")
    }
    rest = rest[..<mark]
    return digits.reduce(0) { $0 * 10 + $1 }
  }

  /// The digits of `1_000`; `nil` when there are none, something else, or a stray underscore.
  private static func digits(_ bytes: ArraySlice<UInt8>) -> [Int]? {
    let groups = bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    let isNumber = groups.allSatisfy { group in
      !group.isEmpty && group.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    return isNumber ? groups.joined().map { Int($0 - UInt8(ascii: "0")) } : nil
  }

  /// The number that `digits` make, times ten to the `exponent`.
  private static func value(
    _ digits: [Int], exponent: Int, of text: String
  ) throws(CountError) -> Int {
    var digits = digits
    if exponent < 0 {
      guard digits.suffix(-exponent).allSatisfy({ $0 == 0 }) else {
        throw CountError(text, "is not a whole number")
      }
      digits.removeLast(-exponent)
    }
    digits += Array(repeating: 0, count: max(exponent, 0))
    var result = 0
    for digit in digits {
      let (tens, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw CountError(text, "is too large") }
      result = sum
    }
    return result
  }
}

/// A count that cannot be understood.
public struct CountError: Error, Sendable, Equatable, CustomStringConvertible {
  public var text: String
  public var reason: String

  init(_ text: String, _ reason: String) {
    self.text = text
    self.reason = reason
  }

  public var description: String {
    "\"\(text)\" \(reason); write a whole number such as 50000, 10_000, 50k, 1.5M or 1e6"
  }
}

/// A number with exactly `decimals` digits after the point, rounded half away from zero.
public func fixed(_ value: Double, decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
  guard abs(value) * scale < 0x1p62 else { return "\(value)" }
  let scaled = UInt64((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(scaled) }
  let digits = String(scaled)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}
