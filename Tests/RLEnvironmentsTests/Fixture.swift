import Foundation
import RLEnvironments
import Testing

/// A line of `Tests/Plugins/fixtures/fixtures.txt`: a plugin with one fault, and what must become
/// of it.
struct Fixture: Sendable, CustomTestStringConvertible {
  enum Stage: String {
    case load
    case environment
    case create
    case run
    case ok
  }

  var name: String
  var source: String
  var stage: Stage
  var word: String
  var fault: String

  var testDescription: String { "\(name): \(fault)" }

  var path: String { get throws { try BuiltPlugin.fixture(name, source: source) } }

  static let all: [Fixture] = {
    let list = BuiltPlugin.root.appendingPathComponent("Tests/Plugins/fixtures/fixtures.txt")
    let text = (try? String(contentsOf: list, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, let stage = Stage(rawValue: cells[2]) else { return nil }
      return Fixture(
        name: cells[0], source: cells[1], stage: stage, word: cells[3], fault: cells[4])
    }
  }()

  static func at(_ stage: Stage) -> [Fixture] { all.filter { $0.stage == stage } }

  static func named(_ name: String) -> Fixture {
    guard let fixture = all.first(where: { $0.name == name }) else {
      preconditionFailure("fixtures.txt has no line \(name)")
    }
    return fixture
  }
}
