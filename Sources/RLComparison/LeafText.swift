internal import RLCore

/// A leaf as a line of a trace spells it: `"NAME" KIND ELEMENT SHAPE ...`.
enum LeafText {
  static func text(_ leaf: DeclaredLeaf) -> String {
    let shape = leaf.shape.map(String.init).joined(separator: "x")
    var words = [
      "\"\(leaf.name)\"", word(leaf.kind), leaf.element.rawValue, shape.isEmpty ? "-" : shape,
    ]
    switch leaf.kind {
    case .box(.uniform(let low, let high)):
      words += ["low", number(low, leaf), "high", number(high, leaf)]
    case .box(.each(let low, let high)):
      words += ["low"] + low.map { number($0, leaf) }
      words += ["high"] + high.map { number($0, leaf) }
    case .discrete(let count, let start): words += ["count", "\(count)", "start", "\(start)"]
    case .multiDiscrete(let counts, let starts):
      words += ["counts"] + counts.map(String.init) + ["starts"] + starts.map(String.init)
    case .multiBinary: break
    }
    if leaf.isMasked { words.append("masked") }
    if let image = leaf.image { words.append(image.rawValue) }
    return words.joined(separator: " ")
  }

  private static func word(_ kind: DeclaredLeaf.Kind) -> String {
    switch kind {
    case .box: "box"
    case .discrete: "discrete"
    case .multiDiscrete: "multi_discrete"
    case .multiBinary: "multi_binary"
    }
  }

  /// A bound as short as its element type allows.
  private static func number(_ bound: Double, _ leaf: DeclaredLeaf) -> String {
    guard leaf.element == .f32, bound.isFinite else { return NumberText.text(bound) }
    let text = Float(bound).description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The leaf that the words of `line` from the second on spell.
  ///
  /// - Throws: `TraceFault`.
  static func leaf(_ line: TraceLine) throws(TraceFault) -> DeclaredLeaf {
    guard line.words.count >= 5 else {
      throw TraceFault("a leaf is \"NAME\" KIND ELEMENT SHAPE and what the kind needs")
    }
    guard let element = Element(rawValue: line.text(3)) else {
      throw TraceFault("the element is \"\(line.shown(3))\", none of f32 ... bool")
    }
    var rest = line.words[5...].map { $0 }
    var leaf = DeclaredLeaf(
      name: try name(line), kind: .multiBinary, element: element, shape: try shape(line),
      image: nil, isMasked: false)
    while let last = rest.last.map({ String(decoding: $0, as: UTF8.self) }) {
      if last == "masked", !leaf.isMasked {
        leaf.isMasked = true
      } else if let image = Leaf.ImageLayout(rawValue: last), leaf.image == nil {
        leaf.image = image
      } else {
        break
      }
      rest.removeLast()
    }
    leaf.kind = try kind(line, leaf, rest)
    try checkFlags(leaf)
    return leaf
  }

  private static func name(_ line: TraceLine) throws(TraceFault) -> String {
    let word = line.words[1]
    let quote = UInt8(ascii: "\"")
    let isName = word.dropFirst().dropLast().allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "-")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
    }
    guard word.count >= 2, word.count <= 258, word.first == quote, word.last == quote, isName
    else { throw TraceFault("the name is \(line.shown(1)), not [A-Za-z0-9_./-]* in quotes") }
    return String(decoding: word.dropFirst().dropLast(), as: UTF8.self)
  }

  private static func shape(_ line: TraceLine) throws(TraceFault) -> [Int] {
    if line.text(4) == "-" { return [] }
    var shape: [Int] = []
    var elements: UInt64 = 1
    for part in line.words[4].split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false)
    {
      guard shape.count < 6, let extent = NumberText.whole(part), extent >= 1,
        extent <= largestLeaf, elements * extent <= largestLeaf
      else { throw TraceFault("the shape is \"\(line.shown(4))\", not such as 64x64x3") }
      elements *= extent
      shape.append(Int(extent))
    }
    return shape
  }

  private static func kind(
    _ line: TraceLine, _ leaf: DeclaredLeaf, _ rest: [ArraySlice<UInt8>]
  ) throws(TraceFault) -> DeclaredLeaf.Kind {
    switch line.text(2) {
    case "box":
      let (low, high) = try lists(rest, "low", "high", leaf, number: NumberText.number)
      guard zip(low, high).allSatisfy({ $0 <= $1 }) else {
        throw TraceFault("a bound is not a number, or low is above high")
      }
      return .box(DeclaredLeaf.Bounds(low, high, leaf.element))
    case "discrete" where leaf.shape.isEmpty:
      let (counts, starts) = try lists(rest, "count", "start", leaf, number: integer)
      try checkChoices(counts, starts, leaf.element)
      return .discrete(count: counts[0], start: starts[0])
    case "multi_discrete" where !leaf.shape.isEmpty:
      let (counts, starts) = try lists(rest, "counts", "starts", leaf, number: integer)
      guard counts.count == leaf.elementCount else {
        throw TraceFault("there are \(counts.count) counts for \(leaf.elementCount) elements")
      }
      try checkChoices(counts, starts, leaf.element)
      return .multiDiscrete(counts: counts, starts: starts)
    case "multi_binary" where rest.isEmpty && leaf.element.byteCount == 1: return .multiBinary
    default:
      throw TraceFault(
        "\"\(line.shown(2))\" is none of box, discrete, multi_discrete, multi_binary with such an "
          + "element, shape and values")
    }
  }

  /// `first N... second N...`, one number for all elements or one for each.
  private static func lists<N>(
    _ words: [ArraySlice<UInt8>], _ first: String, _ second: String, _ leaf: DeclaredLeaf,
    number: (ArraySlice<UInt8>) -> N?
  ) throws(TraceFault) -> (first: [N], second: [N]) {
    let half = words.count / 2
    guard words.count % 2 == 0, half >= 2, half - 1 == 1 || half - 1 == leaf.elementCount,
      words[0].elementsEqual(first.utf8), words[half].elementsEqual(second.utf8)
    else {
      throw TraceFault(
        "does not go on with \(first) and \(second), each with one number or one for each element")
    }
    let a = words[1..<half].compactMap(number)
    let b = words[(half + 1)...].compactMap(number)
    guard a.count == half - 1, b.count == half - 1 else {
      throw TraceFault("a word after \(first) or \(second) is not a number")
    }
    return (a, b)
  }

  private static func integer(_ word: ArraySlice<UInt8>) -> Int? {
    guard word.count <= 20, let value = Int(String(decoding: word, as: UTF8.self)),
      "\(value)".utf8.elementsEqual(word)
    else { return nil }
    return value
  }

  private static func checkChoices(
    _ counts: [Int], _ starts: [Int], _ element: Element
  ) throws(TraceFault) {
    for (count, start) in zip(counts, starts) {
      guard count >= 1, count <= Int(largestLeaf), let range = element.wholeNumbers,
        range.contains(start), range.upperBound - count + 1 >= start
      else { throw TraceFault("\(count) values from \(start) on do not fit \(element.rawValue)") }
    }
  }

  private static func checkFlags(_ leaf: DeclaredLeaf) throws(TraceFault) {
    switch leaf.kind {
    case .box:
      guard !leaf.isMasked else { throw TraceFault("a box has no mask") }
      guard leaf.image == nil || leaf.shape.count == 3 else {
        throw TraceFault("an image has three axes")
      }
    case .multiBinary:
      guard !leaf.isMasked, leaf.image == nil else { throw TraceFault("bits have no mask") }
    case .discrete, .multiDiscrete:
      guard leaf.image == nil else { throw TraceFault("an image is a box") }
    }
  }

  private static let largestLeaf: UInt64 = 64 << 20  // elements
}

extension Element {
  /// The integers that a choice of this element can be; `nil` for floats and truth values.
  var wholeNumbers: ClosedRange<Int>? {
    switch self {
    case .u8: 0...255
    case .i8: -128...127
    case .u16: 0...65_535
    case .i16: -32_768...32_767
    case .u32: 0...4_294_967_295
    case .i32: -2_147_483_648...2_147_483_647
    case .i64: Int.min...Int.max
    case .f32, .f64, .bool: nil
    }
  }
}
