import RLPresets
import Testing

@Suite struct HostileTextTests {
  /// Each line stands for ten of the one before.
  private func bomb(_ first: String, _ next: (Int) -> String) -> String {
    (1..<24).reduce(first + "\n") { $0 + next($1) + "\n" }
  }

  @Test func aFewLinesThatStandForMoreThanAMemoryHoldsAreRefusedAtOnce() {
    let texts = [
      bomb("a0: &a0 [x, x]") { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]" },
      bomb("a0: &a0 {x: 1}") { "a\($0): &a\($0) {? *a\($0 - 1) : 1, b: *a\($0 - 1)}" },
      bomb("[&a0 x]: 1") { "[&a\($0) [*a\($0 - 1), *a\($0 - 1)]]: 1" },
      // what a reader of quotes might take for text
      bomb("a: it's\nb: &b0 [x]") { "c\($0):\u{85}&b\($0) [*b\($0 - 1), *b\($0 - 1)]" },
    ]
    for text in texts {
      let error = #expect(throws: ConfigurationFileError.self) {
        try RunConfiguration.parse(text, file: "config.yaml")
      }
      #expect(error?.reason.contains("anchors are not read here") == true)
      #expect(error?.line != nil)
    }
  }

  @Test func anAmpersandInATextIsNoAnchor() throws {
    for text in ["plugin: R&D.so", "plugin: a & b", "plugin: \"x \\x26y\"", "plugin: x &"] {
      #expect(throws: Never.self) { try RunConfiguration.parse(text, file: "config.yaml") }
    }
  }

  @Test(arguments: ["[", "- ", "{a: ", "? "])
  func deepNestingIsRefused(opening: String) {
    let text = "plugin: \n " + String(repeating: opening, count: 20_000)
    let error = #expect(throws: ConfigurationFileError.self) {
      try RunConfiguration.parse(text, file: "config.yaml")
    }
    #expect((error?.description.count ?? .max) < 1_000, "the message quotes the whole line")
  }
}
