/// Numbers to compute with: reproducible, of both signs, of sizes from 2^-4 to 2^4.
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let fraction = Float(state >> 40) * 0x1p-23 - 1
    return fraction * Float(sign: .plus, exponent: Int(state >> 33) % 9 - 4, significand: 1)
  }

  mutating func draw(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// Whether two arrays are equal to the last bit, signs of zero and NaN included.
func sameBits(_ x: [Float], _ y: [Float]) -> Bool {
  x.count == y.count && zip(x, y).allSatisfy { $0.bitPattern == $1.bitPattern }
}
