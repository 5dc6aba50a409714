import RLConformance
import RLSystem

/// What `rl-host check` tells: lines as the tests end, or one document.
struct CheckReport {
  private let subject: Subject
  private let console: Console
  private var results: [TestResult] = []
  private var family = ""
  private let width = ConformanceCatalogue.tests.map(\.name.count).max() ?? 0

  init(_ subject: Subject, _ console: Console) {
    self.subject = subject
    self.console = console
  }

  /// Whether the plugin has to be changed.
  var hasFailed: Bool { results.contains { $0.status.isFailure } }

  /// The tests of the library, or of one environment, follow.
  mutating func begin(environment: String?) throws {
    family = ""
    guard !console.isJSON else { return }
    let name = environment.map { "\(subject.path):\($0)" } ?? subject.path
    try console.answer(console.heading(name))
  }

  mutating func add(_ result: TestResult) throws {
    results.append(result)
    guard !console.isJSON else { return }
    if console.isQuiet, result.findings.isEmpty { return }
    if result.family != family {
      family = result.family
      try console.answer("  \(family)")
    }
    try console.answer(text(result))
  }

  mutating func end() throws {
    guard !console.isJSON else { return try console.answer(json.description) }
    try console.answer(summary)
    guard let first = results.first(where: { !$0.findings.isEmpty && $0.name != "fuzz" }) else {
      return
    }
    let name = first.environment.map { "\(subject.path):\($0)" } ?? subject.path
    console.say("that test alone: rl-host check \(shellQuoted(name)) --only \(first.name)")
  }

  private func text(_ result: TestResult) -> String {
    let name = result.name + String(repeating: " ", count: max(0, width - result.name.count))
    let remarks = result.remarks.isEmpty ? "" : " (\(result.remarks.joined(separator: "; ")))"
    var lines = ["    \(mark(result.status))  \(name)  \(result.summary)\(remarks)"]
    for finding in result.findings { lines += self.lines(finding) }
    let output = result.output.split(separator: "\n").suffix(5)
    lines += output.map { "          | \($0)" }
    return lines.joined(separator: "\n")
  }

  private func lines(_ finding: Finding) -> [String] {
    let parts = finding.place.parts.map { "\($0.name) \($0.text)" }
    var lines = ["          \(finding.problem)"]
    if !parts.isEmpty { lines.append("          where:  \(parts.joined(separator: ", "))") }
    return lines + ["          change: \(finding.advice)"]
  }

  private func mark(_ status: Status) -> String {
    let word = status.rawValue + String(repeating: " ", count: 7 - status.rawValue.count)
    switch status {
    case .pass: return console.coloured(word, .green)
    case .warn: return console.coloured(word, .yellow)
    case .fail, .crash, .timeout: return console.coloured(word, .red)
    case .skip: return word
    }
  }

  private var counts: [(status: Status, count: Int)] {
    [.pass, .warn, .fail, .crash, .timeout, .skip].map { status in
      (status, results.count { $0.status == status })
    }
  }

  private var summary: String {
    let names: [Status: String] = [
      .pass: "passed", .warn: "warned", .fail: "failed", .crash: "crashed",
      .timeout: "timed out", .skip: "do not apply",
    ]
    let texts = counts.filter { $0.count > 0 }.map { "\($0.count) \(names[$0.status] ?? "")" }
    let seconds = results.reduce(0) { $0 + $1.seconds }
    return "\(texts.joined(separator: ", ")) in \(fixed(seconds)) s"
  }

  private func fixed(_ seconds: Double) -> String {
    "\((seconds * 10).rounded() / 10)"
  }

  private var json: JSON {
    .object([
      .init("schema", .text("rl-host/check/1")), .init("plugin", .text(subject.path)),
      .init("seed", .integer(Int(subject.seed))), .init("passed", .bool(!hasFailed)),
      .init(
        "counts",
        .object(counts.map { JSON.Field($0.status.rawValue, .integer($0.count)) })),
      .init("tests", .list(results.map(\.json))),
    ])
  }
}

extension TestResult {
  fileprivate var json: JSON {
    .object([
      .init("name", .text(name)), .init("family", .text(family)),
      .init("environment", .optional(environment)), .init("status", .text(status.rawValue)),
      .init("seconds", .number(seconds)), .init("findings", .list(findings.map(\.json))),
      .init("remarks", .list(remarks.map { .text($0) })), .init("output", .text(output)),
    ])
  }
}

extension Finding {
  fileprivate var json: JSON {
    .object([
      .init("severity", .text(severity.rawValue)), .init("problem", .text(problem)),
      .init("advice", .text(advice)), .init("call", .optional(place.call)),
      .init("lane", .optional(place.lane)), .init("step", .optional(place.step)),
      .init("seed", .optional(place.seed.map { String($0) })),
      .init("leaf", .optional(place.leaf)), .init("index", .optional(place.index)),
      .init("value", .optional(place.value)), .init("bound", .optional(place.bound)),
    ])
  }
}
