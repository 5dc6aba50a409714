import FoundationEssentials
import Glibc
import RLSystem

/// What a figure should reach.
enum Goal: Encodable, Equatable {
  case atLeast(Double)
  case atMost(Double)

  func isMet(by value: Double) -> Bool {
    switch self {
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    }
  }

  var text: String {
    switch self {
    case .atLeast(let bound): ">= \(short(bound))"
    case .atMost(let bound): "<= \(short(bound))"
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// One measured quantity.
struct Row: Encodable {
  let benchmark: String
  let name: String
  let unit: String
  let value: Spread
  let shareOfPeak: Spread?  // of one core; nil for what is not arithmetic
  let goal: Goal?
  let isMet: Bool?  // by the median; nil without a goal
  let note: String?

  init(
    _ benchmark: String, _ name: String, _ values: [Double], _ unit: String, goal: Goal? = nil,
    share: [Double]? = nil, note: String? = nil
  ) {
    self.benchmark = benchmark
    self.name = name
    self.unit = unit
    self.goal = goal
    self.note = note
    value = Spread(values)
    shareOfPeak = share.map { Spread($0) }
    isMet = goal?.isMet(by: value.median)
  }

  fileprivate var verdict: String {
    guard let goal, let isMet else { return "" }
    return "\(goal.text)  \(isMet ? "met" : "NOT MET")"
  }
}

/// Rows as they come, in a table; and as one JSON object at the end, if that is wanted: then the
/// table goes to stderr.
struct Report {
  let machine: Machine
  private let isJSON: Bool
  private(set) var rows: [Row] = []
  private var skipped: [Skipped] = []

  private struct Skipped: Encodable {
    let benchmark: String
    let reason: String
  }

  init(machine: Machine, isJSON: Bool) {
    self.machine = machine
    self.isJSON = isJSON
    say(machine.text)
    say(line("benchmark", "median", "quartiles", "unit", "peak", "goal"))
  }

  mutating func add(_ row: Row) {
    rows.append(row)
    let value = row.value
    let quartiles =
      value.count > 1 ? "\(short(value.lowerQuartile)) .. \(short(value.upperQuartile))" : ""
    let verdict = [row.verdict, row.note.map { "(\($0))" } ?? ""].filter { !$0.isEmpty }
    say(
      line(
        "\(row.benchmark): \(row.name)", short(value.median), quartiles, row.unit,
        row.shareOfPeak.map { "\(Int(($0.median * 100).rounded()))%" } ?? "",
        verdict.joined(separator: " ")))
  }

  /// Says why a benchmark has no rows.
  mutating func skip(_ benchmark: String, because reason: String) {
    skipped.append(Skipped(benchmark: benchmark, reason: reason))
    say("\(benchmark): not measured: \(reason)")
  }

  /// Writes what comes after the last row.
  func finish() throws {
    let goals = rows.compactMap(\.isMet)
    let met = goals.filter { $0 }.count
    let busy = Machine.busyCores()
    say("\(met) of \(goals.count) goals met; others keep \(short(busy)) cores busy at the end")
    if isJSON { print(try json(busyAtEnd: busy)) }
  }

  private func say(_ text: String) {
    if isJSON {
      var stream = StandardError()
      print(text, to: &stream)
    } else {
      print(text)
      fflush(nil)
    }
  }

  private func json(busyAtEnd: Double) throws -> String {
    struct Document: Encodable {
      let schema = "rl-bench/2"
      let machine: Machine
      let busyAtEnd: Double
      let rows: [Row]
      let skipped: [Skipped]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let document = Document(
      machine: machine, busyAtEnd: busyAtEnd, rows: rows, skipped: skipped)
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }
}

private struct StandardError: TextOutputStream {
  mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in unsafe _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}

private func line(
  _ name: String, _ value: String, _ quartiles: String, _ unit: String, _ share: String,
  _ goal: String
) -> String {
  let cells = [
    name.padded(to: 62), value.padded(to: 9, atStart: true), "  ", quartiles.padded(to: 19),
    unit.padded(to: 15), share.padded(to: 4, atStart: true) + " ", goal,
  ]
  return cells.joined(separator: " ").trimmingEnd()
}

extension String {
  fileprivate func padded(to width: Int, atStart: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return atStart ? spaces + self : self + spaces
  }

  fileprivate func trimmingEnd() -> String {
    String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
  }
}

/// A number with four significant digits.
func short(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  var digits = 3
  var size = abs(value)
  while size >= 10, digits > 0 {
    size /= 10
    digits -= 1
  }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  if size < 1, size > 0 {
    while size < 1, scale < 1e9 {
      size *= 10
      scale *= 10
    }
  }
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}

/// `1 lane`, `8 lanes`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
