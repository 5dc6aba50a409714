/// Where something was seen. What is not known is `nil`.
public struct Place: Sendable, Equatable {
  public var call: String?
  public var lane: Int?
  public var step: Int?  // of the episode; 0 is its reset
  public var seed: UInt64?  // of the episode
  public var leaf: String?
  public var index: Int?  // of the element in its row
  public var value: String?
  public var bound: String?

  public init(
    call: String? = nil, lane: Int? = nil, step: Int? = nil, seed: UInt64? = nil,
    leaf: String? = nil, index: Int? = nil, value: String? = nil, bound: String? = nil
  ) {
    self.call = call
    self.lane = lane
    self.step = step
    self.seed = seed
    self.leaf = leaf
    self.index = index
    self.value = value
    self.bound = bound
  }

  /// The known parts by name, in order.
  public var parts: [(name: String, text: String)] {
    let all: [(String, String?)] = [
      ("call", call), ("lane", lane.map(String.init)), ("step", step.map(String.init)),
      ("seed", seed.map { String($0) }), ("leaf", leaf), ("index", index.map(String.init)),
      ("value", value), ("bound", bound),
    ]
    return all.compactMap { part in part.1.map { (part.0, $0) } }
  }
}

/// Something that an author should change, or at least look at.
public struct Finding: Error, Sendable, Equatable {
  public enum Severity: String, Sendable {
    case fail
    case warn
  }

  public var severity: Severity
  public var problem: String
  public var place: Place
  public var advice: String

  public init(
    _ problem: String, at place: Place = Place(), advice: String, severity: Severity = .fail
  ) {
    self.severity = severity
    self.problem = problem
    self.place = place
    self.advice = advice
  }
}

/// An instance could not be made.
struct CreationFailure: Error {
  var finding: Finding
}

/// A legal reset or step failed.
struct CallFailure: Error {
  var finding: Finding
}

/// Ends a test that does not apply, or could not be judged.
struct NotJudged: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// How a test came out.
public enum Status: String, Sendable {
  case pass
  case warn
  case fail
  case skip
  case crash
  case timeout

  /// Whether the plugin has to be changed.
  public var isFailure: Bool { self == .fail || self == .crash || self == .timeout }
}

/// One test and how it came out.
public struct TestResult: Sendable {
  public var name: String
  public var family: String
  public var summary: String
  public var environment: String?  // nil: of the whole library
  public var status: Status
  public var findings: [Finding]
  public var remarks: [String]
  public var seconds: Double
  public var output: String  // what the plugin printed, as far as it matters
}
