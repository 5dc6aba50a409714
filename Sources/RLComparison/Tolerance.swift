/// How far two numbers may be apart and still count as equal. Flags, masks and whole numbers must be
/// equal always.
public enum Tolerance: Sendable, Equatable {
  /// To the bit: the two zeros differ.
  case exact
  /// Units in the last place of the number's type.
  case ulps(UInt64)
  case absolute(Double)

  /// Reads `4ulp`, `4ulps`, or a number such as `1e-6`; `nil` for anything else.
  public init?(_ text: String) {
    for suffix in ["ulps", "ulp"] where text.hasSuffix(suffix) {
      guard let count = NumberText.whole(Array(text.dropLast(suffix.count).utf8)[...]) else {
        return nil
      }
      self = .ulps(count)
      return
    }
    guard let value = NumberText.number(Array(text.utf8)[...]), value.isFinite, value >= 0 else {
      return nil
    }
    self = .absolute(value)
  }

  func accepts(_ a: Number, _ b: Number) -> Bool {
    if case .whole = a { return false }
    switch self {
    case .exact: return false
    case .ulps(let limit): return a.ulps(to: b).map { $0 <= limit } ?? false
    case .absolute(let limit): return a.distance(to: b) <= limit
    }
  }
}
