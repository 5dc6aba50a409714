/// Named numbers for the log, in reporting order.
public struct Metrics: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var value: Double
  }

  public var entries: [Entry]

  public init(dictionaryLiteral elements: (String, Double)...) {
    entries = elements.map { Entry(name: $0.0, value: $0.1) }
  }

  public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }

  public mutating func append(_ name: String, _ value: Double) {
    entries.append(Entry(name: name, value: value))
  }
}
