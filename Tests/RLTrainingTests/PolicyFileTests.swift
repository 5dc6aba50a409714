import Glibc
import RLCore
import RLSystem
import RLTraining
import Testing

@Suite struct PolicyFileTests {
  @Test func whatIsWrittenIsRead() throws {
    let path = "/tmp/rl-training-tests-\(MonotonicClock.nanoseconds()).safetensors"
    defer { unsafe unlink(path) }
    try sampleFile().write(path)
    let read = try PolicyFile.read(path)
    #expect(read == sampleFile())
    #expect(read.export.attributes == samplePolicy.export().attributes)
    #expect(Set(read.export.tensors.map(\.name)) == ["q_net.q_net.0.weight", "q_net.q_net.0.bias"])
  }

  @Test func aPolicyWithoutATimeLimitIsKept() throws {
    var file = sampleFile()
    file.maxEpisodeSteps = nil
    file.configuration = [:]
    #expect(try PolicyFile(file.encoded(file: "p"), file: "p") == file)
  }

  @Test func everyKindOfSpaceIsKept() throws {
    let edges = [
      -0.0, 0, .leastNonzeroMagnitude, 0.1 + 0.2, Double(Float.greatestFiniteMagnitude),
      .greatestFiniteMagnitude, .infinity, 1e15, 1e16, 123_456_789_012_345_680,
    ]
    let space = Space([
      Leaf(
        name: "a/b \"q\" \\ \n\u{7f}\u{2028} é 😀",
        kind: .box(low: [Double](repeating: -.infinity, count: edges.count), high: edges),
        element: .f64, shape: [2, 5]),
      Leaf(
        name: "picture",
        kind: .box(
          low: [Double](repeating: 0, count: 12), high: [Double](repeating: 255, count: 12)),
        element: .u8, shape: [2, 2, 3], image: .hwc),
      Leaf(name: "one", kind: .discrete(count: 3, start: -1), element: .i64, isMasked: true),
      Leaf(
        name: "many", kind: .multiDiscrete(counts: [2, 3], starts: [0, -2]), element: .i32,
        shape: [2], isMasked: true),
      Leaf(name: "flags", kind: .multiBinary, element: .bool, shape: [3, 1]),
    ])
    var file = sampleFile()
    file.observation = space
    file.action = space
    file.selfTest.observations = Array(repeating: 0, count: 16 * RowLayout(space).rowBytes)
    let bytes = try file.encoded(file: "p")
    let read = try PolicyFile(bytes, file: "p")
    #expect(read == file)
    #expect(try read.encoded(file: "p") == bytes)
  }

  /// `Golden/check_policy.py` reads the golden file with the reference implementation of safetensors.
  @Test func theBytesAreTheGoldenOnes() throws {
    let bytes = try sampleFile().encoded(file: "p")
    #expect(bytes == (try FileReader.bytes(of: golden("policy.safetensors"), limit: 1 << 20)))
    var shuffled = sampleFile()
    shuffled.tensors.reverse()
    #expect(try shuffled.encoded(file: "another path") == bytes)
  }

  @Test func contentsThatContradictEachOtherAreNotWritten() {
    var short = sampleFile()
    short.selfTest.count = 15
    var odd = sampleFile()
    odd.selfTest.outputs.removeLast()
    var rows = sampleFile()
    rows.selfTest.observations.removeLast()
    var infinite = sampleFile()
    infinite.tensors[0].values[0] = .infinity
    var answer = sampleFile()
    answer.selfTest.outputs[3] = .nan
    var empty = sampleFile()
    empty.tensors = []
    for (file, reason) in [
      (short, "15 rows"), (odd, "do not make 16 rows"), (rows, "16 rows of 16 bytes"),
      (infinite, "q_net.q_net.0.bias"), (answer, "self-test is not finite"), (empty, "no weights"),
    ] {
      let error = #expect(throws: PolicyFileError.self) { try file.encoded(file: "runs/p") }
      #expect(error?.reason.contains(reason) == true)
      #expect(error?.description.hasPrefix("runs/p: ") == true)
    }
  }

  @Test func theSelfTestPassesForTheSamePolicyAndNumerics() throws {
    var policy = samplePolicy
    try sampleFile().verify(&policy, numerics: "fma-v1", file: "p")
  }

  @Test func underTheSameNumericsOneBitIsTooMuch() throws {
    var file = sampleFile()
    file.selfTest.outputs[9] = file.selfTest.outputs[9].nextUp
    var policy = samplePolicy
    let error = #expect(throws: PolicyFileError.self) {
      try file.verify(&policy, numerics: "fma-v1", file: "p")
    }
    #expect(error?.reason.hasPrefix("self-test row 4, output 1: computed ") == true)
    #expect(error?.reason.contains("difference") == true)
    try file.verify(&policy, numerics: "portable-v1", file: "p")
  }

  @Test func underOtherNumericsTheDifferenceMayBeSmall() throws {
    let file = sampleFile()
    let scale = file.selfTest.outputs.reduce(0) { max($0, abs($1)) }
    for (factor, passes) in [(Float(0.9e-5), true), (1.1e-5, false), (.nan, false)] {
      var policy = ShiftedPolicy(own: samplePolicy, shift: scale * factor)
      if passes {
        try file.verify(&policy, numerics: "other", file: "p")
      } else {
        #expect(throws: PolicyFileError.self) {
          try file.verify(&policy, numerics: "other", file: "p")
        }
      }
    }
  }

  @Test func aNetworkOfAnotherWidthIsRefused() {
    var file = sampleFile()
    file.selfTest.outputs += file.selfTest.outputs
    var policy = samplePolicy
    let error = #expect(throws: PolicyFileError.self) {
      try file.verify(&policy, numerics: "fma-v1", file: "p")
    }
    #expect(error?.reason.contains("gives 2 outputs for an observation, and gave 4") == true)
  }

  @Test func itsOwnEnvironmentFits() throws {
    try sampleFile().check(sampleSpec, file: "p")
    var renamed = sampleSpec
    renamed.id = "Sample-v2"
    try sampleFile().check(renamed, file: "p")
  }

  @Test func anotherObservationSpaceIsRefusedWithBothPrinted() {
    var spec = sampleSpec
    spec.observation.leaves[0].shape = [2, 2]
    let error = #expect(throws: PolicyFileError.self) { try sampleFile().check(spec, file: "p") }
    #expect(error?.reason.contains("Box(4) f32") == true)
    #expect(error?.reason.contains("Box(2, 2) f32") == true)
  }

  @Test func spacesThatReadAlikeArePrintedInFull() {
    var spec = sampleSpec
    spec.observation.leaves[0].name = "pole"
    spec.observation.leaves.append(spec.observation.leaves[0])
    var file = sampleFile()
    file.observation = spec.observation
    // the layout of a picture is not part of the short description
    spec.observation.leaves[0].image = .hwc
    let error = #expect(throws: PolicyFileError.self) { try file.check(spec, file: "p") }
    #expect(error?.reason.contains("\"image\":\"hwc\"") == true)
  }

  @Test func anotherActionSpaceIsRefusedWithBothPrinted() {
    let spec = EnvironmentSpec(
      id: "Other", observation: sampleSpec.observation,
      action: Space([Leaf(kind: .discrete(count: 3, start: 0), element: .i64)]))
    let error = #expect(throws: PolicyFileError.self) { try sampleFile().check(spec, file: "p") }
    #expect(error?.reason.contains("action space Discrete(2)") == true)
    #expect(error?.reason.contains("Other has Discrete(3)") == true)
  }
}

/// Answers a little more than another policy.
private struct ShiftedPolicy: Policy {
  var own: LinearPolicy
  var shift: Float

  mutating func act(_ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]) {
    own.act(&step, deterministic: deterministic, random: &random)
  }

  mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    own.outputs(for: rows, count: count).map { $0 + shift }
  }

  func export() -> PolicyExport { own.export() }
}
