import FoundationEssentials
import RLCore

/// A space as JSON that is the same for equal spaces: sorted keys, no white space, bounds that are
/// not finite as "inf" and "-inf".
func canonicalJSON(_ space: Space) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  guard let data = try? encoder.encode(space) else {
    preconditionFailure("a space is made of text and numbers")
  }
  return String(decoding: data, as: UTF8.self)
}

/// The space that `canonicalJSON` wrote.
func parseSpace(_ text: String) throws(SpaceError) -> Space {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  guard let space = try? decoder.decode(Space.self, from: Data(text.utf8)) else {
    throw SpaceError(reason: "not the description of a space")
  }
  try checkSpace(space)
  guard canonicalJSON(space) == text else {
    throw SpaceError(reason: "not in the canonical form")
  }
  return space
}

/// A space that cannot be.
struct SpaceError: Error {
  var reason: String
}

/// The most elements of a leaf, and values of a choice: sizes computed from less cannot overflow.
private let elementLimit = 1 << 27
private let leafLimit = 4096

/// Refuses spaces whose parts contradict each other.
func checkSpace(_ space: Space) throws(SpaceError) {
  guard (1...leafLimit).contains(space.leaves.count) else {
    throw SpaceError(reason: "\(space.leaves.count) leaves, where 1 to \(leafLimit) can be")
  }
  for leaf in space.leaves { try checkLeaf(leaf) }
}

private func checkLeaf(_ leaf: Leaf) throws(SpaceError) {
  var elements = 1
  for extent in leaf.shape {
    guard (1...elementLimit).contains(extent) else { throw fault(leaf, "an impossible shape") }
    elements *= extent
    guard elements <= elementLimit else { throw fault(leaf, "too many elements") }
  }
  guard isLegal(leaf.element, for: leaf.kind) else {
    throw fault(leaf, "an element type that its kind cannot have")
  }
  switch leaf.kind {
  case .box(let low, let high):
    guard low.count == elements, high.count == elements else {
      throw fault(leaf, "bounds that do not match its shape")
    }
    guard zip(low, high).allSatisfy({ $0 <= $1 }) else { throw fault(leaf, "impossible bounds") }
  case .discrete(let count, let start):
    try checkChoice(leaf, count, start)
  case .multiDiscrete(let counts, let starts):
    guard counts.count == elements, starts.count == elements else {
      throw fault(leaf, "counts that do not match its shape")
    }
    for (count, start) in zip(counts, starts) { try checkChoice(leaf, count, start) }
  case .multiBinary: break
  }
}

private func isLegal(_ element: Element, for kind: Leaf.Kind) -> Bool {
  switch kind {
  case .box: true
  case .discrete, .multiDiscrete: !element.isFloat && element != .bool
  case .multiBinary: [.u8, .i8, .bool].contains(element)
  }
}

private func checkChoice(_ leaf: Leaf, _ count: Int, _ start: Int) throws(SpaceError) {
  guard (1...elementLimit).contains(count), !start.addingReportingOverflow(count).overflow else {
    throw fault(leaf, "an impossible range of values")
  }
}

private func fault(_ leaf: Leaf, _ what: String) -> SpaceError {
  SpaceError(reason: "leaf \"\(leaf.name)\" has \(what)")
}
