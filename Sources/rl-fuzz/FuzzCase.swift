import CFuzz
import RLCore

/// One damaged file: a function of target, seed and index.
struct FuzzCase {
  let bytes: [UInt8]
  let sample: Int

  init(_ target: FuzzTarget, seed: UInt64, index: Int) {
    let words = target.words.map { Array($0.utf8) } + Self.raw
    var mutation = Mutation(seed: seed, index: index, words: words)
    sample = mutation.choose(target.samples.count)
    var bytes = target.samples[sample]
    mutation.apply(to: &bytes, others: target.samples)
    self.bytes = mutation.coin() ? target.seal?(bytes, sample) ?? bytes : bytes
  }

  private static let raw: [[UInt8]] = [
    [0], [0xFF], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
    Array(repeating: 0, count: 8), Array(repeating: 0xFF, count: 8), [0, 0, 0, 0, 0, 0, 0, 0x80],
    [0, 0, 0, 0x40, 0, 0, 0, 0], [0, 0, 0xC0, 0x7F], [13, 10], [9],
  ]

  /// Bytes that reading a file of `count` bytes may hold beside what was there before.
  static func allowance(for count: Int) -> Int { (4 << 20) + 256 * count }

  /// Reads the file.
  ///
  /// - Returns: whether it was accepted, and the most bytes that were held.
  /// - Throws: what is no clear refusal. A larger allocation than allowed ends the process.
  func run(_ target: FuzzTarget) throws -> (isAccepted: Bool, held: Int) {
    allocation_meter_begin(Self.allowance(for: bytes.count))
    defer { _ = allocation_meter_end() }
    let isAccepted = try target.read(bytes, sample)
    return (isAccepted, allocation_meter_end())
  }
}

/// What the cases of one process have shown.
struct FuzzTally: Equatable {
  var accepted = 0
  var refused = 0
  var held = 0  // bytes, the most of one case

  mutating func add(isAccepted: Bool, held: Int) {
    if isAccepted { accepted += 1 } else { refused += 1 }
    self.held = max(self.held, held)
  }

  mutating func add(_ other: FuzzTally) {
    accepted += other.accepted
    refused += other.refused
    held = max(held, other.held)
  }

  var line: String { "\(accepted) \(refused) \(held)" }

  init() {}

  /// Reads `line`.
  init?(_ line: some StringProtocol) {
    let numbers = line.split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    (accepted, refused, held) = (numbers[0], numbers[1], numbers[2])
  }
}
