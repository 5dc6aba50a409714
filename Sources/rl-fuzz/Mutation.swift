import RLCore

/// Damages files, the same way for the same seed.
struct Mutation {
  private var random: RandomStream
  private let words: [[UInt8]]

  /// - Parameters:
  ///   - seed: of the run.
  ///   - index: of the file in the run.
  ///   - words: what means something in this format.
  init(seed: UInt64, index: Int, words: [[UInt8]]) {
    random = RandomStream(seed: seed &+ UInt64(index), purpose: "fuzz")
    self.words = words
  }

  /// One of `count`.
  mutating func choose(_ count: Int) -> Int { random.index(below: count) }

  mutating func coin() -> Bool { choose(2) == 0 }

  /// Damages `bytes` in one to six places; `others` lend parts.
  mutating func apply(to bytes: inout [UInt8], others: [[UInt8]]) {
    for _ in 0...choose(6) {
      if bytes.isEmpty { bytes = word() }
      switch choose(12) {
      case 0: bytes[choose(bytes.count)] ^= 1 << choose(8)
      case 1: bytes[choose(bytes.count)] = UInt8(choose(256))
      case 2: replaceNumber(in: &bytes)
      case 3, 4: replaceRange(of: &bytes, with: word())
      case 5: bytes.insert(contentsOf: word(), at: choose(bytes.count + 1))
      case 6: bytes.removeSubrange(range(in: bytes))
      case 7: double(&bytes)
      case 8: bytes.removeSubrange(choose(bytes.count)...)
      case 9: splice(&bytes, others[choose(others.count)])
      case 10: swapLines(&bytes)
      default: repeatWord(in: &bytes)
      }
    }
  }

  private mutating func word() -> [UInt8] { words[choose(words.count)] }

  /// A short piece, seldom a long one.
  private mutating func range(in bytes: [UInt8]) -> Range<Int> {
    let start = choose(bytes.count + 1)
    let length = choose(8) == 0 ? choose(bytes.count + 1) : choose(24)
    return start..<min(start + length, bytes.count)
  }

  private mutating func replaceRange(of bytes: inout [UInt8], with word: [UInt8]) {
    let start = choose(bytes.count)
    bytes.replaceSubrange(start..<min(start + word.count, bytes.count), with: word)
  }

  /// Writes another number where one stands.
  private mutating func replaceNumber(in bytes: inout [UInt8]) {
    let isDigit = { (byte: UInt8) in byte >= 48 && byte <= 57 }
    let from = choose(bytes.count)
    guard let start = bytes[from...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Self.numbers[choose(Self.numbers.count)])
  }

  private static let numbers: [[UInt8]] = [
    "0", "1", "-1", "2", "7", "16", "255", "65535", "65536", "2147483647", "2147483648",
    "4294967295", "4294967296", "9007199254740992", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "1e9", "1e400", "0.5", "-0", "00", "1_000",
    "99999999999999999999999999999999",
  ].map { Array($0.utf8) }

  private mutating func double(_ bytes: inout [UInt8]) {
    let piece = Array(bytes[range(in: bytes)].prefix(4096))
    bytes.insert(contentsOf: piece, at: choose(bytes.count + 1))
  }

  private mutating func splice(_ bytes: inout [UInt8], _ other: [UInt8]) {
    guard !other.isEmpty else { return }
    bytes.replaceSubrange(range(in: bytes), with: other[range(in: other)])
  }

  private mutating func swapLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    lines.swapAt(choose(lines.count), choose(lines.count))
    bytes = Array(lines.joined(separator: [10]))
  }

  /// What a recursive reader or a quadratic one dislikes.
  private mutating func repeatWord(in bytes: inout [UInt8]) {
    let word = word()
    let count = choose(4) == 0 ? choose(20_000) : choose(64)
    bytes.insert(
      contentsOf: (0..<count).flatMap { _ in word }, at: choose(bytes.count + 1))
  }
}
