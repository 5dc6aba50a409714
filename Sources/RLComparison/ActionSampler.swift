internal import RLCore

/// Random actions of a space: choices evenly among those that are allowed, numbers evenly between
/// their bounds, and every eighth of them at one of the two.
struct ActionSampler {
  private let leaves: [DeclaredLeaf]

  init(_ leaves: [DeclaredLeaf]) { self.leaves = leaves }

  /// A row of actions; `nil` when the mask allows none. The mask is empty where nothing is masked.
  func row(_ mask: [UInt8], _ random: inout RandomStream) -> [UInt8]? {
    var row: [UInt8] = []
    var entry = 0
    for leaf in leaves {
      for k in 0..<leaf.elementCount {
        let bits: UInt64
        switch leaf.kind {
        case .box(let bounds): bits = number(bounds[k], leaf.element, &random)
        case .discrete, .multiDiscrete, .multiBinary:
          let (count, start) = leaf.choice(k)
          let part = leaf.isMasked ? mask[entry..<entry + count] : []
          guard let index = choice(count, part, &random) else { return nil }
          entry += part.count
          bits = UInt64(bitPattern: Int64(index + start))
        }
        for byte in 0..<leaf.element.byteCount {
          row.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte)))
        }
      }
    }
    return row
  }

  private func choice(
    _ count: Int, _ mask: ArraySlice<UInt8>, _ random: inout RandomStream
  ) -> Int? {
    if mask.isEmpty { return random.index(below: count) }
    let allowed = mask.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    guard allowed > 0 else { return nil }
    var left = random.index(below: allowed)
    for (k, entry) in mask.enumerated() where entry != 0 {
      if left == 0 { return k }
      left -= 1
    }
    return nil
  }

  /// The bits of a number between the bounds, ends included.
  private func number(
    _ bounds: (low: Double, high: Double), _ element: Element, _ random: inout RandomStream
  ) -> UInt64 {
    let (low, high) = bounds
    var value: Double
    switch random.index(below: 16) {
    case 0: value = low
    case 1: value = high
    default:
      let share = random.uniformDouble()
      value = min(max(low * (1 - share) + high * share, low), high)
    }
    switch element {
    case .f32: return UInt64(Float(value).bitPattern)
    case .f64: return value.bitPattern
    default:
      value = min(max(value.rounded(), low.rounded(.up)), high.rounded(.down))
      let whole = Int64(exactly: value) ?? (value < 0 ? .min : .max)
      return UInt64(bitPattern: whole)
    }
  }
}
