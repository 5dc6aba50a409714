/// Durations for people.
public enum DurationText {
  /// With a unit that fits: `450 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`, `1 d 04 h`.
  public static func short(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "forever" }
    if seconds < 0.9995 { return "\(fixed(max(seconds, 0) * 1000, decimals: 0)) ms" }
    if seconds < 59.95 { return "\(fixed(seconds, decimals: 1)) s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min" }
    return "\(whole / 86_400) d \(twoDigits(whole / 3600 % 24)) h"
  }

  /// As on a clock, for time that is left: `00:07`, `1:02:03`.
  public static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "--:--" }
    let whole = Int(max(seconds, 0).rounded())
    let tail = "\(twoDigits(whole / 60 % 60)):\(twoDigits(whole % 60))"
    return whole < 3600 ? tail : "\(whole / 3600):\(tail)"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
