import RLComparison
import Testing

@Suite struct NumberTests {
  @Test(arguments: [
    ("exact", nil), ("4ulp", Tolerance.ulps(4)), ("0ulps", .ulps(0)), ("1e-6", .absolute(1e-6)),
    ("0.5", .absolute(0.5)), ("-1", nil), ("ulp", nil), ("1.5ulp", nil), ("inf", nil), ("nan", nil),
    ("", nil), ("01ulp", nil),
  ])
  func toleranceIsReadOrRefused(_ text: String, _ tolerance: Tolerance?) {
    #expect(Tolerance(text) == tolerance)
  }

  @Test(arguments: [
    (Number.single(1), Number.single(Float(1).nextUp), UInt64(1)),
    (.single(-1), .single(Float(-1).nextUp), 1),
    (.single(0), .single(-0.0), 0),
    (.single(.leastNonzeroMagnitude), .single(-.leastNonzeroMagnitude), 2),
    (.single(1), .single(2), 1 << 23),
    (.double(1), .double(1.0.nextDown), 1),
    (.double(1), .double(-1), 2 * 0x3FF0_0000_0000_0000),
    (.double(-.greatestFiniteMagnitude), .double(.greatestFiniteMagnitude), 0xFFDF_FFFF_FFFF_FFFE),
  ])
  func unitsInTheLastPlaceAreCounted(_ a: Number, _ b: Number, _ ulps: UInt64) {
    #expect(a.ulps(to: b) == ulps)
    #expect(b.ulps(to: a) == ulps)
  }

  @Test func numbersAreShownShortAndByTheirBits() {
    #expect(Number.single(0.1).shortest == "0.1")
    #expect(Number.single(0.1).hex == "0x3dcccccd")
    #expect(Number.double(-1).shortest == "-1")
    #expect(Number.double(-1).hex == "0xbff0000000000000")
    #expect(Number.whole(-3).hex == "-0x3")
    #expect(Number.single(.nan).ulps(to: .single(1)) == nil)
    #expect(Number.whole(.max).distance(to: .whole(.min)) == 0x1p64)
  }
}
