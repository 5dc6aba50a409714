/// An action, taken apart into choices (one index each) and controls (one number each).
public struct ActionSpace: Sendable, Equatable {
  /// One discrete component.
  public struct Choice: Sendable, Equatable {
    public var count: Int
    public var start: Int  // the plugin's value of index 0
    public var isMasked: Bool
  }

  public let space: Space
  /// The D discrete components, in row-major order of the leaves.
  public let choices: [Choice]
  /// Bounds of the C continuous components.
  public let low: [Float]
  public let high: [Float]
  /// Entries of a lane's mask: the counts of the masked components, in order.
  public let maskLength: Int

  public init(_ space: Space) {
    var choices: [Choice] = []
    var low: [Float] = []
    var high: [Float] = []
    for leaf in space.leaves {
      switch leaf.kind {
      case .box(let l, let h):
        low += l.map { Float($0) }
        high += h.map { Float($0) }
      case .discrete(let count, let start):
        choices.append(Choice(count: count, start: start, isMasked: leaf.isMasked))
      case .multiDiscrete(let counts, let starts):
        for (count, start) in zip(counts, starts) {
          choices.append(Choice(count: count, start: start, isMasked: leaf.isMasked))
        }
      case .multiBinary:
        for _ in 0..<leaf.elementCount {
          choices.append(Choice(count: 2, start: 0, isMasked: false))
        }
      }
    }
    self.space = space
    self.choices = choices
    self.low = low
    self.high = high
    maskLength = choices.reduce(0) { $0 + ($1.isMasked ? $1.count : 0) }
  }

  /// The number of continuous components.
  public var controlCount: Int { low.count }
}
