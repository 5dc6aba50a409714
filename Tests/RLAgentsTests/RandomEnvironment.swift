import RLCore

/// Lanes with random observations, rewards and ends, for any action space: what an agent does
/// changes only the rewards.
struct RandomEnvironment {
  let spec: EnvironmentSpec
  var batch: StepBatch
  private var random: RandomStream

  init(action: [Leaf], lanes: Int, seed: UInt64 = 1) {
    spec = EnvironmentSpec(
      id: "Random-v0",
      observation: Space([
        Leaf(name: "place", kind: .box(low: [-1, -1], high: [1, 1]), element: .f32, shape: [2]),
        Leaf(name: "kind", kind: .discrete(count: 3, start: 1), element: .i32),
      ]), action: Space(action))
    batch = StepBatch(spec, lanes: lanes)
    random = RandomStream(seed: seed)
    observe(\.observations, \.masks)
  }

  /// One leaf of every kind of action.
  static let mixed = [
    Leaf(name: "a", kind: .discrete(count: 3, start: 0), element: .i32, isMasked: true),
    Leaf(
      name: "b", kind: .multiDiscrete(counts: [2, 4], starts: [0, 0]), element: .i32, shape: [2]),
    Leaf(name: "c", kind: .multiBinary, element: .u8, shape: [2]),
    Leaf(name: "d", kind: .box(low: [-2, 0], high: [2, 1]), element: .f32, shape: [2]),
  ]
  static let choice = [Leaf(kind: .discrete(count: 3, start: 0), element: .i32)]
  static let controls = [
    Leaf(kind: .box(low: [-1, -1], high: [1, 1]), element: .f32, shape: [2])
  ]

  private mutating func observe(
    _ rows: WritableKeyPath<StepBatch, [UInt8]>, _ masks: WritableKeyPath<StepBatch, [UInt8]>
  ) {
    let length = spec.action.maskLength
    for lane in 0..<batch.lanes {
      for (word, bits) in [
        number.bitPattern, number.bitPattern, UInt32(1 + random.index(below: 3)),
      ]
      .enumerated() {
        for i in 0..<4 {
          batch[keyPath: rows][12 * lane + 4 * word + i] =
            UInt8(truncatingIfNeeded: bits >> UInt32(8 * i))
        }
      }
      for i in 0..<length { batch[keyPath: masks][length * lane + i] = 1 }
      if length > 0 { batch[keyPath: masks][length * lane + random.index(below: length)] = 0 }
    }
  }

  private var number: Float {
    mutating get { 2 * random.uniform() - 1 }
  }

  /// Answers the batch's actions.
  mutating func step() {
    let (choices, controls) = (spec.action.choices.count, spec.action.controlCount)
    for lane in 0..<batch.lanes {
      var reward = number
      for d in 0..<choices { reward += Float(batch.choices[lane * choices + d]) * 0.1 }
      for c in 0..<controls { reward -= batch.controls[lane * controls + c] * 0.1 }
      batch.rewards[lane] = reward
      let kind = random.index(below: 10)
      batch.terminated[lane] = kind == 0
      batch.truncated[lane] = kind == 1
    }
    observe(\.nextObservations, \.nextMasks)
  }

  /// Goes on to the next observations; episodes that ended start anew.
  mutating func advance() {
    batch.observations = batch.nextObservations
    batch.masks = batch.nextMasks
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
}
