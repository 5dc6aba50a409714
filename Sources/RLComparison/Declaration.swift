public import RLCore

/// What an environment says of itself, as far as two environments can differ in it.
public struct Declaration: Sendable, Equatable {
  public var limit: Int?  // steps, at which the host truncates
  public var observation: [DeclaredLeaf]
  public var action: [DeclaredLeaf]
  public var metrics: [EnvironmentSpec.Metric]

  public init(
    limit: Int? = nil, observation: [DeclaredLeaf] = [], action: [DeclaredLeaf] = [],
    metrics: [EnvironmentSpec.Metric] = []
  ) {
    self.limit = limit
    self.observation = observation
    self.action = action
    self.metrics = metrics
  }

  public init(_ spec: EnvironmentSpec) {
    self.init(
      limit: spec.maxEpisodeSteps, observation: spec.observation.leaves.map { DeclaredLeaf($0) },
      action: spec.action.space.leaves.map { DeclaredLeaf($0) }, metrics: spec.metrics)
  }

  var maskLength: Int { action.reduce(0) { $0 + $1.maskLength } }

  /// What differs between `self`, which is A, and `other`, which is B, in words; nothing if they are
  /// equal.
  func differences(from other: Declaration) -> [String] {
    var words: [String] = []
    if limit != other.limit {
      words.append("time limit: A \(Self.text(limit)), B \(Self.text(other.limit))")
    }
    words += Self.differences("observation", observation, other.observation)
    words += Self.differences("action", action, other.action)
    if metrics != other.metrics {
      words.append("metrics: A \(Self.text(metrics)), B \(Self.text(other.metrics))")
    }
    return words
  }

  private static func differences(
    _ role: String, _ a: [DeclaredLeaf], _ b: [DeclaredLeaf]
  ) -> [String] {
    guard a.count == b.count else {
      return ["\(role): A has \(leaves(a)), B has \(leaves(b))"]
    }
    return zip(a, b).enumerated().flatMap { index, pair in
      pair.0.name == pair.1.name
        ? pair.0.differences(from: pair.1).map { "\(pair.0.title(role)): \($0)" }
        : ["\(role) leaf \(index): A calls it \"\(pair.0.name)\", B \"\(pair.1.name)\""]
    }
  }

  private static func leaves(_ leaves: [DeclaredLeaf]) -> String {
    let names = leaves.prefix(8).map { "\"\($0.name)\"" }.joined(separator: ", ")
    return "\(leaves.count) leaves (\(names)\(leaves.count > 8 ? ", ..." : ""))"
  }

  private static func text(_ limit: Int?) -> String { limit.map { "\($0) steps" } ?? "none" }

  private static func text(_ metrics: [EnvironmentSpec.Metric]) -> String {
    metrics.isEmpty
      ? "none" : metrics.map { "\($0.name) (\($0.reduction.rawValue))" }.joined(separator: ", ")
  }
}

extension DeclaredLeaf {
  /// What differs between two leaves of one name, in words.
  func differences(from other: DeclaredLeaf) -> [String] {
    var words: [String] = []
    func note(_ what: String, _ a: String, _ b: String) {
      if a != b { words.append("\(what): A \(a), B \(b)") }
    }
    note("element", element.rawValue, other.element.rawValue)
    note("shape", Self.text(shape), Self.text(other.shape))
    note("image", image?.rawValue ?? "no", other.image?.rawValue ?? "no")
    note("masked", isMasked ? "yes" : "no", other.isMasked ? "yes" : "no")
    note("kind", kindText, other.kindText)
    if words.isEmpty, let difference = valueDifference(from: other) { words.append(difference) }
    return words
  }

  /// The kind with its numbers of values; without bounds, which have an element each.
  private var kindText: String {
    switch kind {
    case .box: "Box"
    case .discrete(let count, let start): "Discrete(\(count)) from \(start)"
    case .multiDiscrete: "MultiDiscrete"
    case .multiBinary: "MultiBinary"
    }
  }

  /// The first bound or number of values that differs.
  private func valueDifference(from other: DeclaredLeaf) -> String? {
    switch (kind, other.kind) {
    case (.box(let a), .box(let b)):
      guard a != b else { return nil }
      let k = (0..<elementCount).first { a[$0] != b[$0] } ?? 0
      return "bounds of element \(k): A \(Self.text(a[k])), B \(Self.text(b[k]))"
    case (.multiDiscrete(let a, let startsA), .multiDiscrete(let b, let startsB)):
      let k = a.indices.first { a[$0] != b[$0] || startsA[$0] != startsB[$0] }
      return k.map { k in
        "values of element \(k): A \(a[k]) from \(startsA[k]), B \(b[k]) from \(startsB[k])"
      }
    default: return nil
    }
  }

  private static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "a scalar" : shape.map(String.init).joined(separator: "x")
  }

  private static func text(_ bounds: (low: Double, high: Double)) -> String {
    "\(NumberText.text(bounds.low)) ... \(NumberText.text(bounds.high))"
  }
}
