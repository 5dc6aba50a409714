import RLKernels
import RLSystem

/// Repeated measurements of one quantity, in a few numbers.
struct Spread: Encodable, Equatable {
  let median: Double
  let lowerQuartile: Double
  let upperQuartile: Double
  let count: Int

  /// - Parameter values: at least one; infinite ones are those that never ended.
  init(_ values: [Double]) {
    precondition(!values.isEmpty, "a spread of no values")
    let sorted = values.sorted()
    median = Self.quantile(0.5, sorted)
    lowerQuartile = Self.quantile(0.25, sorted)
    upperQuartile = Self.quantile(0.75, sorted)
    count = sorted.count
  }

  /// The quantile by linear interpolation between neighbours.
  private static func quantile(_ q: Double, _ sorted: [Double]) -> Double {
    let position = q * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    if position == Double(below) || sorted[above] == sorted[below] { return sorted[below] }
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
}

/// Seconds that `body` takes.
func time(_ body: () throws -> Void) rethrows -> Double {
  let start = MonotonicClock.nanoseconds()
  try body()
  return MonotonicClock.seconds(since: start)
}

/// How often `body` must run to take at least `target` seconds; the runs that find it out warm up
/// caches too.
func calls(filling target: Double, _ body: () throws -> Void) rethrows -> Int {
  var calls = 1
  while true {
    let elapsed = try time { for _ in 0..<calls { try body() } }
    if elapsed >= target { return calls }
    let wanted = target / max(elapsed, 1e-9) * 1.1
    calls = max(calls + 1, Int(Double(calls) * min(wanted, 100)))
  }
}

/// Seconds of one call of `body`, `repetitions` times, each the mean over `sampleSeconds`.
func secondsPerCall(
  _ settings: Settings, _ body: () throws -> Void
) rethrows -> [Double] {
  let calls = try calls(filling: settings.sampleSeconds, body)
  return try (0..<settings.repetitions).map { _ in
    try time { for _ in 0..<calls { try body() } } / Double(calls)
  }
}

/// Operations a second of one core that does nothing but fused multiply-adds in its registers.
///
/// It is measured again beside every quantity that is compared with it: clock speeds change.
func measurePeak() -> Double {
  let rounds = 1 << 15
  var operations = 0
  let elapsed = time { operations = multiplyAddsInRegisters(rounds: rounds) }
  guard elapsed < 1e-3 else { return Double(operations) / elapsed }
  let times = Int(1e-3 / max(elapsed, 1e-7)) + 1
  return Double(operations * times)
    / time { _ = multiplyAddsInRegisters(rounds: rounds * times) }
}

/// A quantity of work over time, beside the peak of a core measured just before each sample.
struct RooflineSamples {
  var seconds: [Double] = []
  var shares: [Double] = []  // of the peak of one core

  /// Samples of `body`, whose one call makes `operations` floating-point operations.
  static func measure(
    _ settings: Settings, operations: Double, _ body: () throws -> Void
  ) rethrows -> RooflineSamples {
    let calls = try calls(filling: settings.sampleSeconds, body)
    var samples = RooflineSamples()
    for _ in 0..<settings.repetitions {
      let peak = measurePeak()
      let elapsed = try time { for _ in 0..<calls { try body() } } / Double(calls)
      samples.append(seconds: elapsed, operations: operations, peak: peak)
    }
    return samples
  }

  mutating func append(seconds: Double, operations: Double, peak: Double) {
    self.seconds.append(seconds)
    shares.append(operations / seconds / peak)
  }
}
