import RLCore
import RLPresets
import Testing

@Suite struct RunConfigurationTests {
  private let configuration = RunConfiguration(
    run: [
      .init("plugin", .text("plugins/a \"b\"\\c.so"), origin: "flag"),
      .init("environment", .text("CartPole-v1"), origin: "plugin"),
      .init("seed", .integer(9_007_199_254_740_991), origin: "flag"),
      .init("maxEpisodeSteps", .none, origin: "default"),
    ],
    environmentOptions: [.init("gravity", .text("9.8"), origin: "flag")],
    hyperparameters: [
      .init("hidden", .list([.integer(256), .integer(256)]), origin: "preset zoo"),
      .init("learningRate", .number(0.0023), origin: "preset zoo"),
      .init("doubleQ", .bool(true), origin: "flag"),
      .init("loss", .text("huber"), origin: "default"),
    ],
    wrappers: [.init("normalizeReward", .bool(true), origin: "preset zoo")])

  private func pairs(_ entries: [RunConfiguration.Entry]) -> [String] {
    entries.map { "\($0.key)=\($0.value)" }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let read = try RunConfiguration.parse(configuration.yaml(), file: "config.yaml")
    #expect(pairs(read.run) == pairs(configuration.run))
    #expect(pairs(read.environmentOptions) == pairs(configuration.environmentOptions))
    #expect(pairs(read.hyperparameters) == pairs(configuration.hyperparameters))
    #expect(pairs(read.wrappers) == pairs(configuration.wrappers))
    #expect(read.environmentOptions[0].value == .text("9.8"))
  }

  @Test func everyValueSaysWhereItCameFrom() {
    #expect(configuration.yaml().contains("  learningRate: 0.0023  # preset zoo\n"))
  }

  @Test(arguments: [
    "tab\there", "line\nbreak", "\u{1}", "back\\slash", "# no comment", "é ü", "R&D", "a &b *b",
  ])
  func anyTextSurvives(text: String) throws {
    let written = RunConfiguration(run: [.init("plugin", .text(text), origin: "flag")])
    let read = try RunConfiguration.parse(written.yaml(), file: "config.yaml")
    #expect(read["plugin"] == .text(text))
  }

  @Test(arguments: [
    ("sead: 3\n", "did you mean seed?"), ("schema: rl-host/config/2\n", "rl-host/config/1"),
    ("seed: 1\nseed: 2\n", "seed"), ("hyperparameters: 3\n", "key: value"),
    ("hyperparameters:\n  hidden: {a: 1}\n", "one value"),
    ("wrapers: {}\n", "did you mean wrappers?"), ("wrappers: 3\n", "key: value"),
    ("- 1\n", "key: value"),
    ("seed: [1\n", "not YAML"),
  ])
  func mistakesAreNamed(text: String, reason: String) {
    let error = #expect(throws: ConfigurationFileError.self) {
      try RunConfiguration.parse(text, file: "config.yaml")
    }
    #expect(error?.description.contains(reason) == true)
    #expect(error?.description.hasPrefix("config.yaml") == true)
  }
}
