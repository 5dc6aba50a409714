import RLCore
import RLNetworks
import Testing

@Suite struct ControlRangeTests {
  private func range(_ low: [Double], _ high: [Double]) throws -> ControlRange {
    try ControlRange(
      ActionSpace(
        Space([Leaf(kind: .box(low: low, high: high), element: .f32, shape: [low.count])])),
      algorithm: "td3", of: "Arm-v0")
  }

  @Test func theBoundsAreReachedExactlyAndTheMiddleIsTheMiddle() throws {
    let range = try range([-2, 0, 0.1], [2, 1, 0.3])
    var controls = [Float](repeating: .nan, count: 9)
    range.unscale([-1, -1, -1, 0, 0, 0, 1, 1, 1], rows: 3, into: &controls)
    #expect(controls[0..<3] == [-2, 0, 0.1])
    #expect(controls[3..<5] == [0, 0.5])
    #expect(abs(controls[5] - 0.2) < 1e-7)
    #expect(controls[6..<9] == [2, 1, 0.3])
  }

  @Test func scalingGoesBack() throws {
    let range = try range([-2, 0.1], [2, 7.3])
    for step in 0...100 {
      let x = -1 + 2 * Float(step) / 100
      var controls: [Float] = [0, 0]
      range.unscale([x, x], rows: 1, into: &controls)
      for c in 0..<2 { #expect(abs(range.scaled(controls[c], c) - x) < 1e-6) }
    }
  }

  @Test func whatIsOutsideIsClippedAndWhatIsNoNumberStaysNone() throws {
    let range = try range([-2], [2])
    var controls: [Float] = [0, 0, 0]
    range.unscale([5, -5, .nan], rows: 3, into: &controls)
    #expect(controls[0...1] == [2, -2])
    #expect(controls[2].isNaN)
  }

  @Test(arguments: [
    ([-Double.infinity], [1.0]), ([0], [.infinity]), ([1], [1]), ([-3e38], [3e38]),
  ])
  func boundsThatAreNoneAreRefusedInWords(low: [Double], high: [Double]) {
    let error = #expect(throws: ConfigurationError.self) { try range(low, high) }
    #expect(error?.field == "algo")
    #expect(error?.reason.contains("td3 needs bounded controls, but control 0 of Arm-v0") == true)
  }

  @Test func choicesAreRefusedInWords() {
    let space = Space([Leaf(kind: .discrete(count: 3, start: 0), element: .i32)])
    let error = #expect(throws: ConfigurationError.self) {
      try ControlRange(ActionSpace(space), algorithm: "sac", of: "Cart-v0")
    }
    #expect(error?.reason == "sac needs continuous actions alone, but Cart-v0 has Discrete(3)")
  }
}
