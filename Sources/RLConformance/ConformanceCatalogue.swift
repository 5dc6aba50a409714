/// One rule that a plugin has to keep, and how it is tried.
public struct ConformanceTest: Sendable {
  public let name: String
  public let family: String
  public let summary: String
  /// Whether it judges the library and not one environment.
  public let isOfLibrary: Bool
  /// What a crash in this very test means.
  let crashHint: String?
  let body: @Sendable (Trial) throws -> Void

  init(
    _ name: String, _ summary: String, isOfLibrary: Bool = false, family: String = "",
    crashHint: String? = nil,
    _ body: @escaping @Sendable (Trial) throws -> Void
  ) {
    self.name = name
    self.family = family
    self.summary = summary
    self.isOfLibrary = isOfLibrary
    self.crashHint = crashHint
    self.body = body
  }
}

/// All tests. A new one is a function in its family's file, and a line in the family's list.
public enum ConformanceCatalogue {
  public static let tests: [ConformanceTest] = [
    ("library", libraryTests), ("tables", tableTests), ("options", optionTests),
    ("values", valueTests), ("memory", memoryTests), ("episodes", episodeTests),
    ("seeds", seedTests), ("invariance", invarianceTests), ("snapshots", snapshotTests),
    ("rendering", renderTests), ("robustness", robustnessTests), ("manners", mannerTests),
    ("speed", speedTests),
  ].flatMap { family, tests in
    tests.map {
      ConformanceTest(
        $0.name, $0.summary, isOfLibrary: $0.isOfLibrary, family: family, crashHint: $0.crashHint,
        $0.body)
    }
  }

  /// The test called `name`, if there is one.
  public static func test(_ name: String) -> ConformanceTest? {
    tests.first { $0.name == name }
  }
}
