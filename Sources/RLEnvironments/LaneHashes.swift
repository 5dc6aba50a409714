/// A running 64-bit hash per lane (FNV-1a) of what an agent sees: observations, rewards, ends,
/// masks. For proofs that results do not depend on how lanes are split.
struct LaneHashes {
  private(set) var values: [UInt64]

  init(lanes: Int) { values = Array(repeating: 0xCBF2_9CE4_8422_2325, count: lanes) }

  /// Continues from saved values.
  init(_ values: [UInt64]) { self.values = values }

  mutating func add(_ bytes: ArraySlice<UInt8>, lane: Int) {
    for byte in bytes { add(byte, lane: lane) }
  }

  mutating func add(_ word: UInt64, lane: Int) {
    for shift in stride(from: 0, to: 64, by: 8) {
      add(UInt8(truncatingIfNeeded: word >> UInt64(shift)), lane: lane)
    }
  }

  private mutating func add(_ byte: UInt8, lane: Int) {
    values[lane] = (values[lane] ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }
}
