internal import RLCore

/// The declarations of a variant.
enum TraceDeclaration {
  /// Adds what a line declares.
  ///
  /// - Throws: `TraceFault`.
  static func take(_ line: TraceLine, _ variant: inout Trace.Variant) throws(TraceFault) {
    switch line.keyword {
    case "limit":
      try line.expect(2, "limit STEPS")
      let limit = try line.whole(1, "the limit", atMost: UInt64(UInt32.max))
      guard limit >= 1, variant.declaration.limit == nil else {
        throw TraceFault("the limit is 0 or there twice")
      }
      variant.declaration.limit = Int(limit)
    case "observation": try append(line, &variant.declaration.observation)
    case "action":
      try append(line, &variant.declaration.action)
      try checkAction(variant.declaration.action[variant.declaration.action.count - 1])
    case "metric": try takeMetric(line, &variant.declaration.metrics)
    default: try takeState(line, &variant)
    }
  }

  private static func append(
    _ line: TraceLine, _ leaves: inout [DeclaredLeaf]
  ) throws(TraceFault) {
    let leaf = try LeafText.leaf(line)
    guard leaves.count < 1024, !leaves.contains(where: { $0.name == leaf.name }) else {
      throw TraceFault("a leaf called \"\(leaf.name)\" is there already, or there are too many")
    }
    leaves.append(leaf)
    guard leaves.reduce(0, { $0 + $1.rowBytes }) <= largestRow else {
      throw TraceFault("a lane's row has more than \(largestRow) bytes")
    }
  }

  private static func checkAction(_ leaf: DeclaredLeaf) throws(TraceFault) {
    guard case .box(let bounds) = leaf.kind else { return }
    let values =
      switch bounds {
      case .uniform(let low, let high): [low, high]
      case .each(let low, let high): low + high
      }
    guard values.allSatisfy(\.isFinite) else { throw TraceFault("an action has finite bounds") }
  }

  private static func takeMetric(
    _ line: TraceLine, _ metrics: inout [EnvironmentSpec.Metric]
  ) throws(TraceFault) {
    try line.expect(3, "metric NAME REDUCTION")
    guard let reduction = EnvironmentSpec.Metric.Reduction(rawValue: line.text(2)) else {
      throw TraceFault("the reduction is \"\(line.shown(2))\", not last, sum, mean, min or max")
    }
    let name = line.text(1)
    guard !name.isEmpty, name.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), metrics.count < 4096,
      !metrics.contains(where: { $0.name == name })
    else { throw TraceFault("the metric \"\(line.shown(1))\" has no name or is there twice") }
    metrics.append(EnvironmentSpec.Metric(name: name, reduction: reduction))
  }

  private static func takeState(
    _ line: TraceLine, _ variant: inout Trace.Variant
  ) throws(TraceFault) {
    try line.expect(3, "state ELEMENT COUNT")
    guard variant.state == nil, let element = Element(rawValue: line.text(1)) else {
      throw TraceFault("the state is there twice, or of no known element")
    }
    let count = try line.whole(2, "the count", atMost: 1 << 20)
    guard count >= 1 else { throw TraceFault("the state has no element") }
    variant.state = Trace.State(element: element, count: Int(count))
  }

  private static let largestRow = 64 << 20  // bytes
}

/// Options as words of a line.
enum OptionText {
  static func text(_ key: String, _ value: String) -> String {
    let escaped = value.utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return 0x21...0x7E ~= byte && byte != UInt8(ascii: "%")
        ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }
    return "\(key)=\(escaped.joined())"
  }

  /// The key and the value that a word spells; `nil` if it does not.
  static func pair(_ word: ArraySlice<UInt8>) -> (key: String, value: String)? {
    guard let cut = word.firstIndex(of: UInt8(ascii: "=")), cut > word.startIndex,
      word.allSatisfy({ 0x21...0x7E ~= $0 })
    else { return nil }
    var value: [UInt8] = []
    var rest = word[(cut + 1)...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        value.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard rest.count >= 2, let escaped = UInt8(digits, radix: 16), !digits.hasPrefix("+") else {
        return nil
      }
      value.append(escaped)
      rest = rest.dropFirst(2)
    }
    guard let text = String(validating: value, as: UTF8.self) else { return nil }
    return (String(decoding: word[..<cut], as: UTF8.self), text)
  }
}
