import RLCore
import RLEnvironments
import Testing

/// Every dtype in both directions: the plugin's observation repeats its action, bit for bit.
@Suite struct LeafTypeTests {
  private func make(lanes: Int) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.source("mirror", mirrorSource)), lanes: lanes,
      instances: 2, plan: .training(seed: 1))
  }

  @Test func actionsReachThePluginInItsOwnTypesAndWithTheirStarts() throws {
    var environment = try make(lanes: 3)
    let action = environment.spec.action
    #expect(action.choices.map(\.count) == [4, 3, 2, 300, 5, 2, 2])
    #expect(action.low == [-1, -2, -100, 0])
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    for lane in 0..<3 {
      let choices: [Int32] = [3, Int32(lane), 1, 299, 4, Int32(lane % 2), 1]
      for (k, choice) in choices.enumerated() { batch.choices[lane * 7 + k] = choice }
      let controls: [Float] = [0.25, lane == 0 ? -9 : 1.5, 41.6, .infinity]
      for (k, control) in controls.enumerated() { batch.controls[lane * 4 + k] = control }
    }
    try environment.step(&batch)
    let layout = RowLayout(environment.spec.observation)
    for lane in 0..<3 {
      let row = Array(batch.nextObservations[lane * layout.rowBytes..<(lane + 1) * layout.rowBytes])
      func field(_ name: String) throws -> [UInt8] {
        let field = try #require(layout.fields.first { $0.leaf.name == name })
        return Array(row[field.offset..<field.offset + field.byteCount])
      }
      #expect(try field("u8") == [13])  // 10 + 3
      #expect(try field("i64") == little(Int64(-5 + lane)))
      #expect(try field("pair") == little(Int16(-7 + 1)) + little(Int16(299)))
      #expect(try field("plain") == little(Int32(4)))
      #expect(try field("bits") == [UInt8(lane % 2), 1])
      #expect(try field("f32").floats == [0.25])
      #expect(try field("f64").floats == [lane == 0 ? -2 : 1.5])  // clipped, then rounded
      #expect(try field("i16") == little(Int16(42)))  // to the nearest
      #expect(try field("bool") == [1])
    }
  }

  private func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }

  @Test func anActionOutsideItsSpaceIsTheAgentsMistake() async {
    await #expect(processExitsWith: .failure) {
      var environment = try VectorEnvironment(
        EnvironmentPlugin(path: BuiltPlugin.plugin("template")), lanes: 1,
        plan: .training(seed: 1))
      var batch = StepBatch(environment.spec, lanes: 1)
      try environment.reset(&batch)
      batch.choices[0] = 2
      try environment.step(&batch)
    }
  }

  @Test func aForbiddenActionIsTheAgentsMistake() async {
    await #expect(processExitsWith: .failure) {
      var environment = try VectorEnvironment(
        EnvironmentPlugin(path: BuiltPlugin.plugin("probes")), id: "MaskedBandit-v0", lanes: 1,
        plan: .training(seed: 1))
      var batch = StepBatch(environment.spec, lanes: 1)
      try environment.reset(&batch)
      batch.choices[0] = Int32(batch.masks.firstIndex(of: 0) ?? 0)
      try environment.step(&batch)
    }
  }

  @Test func masksAreCarriedThrough() throws {
    var environment = try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.plugin("probes")), id: "MaskedBandit-v0", lanes: 2,
      plan: .training(seed: 1))
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    for step in 0..<6 {
      for lane in 0..<2 {
        let context = batch.observations.floats[lane * 2]
        let mask = Array(batch.masks[lane * 4..<lane * 4 + 4])
        #expect(mask == (context < 0 ? [1, 1, 0, 0] : [0, 0, 1, 1]))
        batch.choices[lane] = context < 0 ? 0 : 3
      }
      try environment.step(&batch)
      // a terminal row's mask means nothing, and allows everything
      let isLast = step % 2 == 1
      #expect(batch.terminated == [isLast, isLast])
      #expect(batch.nextMasks.reduce(0) { $0 + Int($1) } == (isLast ? 8 : 4))
      try environment.advance(&batch)
    }
  }

  @Test func theRightAnswerToEveryLeafIsPaidInFull() throws {
    var environment = try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.plugin("probes")), id: "DictEcho-v0", lanes: 1,
      plan: .training(seed: 6))
    let layout = RowLayout(environment.spec.observation)
    let offsets = Dictionary(uniqueKeysWithValues: layout.fields.map { ($0.leaf.name, $0.offset) })
    var batch = StepBatch(environment.spec, lanes: 1)
    try environment.reset(&batch)
    for _ in 0..<12 {
      let row = batch.observations
      let pair = try #require(offsets["nested/pair"])
      let real = try #require(offsets["nested/real"])
      batch.choices = [
        Int32(row[try #require(offsets["level"])]) - 3, Int32(row[pair]),
        Int32(Int8(bitPattern: row[pair + 2])) + 2, Int32(row[try #require(offsets["bits"])]),
        row[try #require(offsets["bytes"])] >= 128 ? 1 : 0,
        Array(row[real..<real + 4]).floats[0] >= 0 ? 1 : 0,
      ]
      try environment.step(&batch)
      #expect(batch.rewards == [1])
      try environment.advance(&batch)
    }
  }
}

private let mirrorSource = """
  #define RLENV_SIMPLE_LEAVES 9
  #include "rlenv_simple.h"
  #include <math.h>
  typedef struct { rlenv_rng rng; } State;
  enum { LEAVES = 9 };
  #define LIST \\
      RLENV_DISCRETE_FROM("u8", RLENV_U8, 4, 10, ""), RLENV_DISCRETE_FROM("i64", RLENV_I64, 3, -5, ""), \\
      RLENV_MULTI_DISCRETE_FROM("pair", RLENV_I16, pair, starts, ""), RLENV_DISCRETE("plain", 5, ""), \\
      RLENV_MULTI_BINARY("bits", 2, ""), RLENV_BOX("f32", RLENV_F32, -1, 1, "", 1), \\
      RLENV_BOX("f64", RLENV_F64, -2, 1.5, "", 1), RLENV_BOX("i16", RLENV_I16, -100, 100, "", 1), \\
      RLENV_BOX("bool", RLENV_BOOL, 0, 1, "", 1)
  static const int64_t pair[] = { 2, 300 }, starts[] = { -7, 0 };
  static const size_t sizes[LEAVES] = { 1, 8, 4, 4, 2, 4, 8, 2, 1 };
  static int reset_state(State *s, rlenv_cell *c) {
      int16_t two[2] = { -7, 0 };
      int64_t first = -5;
      int k;
      (void)s;
      for (k = 0; k < LEAVES; k++) memset(c->obs[k], 0, sizes[k]);
      *(uint8_t *)c->obs[0] = 10;
      memcpy(c->obs[1], &first, 8);
      memcpy(c->obs[2], two, 4);
      return 0;
  }
  static int step_state(State *s, rlenv_cell *c) {
      int k;
      (void)s;
      for (k = 0; k < LEAVES; k++) memcpy(c->obs[k], c->act[k], sizes[k]);
      return 0;
  }
  RLENV_SIMPLE(State, reset_state, step_state)
  static const rlenv_leaf leaves[] = { LIST };
  static const rlenv_env environments[] = { RLENV_ENV("Mirror-v0", "Repeats its action.", 0, 5, NAN, 0, 0,
      RLENV_EMPTY, RLENV_LIST(leaves), RLENV_LIST(leaves), RLENV_EMPTY, RLENV_SIMPLE_CALLS(State)) };
  RLENV_SIMPLE_PLUGIN(environments, "org.example.mirror", "1.0.0", "Repeats its action")
  """
