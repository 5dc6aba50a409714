internal import RLCore
internal import RLEnvironments

/// Something that A and B answered differently.
public struct Difference: Sendable, Equatable {
  public var what: String  // such as "observation", "reward", "mask"
  public var leaf: String?  // of an observation
  public var index: Int?  // of the element, in row-major order
  public var a: Number
  public var b: Number
  public var ulps: UInt64?  // nil for whole numbers and NaN
  public var distance: Double

  init(_ what: String, leaf: String? = nil, index: Int? = nil, _ a: Number, _ b: Number) {
    self.what = what
    self.leaf = leaf
    self.index = index
    self.a = a
    self.b = b
    ulps = a.ulps(to: b)
    distance = a.distance(to: b)
  }

  /// Where in an answer, for people: `observation "arm/angles" [2]`.
  public var place: String {
    what + (leaf.map { $0.isEmpty ? "" : " \"\($0)\"" } ?? "") + (index.map { " [\($0)]" } ?? "")
  }
}

/// The largest distances seen, and how often two numbers were not the same.
public struct Spread: Sendable, Equatable {
  public private(set) var count = 0
  public private(set) var ulps: UInt64 = 0
  public private(set) var distance = 0.0

  mutating func add(_ difference: Difference) {
    count += 1
    ulps = max(ulps, difference.ulps ?? 0)
    distance = max(distance, difference.distance)
  }
}

/// Compares answers number by number, and remembers how far apart they were.
struct AnswerComparison {
  var declaration: Declaration
  let tolerance: Tolerance
  /// Of every number that was not the same.
  private(set) var spread = Spread()
  private var first: Difference?

  init(_ declaration: Declaration, _ tolerance: Tolerance) {
    self.declaration = declaration
    self.tolerance = tolerance
  }

  /// The first difference that the tolerance does not accept: of observations, reward, flags, mask,
  /// metrics, in this order.
  mutating func compare(
    _ a: ExactEnvironment.Answer, _ b: ExactEnvironment.Answer
  ) -> Difference? {
    if a == b { return nil }
    first = nil
    if a.observation != b.observation { compareObservations(a.observation, b.observation) }
    note(Difference("reward", .double(a.reward), .double(b.reward)))
    note(Difference("flags", .whole(Int(a.flags)), .whole(Int(b.flags))))
    // nobody reads the mask of a terminal observation
    if a.flags & b.flags & 1 == 0 {
      for (k, (x, y)) in zip(a.mask, b.mask).enumerated() where x != y {
        note(Difference("mask", index: k, .whole(Int(x)), .whole(Int(y))))
      }
    }
    for (k, (x, y)) in zip(a.metrics, b.metrics).enumerated() {
      note(Difference("metric \(declaration.metrics[k].name)", .double(x), .double(y)))
    }
    return first
  }

  private mutating func compareObservations(_ a: [UInt8], _ b: [UInt8]) {
    var offset = 0
    for leaf in declaration.observation {
      for k in 0..<leaf.elementCount {
        let (x, y) = (Number(a, offset, leaf.element), Number(b, offset, leaf.element))
        if !x.isSame(as: y) { note(Difference("observation", leaf: leaf.name, index: k, x, y)) }
        offset += leaf.element.byteCount
      }
    }
  }

  /// The first difference of two states that the tolerance does not accept.
  mutating func compare(_ a: [UInt8], _ b: [UInt8], _ state: Trace.State) -> Difference? {
    first = nil
    for k in 0..<state.count {
      let offset = k * state.element.byteCount
      let (x, y) = (Number(a, offset, state.element), Number(b, offset, state.element))
      note(Difference("state", index: k, x, y))
    }
    return first
  }

  private mutating func note(_ difference: Difference) {
    if difference.a.isSame(as: difference.b) { return }
    spread.add(difference)
    if first == nil, !tolerance.accepts(difference.a, difference.b) { first = difference }
  }
}
