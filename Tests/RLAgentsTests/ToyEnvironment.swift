import RLCore

/// A known small task, stepped by hand: every lane counts its steps and shows the count.
///
/// The observation is the step within the episode, as one float; the reward is `reward(step,
/// choice)`; an episode lasts `length(lane)` steps and ends as `ending` says.
struct ToyEnvironment {
  enum Ending {
    case terminated
    case truncated
  }

  let spec: EnvironmentSpec
  var batch: StepBatch
  let ending: Ending
  private let length: @Sendable (Int) -> Int
  private let reward: @Sendable (Int, Int) -> Float
  private var clock: [Int]

  init(
    lanes: Int = 1, choices: Int = 2, isMasked: Bool = false, ending: Ending = .terminated,
    length: @escaping @Sendable (Int) -> Int, reward: @escaping @Sendable (Int, Int) -> Float
  ) {
    spec = Self.spec(choices: choices, isMasked: isMasked)
    batch = StepBatch(spec, lanes: lanes)
    clock = Array(repeating: 0, count: lanes)
    self.ending = ending
    self.length = length
    self.reward = reward
    for lane in 0..<lanes { Self.show(0, lane, in: &batch.observations) }
  }

  static func spec(choices: Int, isMasked: Bool = false) -> EnvironmentSpec {
    EnvironmentSpec(
      id: "Toy-v0",
      observation: Space([Leaf(kind: .box(low: [0], high: [1e9]), element: .f32, shape: [1])]),
      action: Space([
        Leaf(
          kind: .discrete(count: choices, start: 0), element: .i32, isMasked: isMasked)
      ]))
  }

  /// Answers the batch's choices.
  mutating func step() {
    for lane in 0..<batch.lanes {
      batch.rewards[lane] = reward(clock[lane], Int(batch.choices[lane]))
      clock[lane] += 1
      let ends = clock[lane] == length(lane)
      batch.terminated[lane] = ends && ending == .terminated
      batch.truncated[lane] = ends && ending == .truncated
      Self.show(clock[lane], lane, in: &batch.nextObservations)
    }
    batch.nextMasks = batch.masks
  }

  /// Starts the next episode of lanes that ended.
  mutating func advance() {
    batch.observations = batch.nextObservations
    for lane in 0..<batch.lanes where batch.terminated[lane] || batch.truncated[lane] {
      clock[lane] = 0
      Self.show(0, lane, in: &batch.observations)
    }
  }

  /// Runs `iterations` of act, step, observe, learn, advance.
  mutating func train(_ agent: inout some Agent, iterations: Int) throws {
    for _ in 0..<iterations {
      agent.act(&batch)
      step()
      agent.observe(batch)
      _ = try agent.learn()
      advance()
    }
  }

  static func show(_ value: Int, _ lane: Int, in rows: inout [UInt8]) {
    let bits = Float(value).bitPattern
    for i in 0..<4 { rows[4 * lane + i] = UInt8(truncatingIfNeeded: bits >> UInt32(8 * i)) }
  }

  static func value(_ row: Int, in rows: [UInt8]) -> Int {
    var bits: UInt32 = 0
    for i in 0..<4 { bits |= UInt32(rows[4 * row + i]) << UInt32(8 * i) }
    return Int(Float(bitPattern: bits))
  }
}
