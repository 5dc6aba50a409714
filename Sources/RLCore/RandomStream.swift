/// A seeded stream of random numbers: xoshiro256++ (Blackman & Vigna 2019).
///
/// Each purpose owns its own stream, so adding a draw to one never shifts another.
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// The stream that `seed` names; its state comes from SplitMix64.
  public init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    (s0, s1, s2, s3) = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// The stream of a run for one purpose, such as "exploration" or "replay".
  public init(seed: UInt64, purpose: String) {
    self.init(seed: mix(seed, purpose: purpose))
  }

  public mutating func next() -> UInt64 {
    let result = rotate(s0 &+ s3, 23) &+ s0
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = rotate(s3, 45)
    return result
  }

  /// A uniform value in `[0, 1)` with 24 random bits.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A uniform value in `[0, 1)` with 53 random bits.
  public mutating func uniformDouble() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An index in `0..<count`; the bias is below `count` / 2^64.
  public mutating func index(below count: Int) -> Int {
    Int(UInt64(count).multipliedFullWidth(by: next()).high)
  }

  /// The four words of the state, to be saved.
  public var words: [UInt64] { [s0, s1, s2, s3] }

  /// Continues from saved words.
  ///
  /// - Throws: `StateError` unless there are four, not all zero.
  public init(words: [UInt64]) throws(StateError) {
    guard words.count == 4, words.contains(where: { $0 != 0 }) else {
      throw StateError(reason: "a random stream needs four words that are not all zero")
    }
    (s0, s1, s2, s3) = (words[0], words[1], words[2], words[3])
  }
}

/// SplitMix64 (Steele, Lea & Flood 2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return scramble(state)
  }
}

func scramble(_ word: UInt64) -> UInt64 {
  var x = word
  x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
  x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
  return x ^ (x >> 31)
}

/// Folds a purpose's name into a seed, and scrambles.
func mix(_ seed: UInt64, purpose: String) -> UInt64 {
  mix(seed, purposeHash: purposeHash(purpose))
}

func mix(_ seed: UInt64, purposeHash: UInt64) -> UInt64 {
  scramble(scramble(seed &+ 0x9E37_79B9_7F4A_7C15) ^ purposeHash)
}

/// A purpose's name, byte by byte (FNV-1a).
func purposeHash(_ purpose: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return hash
}

private func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
