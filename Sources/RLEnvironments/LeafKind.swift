internal import CRLEnv
internal import RLCore

/// Reads what values a leaf takes.
///
/// - Throws: `TableFault` naming `field`.
func readKind(
  _ leaf: rlenv_leaf, _ element: Element, _ shape: [Int], _ role: SpaceRole, _ field: String
) throws(TableFault) -> Leaf.Kind {
  switch unsafe Int(leaf.kind) {
  case RLENV_KIND_BOX: return try unsafe readBox(leaf, element, shape, role, field)
  case RLENV_KIND_DISCRETE: return try unsafe readDiscrete(leaf, element, shape, field)
  case RLENV_KIND_MULTI_DISCRETE: return try unsafe readMultiDiscrete(leaf, element, shape, field)
  case RLENV_KIND_MULTI_BINARY:
    guard element.byteCount == 1 else {
      throw TableFault(field, "a MULTI_BINARY has dtype U8, I8 or BOOL, not \(element.rawValue)")
    }
    return .multiBinary
  case RLENV_KIND_TEXT:
    throw TableFault(
      field, "this host cannot train on text: offer numbers, such as an index into a vocabulary")
  default:
    throw TableFault(
      field,
      "kind \(unsafe leaf.kind) is none of RLENV_KIND_*: fill the row with RLENV_BOX or another macro"
    )
  }
}

private func readBox(
  _ leaf: rlenv_leaf, _ element: Element, _ shape: [Int], _ role: SpaceRole, _ field: String
) throws(TableFault) -> Leaf.Kind {
  let count = shape.reduce(1, *)
  guard unsafe (leaf.lows == nil) == (leaf.highs == nil) else {
    throw TableFault(field, "only one of lows and highs is set: set both, or neither")
  }
  guard let lows = unsafe leaf.lows, let highs = unsafe leaf.highs else {
    let (low, high) = unsafe (leaf.low, leaf.high)
    guard low != high else {
      throw TableFault(field, "low and high are both \(low), as if unset: low must be below high")
    }
    if let fault = Bounds(low: low, high: high).fault(element, role) {
      throw TableFault(field, "low \(low), high \(high): \(fault)")
    }
    return .box(
      low: Array(repeating: low, count: count), high: Array(repeating: high, count: count))
  }
  let low = unsafe Array(UnsafeBufferPointer(start: lows, count: count))
  let high = unsafe Array(UnsafeBufferPointer(start: highs, count: count))
  for k in 0..<count {
    if let fault = Bounds(low: low[k], high: high[k]).fault(element, role) {
      throw TableFault(field, "lows[\(k)] \(low[k]), highs[\(k)] \(high[k]): \(fault)")
    }
  }
  return .box(low: low, high: high)
}

/// The bounds of one element of a Box, or of all.
private struct Bounds {
  var low: Double
  var high: Double

  /// What is wrong with them, if anything.
  func fault(_ element: Element, _ role: SpaceRole) -> String? {
    if low.isNaN || high.isNaN { return "a bound is NaN; give a number, or INFINITY for none" }
    if low > high { return "the lower bound is above the upper; exchange them" }
    if role == .action && !(low.isFinite && high.isFinite) {
      return "an action needs finite bounds, since actions are scaled to them"
    }
    guard let range = element.range else { return floatFault }
    if !range.contains(low) || !range.contains(high) {
      return "\(element.rawValue) holds \(OptionSpec.short(range.lowerBound)) ... "
        + "\(OptionSpec.short(range.upperBound)) only; correct the bounds or the dtype"
    }
    return low.rounded(.up) <= high.rounded(.down) ? nil : "no whole number lies between"
  }

  private var floatFault: String? {
    if low == .infinity || high == -.infinity { return "no finite value lies between" }
    let isWide = [low, high].contains { $0.isFinite && !Float($0).isFinite }
    return isWide ? "beyond 32-bit floats, which this host computes with" : nil
  }
}

private func readDiscrete(
  _ leaf: rlenv_leaf, _ element: Element, _ shape: [Int], _ field: String
) throws(TableFault) -> Leaf.Kind {
  guard shape.isEmpty else {
    throw TableFault(field, "a DISCRETE is a scalar: set ndim to 0, or use MULTI_DISCRETE")
  }
  let (count, start) = unsafe (leaf.n, leaf.start)
  try checkChoice(count, start, element, field)
  return .discrete(count: Int(count), start: Int(start))
}

private func readMultiDiscrete(
  _ leaf: rlenv_leaf, _ element: Element, _ shape: [Int], _ field: String
) throws(TableFault) -> Leaf.Kind {
  guard !shape.isEmpty else {
    throw TableFault(field, "a MULTI_DISCRETE has at least one axis: use DISCRETE for a scalar")
  }
  guard let nvec = unsafe leaf.nvec else {
    throw TableFault(
      field, "nvec is NULL: a MULTI_DISCRETE needs the number of values of each part")
  }
  var counts: [Int] = []
  var starts: [Int] = []
  for index in 0..<shape.reduce(1, *) {
    let count = unsafe nvec[index]
    let start = unsafe leaf.starts.map { unsafe $0[index] } ?? 0
    try checkChoice(count, start, element, "\(field), nvec[\(index)]")
    counts.append(Int(count))
    starts.append(Int(start))
  }
  return .multiDiscrete(counts: counts, starts: starts)
}

private func checkChoice(
  _ count: Int64, _ start: Int64, _ element: Element, _ field: String
) throws(TableFault) {
  guard count >= 1 else {
    throw TableFault(field, "n is \(count): at least 1 value is needed")
  }
  guard count <= Int64(largestRow) else {
    throw TableFault(field, "n is \(count), this host takes \(largestRow) at most")
  }
  guard let range = element.choiceRange else {
    throw TableFault(field, "choices need an integer dtype, not \(element.rawValue)")
  }
  let (last, overflow) = start.addingReportingOverflow(count - 1)
  guard !overflow, range.contains(start), range.contains(last) else {
    throw TableFault(
      field,
      "\(count) values from start \(start) on do not fit \(element.rawValue): use a wider dtype")
  }
}

extension Element {
  /// What an integer element holds; `nil` for floats.
  fileprivate var range: ClosedRange<Double>? {
    if self == .bool { return 0...1 }
    return choiceRange.map { Double($0.lowerBound)...Double($0.upperBound) }
  }

  /// The integers that a choice of this element can be; `nil` where choices are not allowed.
  fileprivate var choiceRange: ClosedRange<Int64>? {
    switch self {
    case .u8: 0...255
    case .i8: -128...127
    case .u16: 0...65_535
    case .i16: -32_768...32_767
    case .u32: 0...4_294_967_295
    case .i32: -2_147_483_648...2_147_483_647
    case .i64: Int64.min...Int64.max
    case .f32, .f64, .bool: nil
    }
  }
}
