import RLCore
import RLSystem

/// How long stretches may be, so that signals, the display and checkpoints by the clock wait for some
/// milliseconds at most.
struct StretchPace {
  private static let longest = 4e-3  // seconds
  private var most = 1  // iterations
  private var start: UInt64?

  /// The length of the stretch that begins, for an agent that has room for `room` iterations.
  mutating func begin(room: Int) -> Int {
    start = room > 1 ? MonotonicClock.nanoseconds() : nil
    return min(most, room)
  }

  /// Learns from the time that a stretch took; the next may be twice as long.
  mutating func end(_ stretch: borrowing Stretch) {
    guard let start else { return }
    let time = max(1e-9, MonotonicClock.seconds(since: start))
    let affordable = Double(stretch.length) * Self.longest / time
    most = max(1, min(2 * most, Int(min(affordable, 1e6))))
  }
}
