import RLComparison
import RLCore
import RLEnvironments
import RLSystem
import RLTestSupport
import Testing

/// Every kind of leaf, a mask, metrics, options, states.
private let lines = [
  "rlenv-trace 1", "# a comment", "environment Sample-v0", "source written by hand", "",
  "options name=a%20b slip=0.5", "limit 3",
  "observation \"arm/angles\" box f32 2 low -1 -inf high 1 inf",
  "observation \"camera\" box u8 1x2x3 low 0 high 255 hwc",
  "observation \"mode\" discrete i64 - count 3 start -1",
  "action \"gear\" discrete i32 - count 2 start 5 masked",
  "action \"parts\" multi_discrete u8 2 counts 2 3 starts 0 0 masked",
  "action \"push\" box f64 - low -0.5 high 0.5", "action \"bits\" multi_binary bool 2",
  "metric distance last", "state i16 2", "episode 7",
  "reset 3f80000000000000000102030405ffffffffffffffff 1111111 nan", "state 0001fffe",
  "step 0000000501023fe00000000000000100 -0.25 0 bf80000080000000000102030405ffffffffffffffff 0110101 1e-07",
  "step 0000000600023fe00000000000000001 1 1 3f80000000000000000102030405ffffffffffffffff 0000000 2",
  "state 00018000", "episode -",
  "reset 3f80000000000000000102030405ffffffffffffffff 1111111 nan", "episode 18446744073709551615",
  "reset 3f80000000000000000102030405ffffffffffffffff 1111111 nan",
]

/// The lines with an end whose numbers and digest are right.
private func text(_ lines: [String]) -> [UInt8] {
  let body = Array((lines.joined(separator: "\n") + "\n").utf8)
  let count = ["episode ", "step "].map { word in lines.filter { $0.hasPrefix(word) }.count }
  return body + Array("end \(count[0]) \(count[1]) \(SHA256.hex(of: body))\n".utf8)
}

private func read(_ lines: [String]) throws(FileError) -> Trace {
  try Trace(text(lines), path: "sample.trace")
}

@Suite struct TraceTests {
  private func sample(_ change: (inout [String]) -> Void) -> [String] {
    var lines = lines
    change(&lines)
    return lines
  }

  @Test func everyLineIsReadAsItIsMeant() throws {
    let trace = try read(sample { _ in })
    #expect(trace.environmentID == "Sample-v0")
    #expect(trace.source == "written by hand")
    #expect(trace.steps == 2)
    #expect(trace.episodes.map(\.seed) == [7, nil, .max])
    let variant = trace.variants[0]
    #expect(variant.options == ["name": "a b", "slip": "0.5"])
    #expect(variant.declaration.limit == 3)
    #expect(variant.state?.element == .i16 && variant.state?.count == 2)
    #expect(variant.declaration.observation[1].image == .hwc)
    let records = trace.episodes[0].records.map { trace.record($0, variant) }
    #expect(records.count == 5)
    #expect(records[1] == .state([1, 0, 0xFE, 0xFF]))
    guard case .step(let action, let answer) = records[2] else {
      Issue.record("not a step")
      return
    }
    #expect(action == [5, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 1, 0])
    #expect(answer.reward == -0.25 && answer.flags == 0)
    #expect(answer.mask == [0, 1, 1, 0, 1, 0, 1])
    #expect(answer.metrics == [1e-7])
    #expect(answer.observation.prefix(8) == [0, 0, 0x80, 0xBF, 0, 0, 0, 0x80])
  }

  /// Each change is one damage; the digest is right.
  @Test(arguments: [
    (1, "rlenv-trace 2", "version 2"), (1, "rlenv-trace  1", "no trace"),
    (3, "environment", "words"),
    (3, "", "no environment"), (6, "options slip", "KEY=VALUE"), (6, "options a=1 a=2", "twice"),
    (6, "options a=%4", "KEY=VALUE"), (7, "limit 0", "limit"), (7, "limit 1", "truncated"),
    (7, "limit 03", "limit"), (7, "limits 3", "not known"),
    (8, "observation \"a\" box f32 2 low -1 0 1 high 1 1 1", "low and high"),
    (8, "observation \"a\" box f32 99999999999 low 0 high 1", "shape"),
    (8, "observation \"a\" box f32 8192x8192x8192 low 0 high 1", "shape"),
    (8, "observation \"a\" box f32 2 low 1 high 0", "above"),
    (8, "observation \"a\" box f32 2 low nan high 0", "bound"),
    (8, "observation \"a$b\" box f32 2 low 0 high 1", "name"),
    (8, "observation \"a\" box f16 2 low 0 high 1", "element"),
    (9, "observation \"camera\" box u8 6 low 0 high 255 hwc", "three axes"),
    (10, "observation \"camera\" discrete i64 - count 3 start -1", "already"),
    (10, "observation \"m\" discrete u8 - count 3 start 254", "do not fit"),
    (10, "observation \"m\" discrete f32 - count 3 start 0", "do not fit"),
    (13, "action \"push\" box f64 - low -inf high 0.5", "finite"), (14, "", "action"),
    (15, "metric distance least", "reduction"), (16, "", "not what was declared"),
    (16, "state i16 0", "no element"), (17, "episode -1", "seed"), (17, "episode -", "seed"),
    (17, "episode 18446744073709551616", "seed"), (17, "", "no episode"), (18, "", "reset"),
    (18, "reset 3f80 1111111 nan", "observation"),
    (18, "reset 3F80000000000000000102030405ffffffffffffffff 1111111 nan", "observation"),
    (18, "reset 3f80000000000000000102030405ffffffffffffffff 0011111 nan", "forbids every"),
    (18, "reset 3f80000000000000000102030405ffffffffffffffff 111111 nan", "mask"),
    (18, "reset 3f80000000000000000102030405ffffffffffffffff 1111111 many", "metric"),
    (19, "state 0001fff", "state"), (19, "reset x", "one reset"), (20, "step 0 0 0 0 0", "words"),
    (
      20,
      "step 0000000701023fe00000000000000100 -0.25 0 bf80000080000000000102030405ffffffffffffffff 0110101 0",
      "outside its space"
    ),
    (
      20,
      "step 0000000501023fe00000000000000100 inf 0 bf80000080000000000102030405ffffffffffffffff 0110101 0",
      "finite"
    ),
    (
      20,
      "step 0000000501023fe00000000000000100 1 2 bf80000080000000000102030405ffffffffffffffff 0110101 0",
      "over"
    ),
    (
      21,
      "step 0000000500023fe00000000000000001 1 1 3f80000000000000000102030405ffffffffffffffff 0000000 2",
      "forbids"
    ), (22, "state 00018000\nstate 00018000", "twice"), (23, "episode", "words"),
    (24, "", "no reset"), (26, "", "no reset"), (26, "end 0 0 0", "no reset"),
  ])
  func damageIsRefusedWithItsLine(_ line: Int, _ replacement: String, _ word: String) throws {
    let damaged = sample { $0[line - 1] = replacement }
    let error = #expect(throws: FileError.self) { try read(damaged) }
    #expect(error?.kind == .damaged)
    let reason = error?.reason ?? ""
    #expect(reason.hasPrefix("line ") && reason.contains(word), "\(reason)")
  }

  @Test func aChangedByteAnywhereIsRefused() throws {
    let good = text(sample { _ in })
    for index in good.indices {
      for change: UInt8 in [1, 0x80] {
        var bytes = good
        bytes[index] ^= change
        #expect(throws: FileError.self) { try Trace(bytes, path: "sample.trace") }
      }
      #expect(throws: FileError.self) { try Trace(Array(good[..<index]), path: "sample.trace") }
    }
    #expect(throws: FileError.self) { try Trace(good + [0x0A, 0x0A], path: "sample.trace") }
  }

  @Test func theGoldenTraceOfCartPoleIsSound() throws {
    let trace = try Trace(path: PluginBuild.root + "/Tests/Plugins/golden/cartpole.trace")
    #expect(trace.variants.count == 6)
    #expect(trace.episodes.count >= 200 && trace.steps > 9000)
    // where the limit truncates, and where it does not
    let ends = trace.episodes.map { episode in
      episode.records.compactMap { index -> UInt8? in
        guard case .step(_, let answer) = trace.record(index, trace.variants[episode.variant])
        else { return nil }
        return answer.flags
      }.last
    }
    #expect(Set(ends) == [1, 2])
  }
}
