import RLComparison
import RLEnvironments

extension DiffAnswer {
  /// The whole answer; numbers as their shortest decimals, with their bits beside them.
  var json: JSON {
    .object([
      .init("schema", .text("rl-host/diff/1")), .init("equal", .bool(comparison.isEqual)),
      .init("interrupted", .bool(comparison.wasInterrupted)), .init("a", a.json),
      .init("b", b.json), .init("tolerance", tolerance),
      .init("teacher_forced", .bool(course.teacherForced)), .init("lanes", .integer(course.lanes)),
      .init("seed", .optional(course.seed)), .init("episodes", .integer(comparison.episodes)),
      .init("steps", .integer(comparison.steps)),
      .init("spaces", .list(comparison.spaces.map { .text($0) })),
      .init("differing_steps", .integer(comparison.differingSteps)),
      .init(
        "spread",
        .object([
          .init("numbers", .integer(comparison.spread.count)),
          .init("ulps", .text("\(comparison.spread.ulps)")),
          .init("distance", .number(comparison.spread.distance)),
        ])),
      .init("states_compared", .integer(comparison.states)),
      .init("states_left_out", .integer(comparison.statesLeftOut)),
      .init("difference", comparison.finding.map(finding) ?? .null),
    ])
  }

  private var tolerance: JSON {
    switch course.tolerance {
    case .exact: .text("exact")
    case .ulps(let count): .text("\(count)ulp")
    case .absolute(let value): .number(value)
    }
  }

  private func finding(_ finding: Finding) -> JSON {
    let (moment, difference) = (finding.moment, finding.difference)
    return .object([
      .init("episode", .integer(moment.episode)),
      .init("seed", moment.seed.map { .text("\($0)") } ?? .null),
      .init("step", .integer(moment.step)), .init("lane", .integer(moment.lane)),
      .init("what", .text(difference.what)), .init("leaf", .optional(difference.leaf)),
      .init("index", .optional(difference.index)), .init("a", Self.number(difference.a)),
      .init("b", Self.number(difference.b)),
      .init("ulps", difference.ulps.map { .text("\($0)") } ?? .null),
      .init("distance", .number(difference.distance)),
      .init("action", finding.action.map { Self.rows(comparison.action($0)) } ?? .null),
      .init("state_a", side(finding.a)), .init("state_b", side(finding.b)),
    ])
  }

  private func side(_ state: SideState) -> JSON {
    let answer = state.answer
    return .object([
      .init(
        "observation_before", state.before.map { Self.rows(comparison.observation($0)) } ?? .null),
      .init("observation", Self.rows(comparison.observation(answer.observation))),
      .init("reward", Self.number(.double(answer.reward))),
      .init("flags", .integer(Int(answer.flags))),
      .init("mask", .list(answer.mask.map { .integer(Int($0)) })),
      .init("metrics", .list(answer.metrics.map { .number($0) })),
      .init("snapshot_before", .optional(state.snapshotBefore.map { Comparison.hex($0) })),
      .init("snapshot_after", .optional(state.snapshotAfter.map { Comparison.hex($0) })),
    ])
  }

  private static func rows(_ leaves: [(leaf: String, numbers: [Number])]) -> JSON {
    .list(
      leaves.map { leaf, numbers in
        .object([
          .init("leaf", .text(leaf)), .init("values", .list(numbers.map(value))),
          .init("hex", .list(numbers.map { .text($0.hex) })),
        ])
      })
  }

  private static func number(_ number: Number) -> JSON {
    .object([.init("value", value(number)), .init("hex", .text(number.hex))])
  }

  private static func value(_ number: Number) -> JSON {
    switch number {
    case .single(let value): .number(Double("\(value)") ?? Double(value))
    case .double(let value): .number(value)
    case .whole(let value): .integer(value)
    }
  }
}
