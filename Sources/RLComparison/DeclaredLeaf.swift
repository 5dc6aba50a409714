public import RLCore

/// A leaf as a table or a trace declares it; uniform bounds stay two numbers, so that a declaration
/// takes no more memory than its text.
public struct DeclaredLeaf: Sendable, Equatable {
  /// Inclusive bounds, rounded to the element type.
  public enum Bounds: Sendable, Equatable {
    case uniform(low: Double, high: Double)
    case each(low: [Double], high: [Double])
  }

  public enum Kind: Sendable, Equatable {
    case box(Bounds)
    case discrete(count: Int, start: Int)
    case multiDiscrete(counts: [Int], starts: [Int])
    case multiBinary
  }

  public var name: String
  public var kind: Kind
  public var element: Element
  public var shape: [Int]
  public var image: Leaf.ImageLayout?
  public var isMasked: Bool

  public init(
    name: String, kind: Kind, element: Element, shape: [Int], image: Leaf.ImageLayout?,
    isMasked: Bool
  ) {
    self.name = name
    self.kind = kind
    self.element = element
    self.shape = shape
    self.image = image
    self.isMasked = isMasked
  }

  public init(_ leaf: Leaf) {
    let kind: Kind =
      switch leaf.kind {
      case .box(let low, let high): .box(Bounds(low, high, leaf.element))
      case .discrete(let count, let start): .discrete(count: count, start: start)
      case .multiDiscrete(let counts, let starts): .multiDiscrete(counts: counts, starts: starts)
      case .multiBinary: .multiBinary
      }
    self.init(
      name: leaf.name, kind: kind, element: leaf.element, shape: leaf.shape, image: leaf.image,
      isMasked: leaf.isMasked)
  }

  public var elementCount: Int { shape.reduce(1, *) }

  /// Bytes of a lane's row.
  var rowBytes: Int { elementCount * element.byteCount }

  /// Entries of the leaf in a mask.
  var maskLength: Int {
    guard isMasked else { return 0 }
    return switch kind {
    case .discrete(let count, _): count
    case .multiDiscrete(let counts, _): counts.reduce(0, +)
    case .box, .multiBinary: 0
    }
  }

  /// The leaf in messages about `role`.
  func title(_ role: String) -> String { name.isEmpty ? role : "\(role) \"\(name)\"" }
}

extension DeclaredLeaf.Bounds {
  init(_ low: [Double], _ high: [Double], _ element: Element) {
    let low = low.map { Self.rounded($0, element) }
    let high = high.map { Self.rounded($0, element) }
    if let l = low.first, let h = high.first, low.allSatisfy({ $0 == l }),
      high.allSatisfy({ $0 == h })
    {
      self = .uniform(low: l, high: h)
    } else {
      self = .each(low: low, high: high)
    }
  }

  /// A bound as it is compared with a value: rounded to the element type.
  static func rounded(_ bound: Double, _ element: Element) -> Double {
    element == .f32 ? Double(Float(bound)) : bound
  }

  /// The bounds of element `index`.
  subscript(index: Int) -> (low: Double, high: Double) {
    switch self {
    case .uniform(let low, let high): (low, high)
    case .each(let low, let high): (low[index], high[index])
    }
  }
}
