import RLCore
import RLPresets
import Testing

@Suite struct ValueParserTests {
  @Test(arguments: [
    ("true", ConfigurationValue.bool(true)), ("false", .bool(false)), ("null", .none),
    ("64", .integer(64)), ("10_000", .integer(10_000)), ("-1", .integer(-1)),
    ("2.3e-3", .number(2.3e-3)), ("1e6", .number(1e6)), (".5", .number(0.5)),
    ("adam", .text("adam")), ("50k", .text("50k")),
    ("[256, 256]", .list([.integer(256), .integer(256)])),
    ("64,32", .list([.integer(64), .integer(32)])), ("[]", .list([])),
  ])
  func readsWhatIsTyped(text: String, expected: ConfigurationValue) {
    #expect(ValueParser.parse(text) == expected)
  }

  @Test(arguments: ["on", "off", "yes", "no", "1:30", "nan", "inf", "infinity"])
  func leavesTheTrapsOfOldYAMLAsText(text: String) {
    #expect(ValueParser.parse(text) == .text(text))
  }
}
