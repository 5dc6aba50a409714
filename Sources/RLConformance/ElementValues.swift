internal import RLCore

extension Element {
  /// The element at `place` as a 64-bit float; whole numbers beyond 2^53 are rounded.
  func read(_ place: UnsafeRawPointer) -> Double {
    switch self {
    case .f32: Double(unsafe place.loadUnaligned(as: Float.self))
    case .f64: unsafe place.loadUnaligned(as: Double.self)
    case .u8, .bool: Double(unsafe place.load(as: UInt8.self))
    case .i8: Double(unsafe place.load(as: Int8.self))
    case .u16: Double(unsafe place.loadUnaligned(as: UInt16.self))
    case .i16: Double(unsafe place.loadUnaligned(as: Int16.self))
    case .u32: Double(unsafe place.loadUnaligned(as: UInt32.self))
    case .i32: Double(unsafe place.loadUnaligned(as: Int32.self))
    case .i64: Double(unsafe place.loadUnaligned(as: Int64.self))
    }
  }

  /// Writes a value that the element can hold.
  func write(_ value: Double, _ place: UnsafeMutableRawPointer) {
    switch self {
    case .f32: unsafe place.storeBytes(of: Float(value), as: Float.self)
    case .f64: unsafe place.storeBytes(of: value, as: Double.self)
    default: unsafe write(Int64(value), place)
    }
  }

  /// Writes a whole number that the element can hold.
  func write(_ value: Int64, _ place: UnsafeMutableRawPointer) {
    switch byteCount {
    case 1: unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case 2: unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
    case 4: unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    default: unsafe place.storeBytes(of: value, as: Int64.self)
    }
  }

  /// A bound as the contract compares it: rounded to the element's type.
  func rounded(_ bound: Double) -> Double { self == .f32 ? Double(Float(bound)) : bound }

  /// The value for people.
  func text(_ value: Double) -> String {
    if self == .f32 { return "\(Float(value))" }
    return isFloat ? "\(value)" : Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}

extension Leaf {
  var byteCount: Int { elementCount * element.byteCount }

  /// The leaf for people.
  var title: String { name.isEmpty ? "the observation" : "leaf \"\(name)\"" }

  /// The least and the largest value of an element.
  func bounds(_ index: Int) -> (low: Double, high: Double) {
    switch kind {
    case .box(let low, let high): (element.rounded(low[index]), element.rounded(high[index]))
    case .discrete(let count, let start): (Double(start), Double(start + count - 1))
    case .multiDiscrete(let counts, let starts):
      (Double(starts[index]), Double(starts[index] + counts[index] - 1))
    case .multiBinary: (0, 1)
    }
  }

  /// The numbers of values of the leaf's masked parts; empty if it has no mask.
  var maskedCounts: [Int] {
    guard isMasked else { return [] }
    switch kind {
    case .discrete(let count, _): return [count]
    case .multiDiscrete(let counts, _): return counts
    default: return []
    }
  }
}
