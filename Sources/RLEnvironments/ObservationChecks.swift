internal import RLCore

/// The checks that each observation passes before anybody computes with it: floats are finite,
/// choices are in their range, bits are 0 or 1.
struct ObservationChecks {
  /// An element that broke the contract.
  struct Finding {
    var lane: Int  // of the block
    var field: Int
    var element: Int
    var value: String
    var expected: String
    var isNonfinite: Bool
  }

  private let layout: RowLayout
  private let rowBytes: Int
  private let isAllFloat: Bool  // a row is 32-bit floats and nothing else

  init(_ layout: RowLayout) {
    self.layout = layout
    rowBytes = layout.rowBytes
    let bytes = layout.fields.reduce(0) { $0 + $1.byteCount }
    isAllFloat =
      bytes == layout.rowBytes && layout.fields.allSatisfy { $0.leaf.element.stored == .f32 }
  }

  /// The first element of the listed lanes' rows that breaks the contract.
  ///
  /// The rows are scanned whole first; elements are looked at one by one only when that failed.
  func firstFinding(_ lanes: LaneList, _ base: UnsafeRawPointer) -> Finding? {
    if isAllFloat, unsafe areFinite(lanes, base) { return nil }
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      let row = unsafe base + lane * layout.rowBytes
      for (index, field) in layout.fields.enumerated() {
        if let finding = unsafe check(field, index, lane, row + field.offset) { return finding }
      }
    }
    return nil
  }

  /// Whether rows that are floats and nothing else are all finite.
  private func areFinite(_ lanes: LaneList, _ base: UnsafeRawPointer) -> Bool {
    let words = unsafe base.assumingMemoryBound(to: UInt32.self)
    let width = rowBytes / 4
    if unsafe lanes.lanes == nil { return unsafe isFinite(words, lanes.count * width) }
    for position in unsafe 0..<lanes.count {
      guard unsafe isFinite(words + lanes[position] * width, width) else { return false }
    }
    return true
  }

  private func check(
    _ field: RowLayout.Field, _ index: Int, _ lane: Int, _ place: UnsafeRawPointer
  ) -> Finding? {
    switch field.leaf.kind {
    case .box:
      switch field.leaf.element {
      case .f32, .f64: return unsafe checkFloats(field, index, lane, place)
      case .bool: return unsafe checkBits(field, index, lane, place)
      default: return nil
      }
    case .multiBinary: return unsafe checkBits(field, index, lane, place)
    case .discrete(let count, let start):
      return unsafe checkChoice(field, index, lane, place, 0, count, start)
    case .multiDiscrete(let counts, let starts):
      for k in counts.indices {
        if let finding = unsafe checkChoice(field, index, lane, place, k, counts[k], starts[k]) {
          return finding
        }
      }
      return nil
    }
  }

  private func checkFloats(
    _ field: RowLayout.Field, _ index: Int, _ lane: Int, _ place: UnsafeRawPointer
  ) -> Finding? {
    let words = unsafe place.assumingMemoryBound(to: UInt32.self)
    let count = field.leaf.elementCount
    if unsafe isFinite(words, count) { return nil }
    let element = (0..<count).first { unsafe !Float(bitPattern: words[$0]).isFinite } ?? 0
    return Finding(
      lane: lane, field: index, element: element,
      value: unsafe "\(Float(bitPattern: words[element]))", expected: "a finite number",
      isNonfinite: true)
  }

  private func checkBits(
    _ field: RowLayout.Field, _ index: Int, _ lane: Int, _ place: UnsafeRawPointer
  ) -> Finding? {
    let bytes = unsafe place.assumingMemoryBound(to: UInt8.self)
    var seen: UInt8 = 0
    for k in 0..<field.leaf.elementCount { seen |= unsafe bytes[k] }
    if seen <= 1 { return nil }
    let element = (0..<field.leaf.elementCount).first { unsafe bytes[$0] > 1 } ?? 0
    return Finding(
      lane: lane, field: index, element: element, value: unsafe "\(bytes[element])",
      expected: "0 or 1", isNonfinite: false)
  }

  private func checkChoice(
    _ field: RowLayout.Field, _ index: Int, _ lane: Int, _ place: UnsafeRawPointer, _ k: Int,
    _ count: Int, _ start: Int
  ) -> Finding? {
    let value = unsafe loadInteger(place + k * field.leaf.element.byteCount, field.leaf.element)
    // the difference may exceed 64 bits with a sign, not without
    if value >= start, UInt(bitPattern: value &- start) < UInt(count) { return nil }
    return Finding(
      lane: lane, field: index, element: k, value: "\(value)",
      expected: "one of \(start) ... \(start + count - 1)", isNonfinite: false)
  }
}

/// Whether `count` 32-bit floats are finite, by their exponents.
@inline(__always)
func isFinite(_ words: UnsafePointer<UInt32>, _ count: Int) -> Bool {
  var seen: UInt32 = 0
  // an exponent of all ones carries into the sign bit
  for index in 0..<count { seen |= unsafe (words[index] & 0x7FFF_FFFF) &+ 0x0080_0000 }
  return seen & 0x8000_0000 == 0
}

private func loadInteger(_ place: UnsafeRawPointer, _ element: Element) -> Int {
  switch element {
  case .u8, .bool: unsafe Int(place.load(as: UInt8.self))
  case .i8: unsafe Int(place.load(as: Int8.self))
  case .u16: unsafe Int(place.load(as: UInt16.self))
  case .i16: unsafe Int(place.load(as: Int16.self))
  case .u32: unsafe Int(place.load(as: UInt32.self))
  case .i32: unsafe Int(place.load(as: Int32.self))
  case .i64: unsafe Int(place.load(as: Int64.self))
  case .f32, .f64: preconditionFailure("a choice is an integer")
  }
}
