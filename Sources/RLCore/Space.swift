/// One leaf of a space: a tensor with bounds, or one or more choices.
///
/// A Dict or a Tuple arrives as several named leaves; a bare space is one leaf named "".
public struct Leaf: Sendable, Equatable, Codable {
  public enum Kind: Sendable, Equatable, Codable {
    /// Bounds are inclusive, one per element in row-major order.
    case box(low: [Double], high: [Double])
    /// The values `start ..< start + count`.
    case discrete(count: Int, start: Int)
    /// Element `i` takes the values `starts[i] ..< starts[i] + counts[i]`.
    case multiDiscrete(counts: [Int], starts: [Int])
    /// Every element is 0 or 1.
    case multiBinary
  }

  /// How the axes of a picture are ordered.
  public enum ImageLayout: String, Sendable, Codable {
    case hwc
    case chw
  }

  public var name: String
  public var kind: Kind
  public var element: Element
  public var shape: [Int]  // row-major; [] is a scalar
  public var image: ImageLayout?
  /// Whether an action leaf takes part in the action mask.
  public var isMasked: Bool

  public init(
    name: String = "", kind: Kind, element: Element, shape: [Int] = [],
    image: ImageLayout? = nil, isMasked: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.element = element
    self.shape = shape
    self.image = image
    self.isMasked = isMasked
  }

  /// The number of elements.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Inputs of a network that reads this leaf: one per element of a Box or MultiBinary, one per
  /// value of a choice (one-hot).
  public var encodedWidth: Int {
    switch kind {
    case .box, .multiBinary: elementCount
    case .discrete(let count, _): count
    case .multiDiscrete(let counts, _): counts.reduce(0, +)
    }
  }
}

extension Leaf: CustomStringConvertible {
  /// For people: `Box(4) f32`, `Discrete(2)`, `MultiDiscrete(3, 2)`, `MultiBinary(8)`.
  public var description: String {
    let dimensions = shape.map(String.init).joined(separator: ", ")
    let body =
      switch kind {
      case .box(let low, let high):
        "Box(\(dimensions)) \(element.rawValue) \(Self.bounds(low, high))"
      case .discrete(let count, let start):
        start == 0 ? "Discrete(\(count))" : "Discrete(\(count), start \(start))"
      case .multiDiscrete(let counts, _):
        "MultiDiscrete(\(counts.map(String.init).joined(separator: ", ")))"
      case .multiBinary: "MultiBinary(\(dimensions))"
      }
    return body + (isMasked ? " masked" : "")
  }

  private static func bounds(_ low: [Double], _ high: [Double]) -> String {
    if let l = low.first, let h = high.first, low.allSatisfy({ $0 == l }),
      high.allSatisfy({ $0 == h })
    {
      return "[\(l), \(h)]"
    }
    if low.count > 8 { return "[bounds per element]" }
    return "[\(zip(low, high).map { "\($0)...\($1)" }.joined(separator: ", "))]"
  }
}

/// The leaves of an observation or of an action, in the plugin's order.
public struct Space: Sendable, Equatable, Codable {
  public var leaves: [Leaf]

  public init(_ leaves: [Leaf]) { self.leaves = leaves }

  /// Inputs of a network that reads the whole space.
  public var encodedWidth: Int { leaves.reduce(0) { $0 + $1.encodedWidth } }
}

extension Space: CustomStringConvertible {
  public var description: String {
    if leaves.count == 1, leaves[0].name.isEmpty { return leaves[0].description }
    return "Dict(\(leaves.map { "\($0.name): \($0)" }.joined(separator: ", ")))"
  }
}
