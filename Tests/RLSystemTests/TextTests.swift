import RLSystem
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    ("0", 0), ("50000", 50_000), ("50k", 50_000), ("50K", 50_000), ("1M", 1_000_000),
    ("1.5M", 1_500_000), ("2G", 2_000_000_000), ("1B", 1_000_000_000), ("1e6", 1_000_000),
    ("1E+6", 1_000_000), ("2.5e5", 250_000), ("10_000", 10_000), ("1_0.5k", 10_500),
    ("1.000", 1), ("007", 7), ("9223372036854775807", .max), ("1e0", 1),
  ])
  func readsCounts(text: String, count: Int) throws {
    #expect(try CountText.parse(text) == count)
  }

  @Test(arguments: [
    ("", "is not a number"), ("k", "is not a number"), ("-5", "is not a number"),
    ("1.", "is not a number"), (".5k", "is not a number"), ("1__0", "is not a number"),
    ("_1", "is not a number"), ("1 000", "is not a number"), ("many", "is not a number"),
    ("1.2.3", "is not a number"), ("٣", "is not a number"), ("1.5", "is not a whole number"),
    ("1.2345k", "is not a whole number"), ("9223372036854775808", "is too large"),
    ("1e19", "is too large"), ("99999999999G", "is too large"),
    ("1e", "has no exponent after e, as in 1e6"), ("1e-3", "has no exponent after e, as in 1e6"),
    ("1e999", "has no exponent after e, as in 1e6"),
    ("5m", "ends in m: write M for a million"),
  ])
  func refusesWhatIsNoCount(text: String, reason: String) {
    let error = #expect(throws: CountError.self) { try CountText.parse(text) }
    #expect(error?.reason == reason)
    #expect(error?.text == text)
  }

  @Test func groupsDigitsByThree() {
    #expect(CountText.grouped(0) == "0")
    #expect(CountText.grouped(999) == "999")
    #expect(CountText.grouped(-1000) == "-1,000")
    #expect(CountText.grouped(1_234_567) == "1,234,567")
    #expect(
      CountText.grouped(.min)
        == "-9,223,372,036,854,775,808")
  }

  @Test(arguments: [
    (0.0, "0"), (999.0, "999"), (999.4, "999"), (999.6, "1.00k"), (1000.0, "1.00k"),
    (12_345.0, "12.3k"), (99_960.0, "100k"), (999_499.0, "999k"), (999_600.0, "1.00M"),
    (1e6, "1.00M"), (2.5e9, "2.50G"), (-1500.0, "-1.50k"), (.infinity, "inf"),
  ])
  func shortensCounts(count: Double, text: String) {
    #expect(CountText.short(count) == text)
  }

  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.001, 2, "0.00"), (1.005, 1, "1.0"), (-2.5, 0, "-3"), (0.05, 1, "0.1"),
    (123.456, 2, "123.46"), (9.999, 2, "10.00"), (.nan, 2, "nan"), (-.infinity, 1, "-inf"),
  ])
  func fixesDecimals(value: Double, decimals: Int, text: String) {
    #expect(fixed(value, decimals: decimals) == text)
  }

  @Test(arguments: [
    (0.0, "0 ms", "00:00"), (0.45, "450 ms", "00:00"), (0.9999, "1.0 s", "00:01"),
    (12.34, "12.3 s", "00:12"), (59.94, "59.9 s", "01:00"), (59.96, "1 min 00 s", "01:00"),
    (245.0, "4 min 05 s", "04:05"), (3599.6, "1 h 00 min", "1:00:00"),
    (7380.0, "2 h 03 min", "2:03:00"), (100_800.0, "1 d 04 h", "28:00:00"),
    (.infinity, "forever", "--:--"), (.nan, "forever", "--:--"), (-1.0, "0 ms", "00:00"),
  ])
  func writesDurations(seconds: Double, short: String, clock: String) {
    #expect(DurationText.short(seconds) == short)
    #expect(DurationText.clock(seconds) == clock)
  }
}
