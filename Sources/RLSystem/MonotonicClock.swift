import Glibc

/// Time that never goes backwards, from an arbitrary start.
public enum MonotonicClock {
  /// Nanoseconds since the start.
  public static func nanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Seconds since an earlier reading.
  public static func seconds(since start: UInt64) -> Double {
    Double(nanoseconds() - start) * 1e-9
  }
}
