import Foundation
import RLAgents
import Testing

/// The page of each algorithm lists its hyperparameters as the catalogue has them.
struct DocumentationTests {
  @Test(arguments: AlgorithmCatalog.all.map(\.name))
  func everyHyperparameterIsOnThePageOfItsAlgorithm(_ name: String) throws {
    let entry = try AlgorithmCatalog.entry(named: name)
    #expect(try Self.table(of: name) == entry.fields.map { "\($0.name) = \($0.defaultValue)" })
  }

  /// `name = default` of each row of the page's table of hyperparameters.
  private static func table(of algorithm: String) throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(
      path: "Sources/RLAgents/RLAgents.docc/\(algorithm.uppercased())-page.md")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
    return lines.filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return "\(cells[0].dropFirst().dropLast()) = \(cells[1])"
    }
  }
}
