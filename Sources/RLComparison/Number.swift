internal import RLCore

/// One element of a row.
public enum Number: Sendable, Equatable {
  case single(Float)
  case double(Double)
  case whole(Int)

  /// The element of `row` whose bytes begin at `offset`.
  init(_ row: [UInt8], _ offset: Int, _ element: Element) {
    var bits: UInt64 = 0
    for k in (0..<element.byteCount).reversed() { bits = bits << 8 | UInt64(row[offset + k]) }
    switch element {
    case .f32: self = .single(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .f64: self = .double(Double(bitPattern: bits))
    case .u8, .u16, .u32, .bool: self = .whole(Int(bits))
    case .i8: self = .whole(Int(Int8(truncatingIfNeeded: bits)))
    case .i16: self = .whole(Int(Int16(truncatingIfNeeded: bits)))
    case .i32: self = .whole(Int(Int32(truncatingIfNeeded: bits)))
    case .i64: self = .whole(Int(bitPattern: UInt(bits)))
    }
  }

  /// The elements of a row of `leaves`.
  static func all(_ row: [UInt8], _ leaf: DeclaredLeaf, from offset: Int) -> [Number] {
    (0..<leaf.elementCount).map { k in
      Number(row, offset + k * leaf.element.byteCount, leaf.element)
    }
  }

  /// The shortest decimal that reads back as the same.
  public var shortest: String {
    switch self {
    case .single(let value):
      value.isFinite && value.description.hasSuffix(".0")
        ? String(value.description.dropLast(2)) : value.description
    case .double(let value): NumberText.text(value)
    case .whole(let value): "\(value)"
    }
  }

  /// The bits, the most significant digit first; of whole numbers the number itself, in hexadecimal.
  public var hex: String {
    switch self {
    case .single(let value): "0x" + Self.digits(UInt64(value.bitPattern), 8)
    case .double(let value): "0x" + Self.digits(value.bitPattern, 16)
    case .whole(let value): (value < 0 ? "-0x" : "0x") + String(value.magnitude, radix: 16)
    }
  }

  /// How many numbers of the type lie between the two, one of them included: the distance in units
  /// in the last place. The two zeros are one number. `nil` for whole numbers and NaN.
  public func ulps(to other: Number) -> UInt64? {
    switch (self, other) {
    case (.single(let a), .single(let b)) where !a.isNaN && !b.isNaN:
      return UInt64((Self.rank(a) - Self.rank(b)).magnitude)
    case (.double(let a), .double(let b)) where !a.isNaN && !b.isNaN:
      let (first, second) = (Self.rank(a), Self.rank(b))
      return first > second
        ? UInt64(bitPattern: first &- second) : UInt64(bitPattern: second &- first)
    default: return nil
    }
  }

  /// The absolute difference; not finite where one of the two is not.
  public func distance(to other: Number) -> Double {
    switch (self, other) {
    case (.whole(let a), .whole(let b)) where a > b: Double(UInt(bitPattern: a &- b))
    case (.whole(let a), .whole(let b)): Double(UInt(bitPattern: b &- a))
    default: abs(real - other.real)
    }
  }

  /// Whether the two have the same bits, or are both not a number.
  func isSame(as other: Number) -> Bool {
    switch (self, other) {
    case (.single(let a), .single(let b)): a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
    case (.whole(let a), .whole(let b)): a == b
    default: false
    }
  }

  func isWithin(_ low: Double, _ high: Double) -> Bool { real >= low && real <= high }

  private var real: Double {
    switch self {
    case .single(let value): Double(value)
    case .double(let value): value
    case .whole(let value): Double(value)
    }
  }

  private static func rank(_ value: Float) -> Int64 {
    let magnitude = Int64(value.bitPattern & 0x7FFF_FFFF)
    return value.sign == .minus ? -magnitude : magnitude
  }

  private static func rank(_ value: Double) -> Int64 {
    let magnitude = Int64(value.bitPattern & 0x7FFF_FFFF_FFFF_FFFF)
    return value.sign == .minus ? -magnitude : magnitude
  }

  private static func digits(_ bits: UInt64, _ count: Int) -> String {
    let text = String(bits, radix: 16)
    return String(repeating: "0", count: count - text.count) + text
  }
}
