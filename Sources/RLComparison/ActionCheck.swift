internal import RLCore

/// Whether an action may be given to an environment.
enum ActionCheck {
  /// Why `row` is not an action of `leaves`, if it is not; `mask` is what allows choices, empty for no
  /// look at it.
  static func fault(_ row: [UInt8], _ leaves: [DeclaredLeaf], mask: [UInt8] = []) -> String? {
    var offset = 0
    var entry = 0
    for leaf in leaves {
      for k in 0..<leaf.elementCount {
        let value = Number(row, offset, leaf.element)
        if !leaf.contains(value, k) {
          return
            "element \(k) of the \(leaf.title("action")) is \(value.shortest), outside its space"
        }
        if leaf.isMasked, !mask.isEmpty {
          let (count, start) = leaf.choice(k)
          if case .whole(let whole) = value, mask[entry + whole - start] == 0 {
            return "element \(k) of the \(leaf.title("action")) is \(whole), which the mask forbids"
          }
          entry += count
        }
        offset += leaf.element.byteCount
      }
    }
    return nil
  }
}

extension DeclaredLeaf {
  /// The numbers of values of a choice's components.
  var choiceCounts: [Int] {
    switch kind {
    case .discrete(let count, _): [count]
    case .multiDiscrete(let counts, _): counts
    case .box, .multiBinary: []
    }
  }

  /// The values of component `k`: how many, from which on.
  ///
  /// - Precondition: the leaf is a choice, or bits.
  func choice(_ k: Int) -> (count: Int, start: Int) {
    switch kind {
    case .discrete(let count, let start): (count, start)
    case .multiDiscrete(let counts, let starts): (counts[k], starts[k])
    case .multiBinary: (2, 0)
    case .box: preconditionFailure("a box has no choices")
    }
  }

  /// Whether `value` is one of element `k`.
  fileprivate func contains(_ value: Number, _ k: Int) -> Bool {
    if case .box(let bounds) = kind {
      let (low, high) = bounds[k]
      if element == .bool, case .whole(let whole) = value { return 0...1 ~= whole }
      return value.isWithin(low, high)
    }
    guard case .whole(let whole) = value else { return false }
    let (count, start) = choice(k)
    return whole >= start && whole - start < count
  }
}
