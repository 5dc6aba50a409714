import RLCore
import RLNetworks

/// Values of observations, a block at a time; allocated once.
struct ValueBlock: Sendable {
  /// Rows that are judged; to be filled in.
  var indices: [Int32]
  private(set) var values: [Float]
  private var tape: ActorCriticTape

  init(_ network: ActorCritic, size: Int) {
    indices = Array(repeating: 0, count: size)
    values = Array(repeating: 0, count: size)
    tape = network.makeTape(rows: size, for: .value)
  }

  /// Writes the values of the rows of `observations` that the first `count` of `indices` name.
  mutating func judge(_ observations: [UInt8], count: Int, _ actor: inout Actor) {
    actor.encoder.encode(
      gathering: indices, count: count, from: observations, into: &tape.input,
      stride: tape.inputStride)
    actor.network.forwardValue(&tape, rows: count, values: &values, pool: actor.pool)
  }
}

/// Values of the true final observations of episodes that a step cut off.
struct FinalValues: Sendable {
  private(set) var values: [Float]  // [N], 0 for the other lanes
  private var block: ValueBlock

  /// Ends are rare: few lanes are judged at a time.
  static let blockSize = 64

  init(_ network: ActorCritic, lanes: Int) {
    values = Array(repeating: 0, count: lanes)
    block = ValueBlock(network, size: min(Self.blockSize, lanes))
  }

  /// Writes the values for a step of these lanes.
  mutating func judge(_ step: borrowing StepBatch, _ actor: inout Actor) {
    var count = 0
    for lane in 0..<step.lanes {
      values[lane] = 0
      guard step.truncated[lane], !step.terminated[lane] else { continue }
      block.indices[count] = Int32(truncatingIfNeeded: lane)
      count += 1
      if count == block.indices.count {
        judge(step, count, &actor)
        count = 0
      }
    }
    if count > 0 { judge(step, count, &actor) }
  }

  private mutating func judge(
    _ step: borrowing StepBatch, _ count: Int, _ actor: inout Actor
  ) {
    block.judge(step.nextObservations, count: count, &actor)
    for i in 0..<count { values[Int(block.indices[i])] = block.values[i] }
  }
}
