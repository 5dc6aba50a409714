import RLCore
import Testing

@Suite struct ConfigurationTests {
  struct Example: AlgorithmConfiguration {
    var learningRate: Float = 0.1
    var batchSize = 32
    var isFast = false

    static let fields: [ConfigurationField<Example>] = [
      .number("learningRate", aliases: ["lr"], \.learningRate, in: 0...1, doc: "Step size."),
      .integer("batchSize", \.batchSize, in: 1...1000, doc: "Rows."),
      .flag("isFast", \.isFast, doc: "Whether to hurry."),
    ]

    func validate() throws(ConfigurationError) {}
  }

  @Test(arguments: ["learningRate", "learning_rate", "lr"])
  func everyNameOfAFieldIsKnown(key: String) throws {
    var example = Example()
    try example.set(key, to: .number(0.5))
    #expect(example.learningRate == 0.5)
  }

  @Test(arguments: [
    ("learningRate", "learning_rate"), ("targetKL", "target_kl"), ("useSDE", "use_sde"),
    ("gamma", "gamma"),
  ])
  func wordsAndAbbreviationsAreJoinedByUnderscores(name: String, expected: String) {
    #expect(snakeCase(name) == expected)
  }

  @Test func anUnknownKeyIsAnErrorWithASuggestion() {
    var example = Example()
    let error = #expect(throws: ConfigurationError.self) {
      try example.set("learningrat", to: .number(0.5))
    }
    #expect(error?.description.contains("did you mean learningRate?") == true)
  }

  @Test(arguments: [
    ("batchSize", ConfigurationValue.text("many")), ("batchSize", .integer(0)),
    ("batchSize", .number(1.5)), ("learningRate", .number(2)), ("learningRate", .number(.nan)),
    ("learningRate", .text("fast")), ("isFast", .integer(1)), ("batchSize", .text("1e30")),
  ])
  func wrongValuesAreRefusedByName(key: String, value: ConfigurationValue) {
    var example = Example()
    let error = #expect(throws: ConfigurationError.self) { try example.set(key, to: value) }
    #expect(error?.field == key)
    #expect(example == Example())
  }

  @Test(arguments: [
    ("50k", 50_000), ("1M", 1_000_000), ("1.5M", 1_500_000), ("1e6", 1_000_000), ("10_000", 10_000),
    ("7", 7), ("2G", 2_000_000_000),
  ])
  func countsMayBeAbbreviated(text: String, expected: Int) {
    #expect(ConfigurationValue.text(text).wholeNumber == expected)
  }

  @Test(arguments: ["k", "", "1.5", "1.2345678k", "ten", "1e400", "M1"])
  func otherTextIsNoCount(text: String) {
    #expect(ConfigurationValue.text(text).wholeNumber == nil)
  }

  @Test func suggestionsAreNearOnly() {
    #expect(suggestion(for: "CartPol-v1", among: ["CartPole-v1", "Pendulum-v1"]) == "CartPole-v1")
    #expect(suggestion(for: "evla", among: ["eval", "list", "train"]) == "eval")
    #expect(suggestion(for: "zebra", among: ["CartPole-v1", "Pendulum-v1"]) == nil)
  }
}
