import RLComparison
import RLCore
import RLEnvironments
import RLSystem

/// What `diff` says of a comparison.
struct DiffAnswer {
  var a: DiffSide
  var b: DiffSide
  var course: DiffCourseArguments
  var comparison: Comparison

  /// For people. `heading` may paint.
  func text(_ heading: (String) -> String) -> String {
    let sides = [("A", a.text(comparison)), ("B", b.text(comparison))]
    guard comparison.spaces.isEmpty else {
      return heading("Different spaces") + "\n"
        + listing(sides + comparison.spaces.map { ("", $0) })
    }
    let title = comparison.finding.map {
      "Different: \($0.difference.place), \(Self.text($0.moment))"
    }
    return heading(title ?? (comparison.wasInterrupted ? "Interrupted: equal so far" : "Equal"))
      + "\n"
      + listing(sides + (comparison.finding.map(pairs) ?? []) + played)
  }

  private var played: [(String, String)] {
    var pairs = [
      (
        "played",
        "\(counted(comparison.episodes, "episode")), \(counted(comparison.steps, "step"))"
          + (course.lanes > 1 ? ", \(course.lanes) lanes" : "")
          + (course.seed.map { ", seed \($0)" } ?? "")
      )
    ]
    if course.teacherForced {
      pairs.append(("differ", "\(counted(comparison.differingSteps, "step")), each from A's state"))
    }
    let spread = comparison.spread
    if spread.count > 0, course.tolerance != .exact || course.teacherForced {
      pairs.append(
        (
          "apart",
          "\(counted(spread.count, "number")), at most \(CountText.grouped(spread.ulps)) ulp and "
            + "\(spread.distance)"
        ))
    }
    if comparison.states > 0 { pairs.append(("states", "\(comparison.states) compared")) }
    if comparison.statesLeftOut > 0 {
      pairs.append(
        (
          "", "\(comparison.statesLeftOut) not compared: the plugin has no such snapshots"
        ))
    }
    return pairs
  }

  private func pairs(_ finding: Finding) -> [(String, String)] {
    let difference = finding.difference
    var pairs = [
      ("in A", "\(difference.a.shortest)  \(difference.a.hex)"),
      ("in B", "\(difference.b.shortest)  \(difference.b.hex)"),
      ("apart", Self.distance(difference)),
    ]
    pairs += both("before", finding.a.before, finding.b.before) { row($0) }
    if let action = finding.action {
      pairs.append(("action", Self.text(comparison.action(action))))
    }
    pairs += both("after", finding.a.answer, finding.b.answer, answer)
    pairs += snapshots("state before", finding.a.snapshotBefore, finding.b.snapshotBefore)
    return pairs + snapshots("state after", finding.a.snapshotAfter, finding.b.snapshotAfter)
  }

  /// Snapshots; two that differ from the first byte that does.
  private func snapshots(_ name: String, _ a: [UInt8]?, _ b: [UInt8]?) -> [(String, String)] {
    guard let a, let b, a != b else {
      return both(name, a, b) { "\($0.count) bytes \(Self.hex($0[...]))" }
    }
    let cut = zip(a, b).prefix { $0 == $1 }.count
    return [("\(name) A", a), ("\(name) B", b)].map { name, bytes in
      (name, "\(bytes.count) bytes, from byte \(cut) on \(Self.hex(bytes[cut...]))")
    }
  }

  /// A line for both where they are equal, otherwise a line for each.
  private func both<T: Equatable>(
    _ name: String, _ a: T?, _ b: T?, _ text: (T) -> String
  ) -> [(String, String)] {
    if let a, a == b { return [(name, text(a))] }
    var pairs: [(String, String)] = []
    if let a { pairs.append(("\(name) A", text(a))) }
    if let b { pairs.append(("\(name) B", text(b))) }
    return pairs
  }

  private func row(_ row: [UInt8]) -> String { Self.text(comparison.observation(row)) }

  private func answer(_ answer: ExactEnvironment.Answer) -> String {
    var text =
      "\(row(answer.observation)), reward \(answer.reward), "
      + Self.ends[Int(answer.flags & 3)]
    if !answer.mask.isEmpty { text += ", mask \(answer.mask.map { "\($0)" }.joined())" }
    if !answer.metrics.isEmpty {
      text += ", metrics \(answer.metrics.map { "\($0)" }.joined(separator: " "))"
    }
    return text
  }

  static func text(_ leaves: [(leaf: String, numbers: [Number])]) -> String {
    leaves.map { leaf, numbers in
      let shown = numbers.prefix(longestRow).map(\.shortest).joined(separator: ", ")
      let rest = numbers.count > longestRow ? ", ... \(numbers.count) in all" : ""
      return (leaf.isEmpty ? "" : "\(leaf) ") + "[\(shown)\(rest)]"
    }.joined(separator: " ")
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    Comparison.hex(bytes.prefix(longestSnapshot)) + (bytes.count > longestSnapshot ? "..." : "")
  }

  private static func distance(_ difference: Difference) -> String {
    let ulps = difference.ulps.map { "\(CountText.grouped($0)) ulp, " } ?? ""
    let isZeros = difference.ulps == 0
    return ulps + (isZeros ? "the sign of zero" : "\(difference.distance)")
  }

  private static func text(_ moment: Moment) -> String {
    let seed = moment.seed.map { "seed \($0)" } ?? "no seed"
    let step = moment.step == 0 ? "the reset" : "step \(moment.step)"
    return "\(step) of episode \(moment.episode) (\(seed), lane \(moment.lane))"
  }

  private static let ends = ["goes on", "terminated", "truncated", "terminated and truncated"]
  private static let longestRow = 16  // numbers
  private static let longestSnapshot = 32  // bytes
}

extension CountText {
  /// Like that of an `Int`; what does not fit is told as more.
  static func grouped(_ count: UInt64) -> String {
    Int(exactly: count).map { grouped($0) } ?? "more than \(grouped(Int.max))"
  }
}
