import RLCore
import RLNetworks
import RLParallel

/// What is computed of a rollout before learning: values, advantages and returns.
struct RolloutEstimates: Sendable {
  var values: [Float]  // [T + 1, N]
  var advantages: [Float]  // [T, N]
  var returns: [Float]  // [T, N]
  /// Of the final observations of a step's episodes that were cut off, else 0.
  private(set) var finalValues: [Float]  // [N]
  /// Steps from the rollout's first on whose values are known from acting.
  private var judgedSteps = 0

  private var tape: ActorCriticTape
  private var indices: [Int32]  // rows of a block
  private var blockValues: [Float]

  /// Observations are judged in blocks of so many: enough work for some threads, little memory.
  private static let blockSize = 1024

  init(_ network: ActorCritic, _ rollout: Rollout) {
    let size = min(Self.blockSize, rollout.rows + rollout.lanes)
    values = Array(repeating: 0, count: rollout.rows + rollout.lanes)
    advantages = Array(repeating: 0, count: rollout.rows)
    returns = advantages
    finalValues = Array(repeating: 0, count: rollout.lanes)
    tape = network.makeTape(rows: size, for: .value)
    indices = Array(repeating: 0, count: size)
    blockValues = Array(repeating: 0, count: size)
  }

  /// Takes over the values that acting on a step has computed, a row's in `column`; only behind
  /// those of the step before. They have the bits that judging the observations gives.
  mutating func record(
    _ side: borrowing ActorCriticTape.Side, column: Int, at step: Int, lanes: Int
  ) {
    guard step == judgedSteps else { return }
    for lane in 0..<lanes {
      values[step * lanes + lane] = side.output[lane * side.outputStride + column]
    }
    judgedSteps += 1
  }

  /// Forgets values of a rollout that is not full.
  mutating func forgetValues() { judgedSteps = 0 }

  /// Writes the values of every observation of a full rollout, and from them the advantages and
  /// returns.
  mutating func estimate(
    _ rollout: borrowing Rollout, _ network: borrowing ActorCritic, _ encoder: ObservationEncoder,
    gamma: Float, lambda: Float, pool: WorkerPool
  ) {
    let first = judgedSteps * rollout.lanes
    judgedSteps = 0
    for start in stride(from: first, to: values.count, by: indices.count) {
      let count = min(indices.count, values.count - start)
      for i in 0..<count { indices[i] = Int32(truncatingIfNeeded: start + i) }
      judge(rollout.observations, count, network, encoder, pool)
      for i in 0..<count { values[start + i] = blockValues[i] }
    }
    estimateAdvantages(
      rewards: rollout.rewards, values: values, ends: rollout.ends,
      finalValues: rollout.finalValues, lanes: rollout.lanes, gamma: gamma, lambda: lambda,
      advantages: &advantages, returns: &returns)
  }

  /// Writes the values of the true final observations of episodes that were cut off by this step.
  mutating func judgeFinals(
    of step: borrowing StepBatch, _ network: borrowing ActorCritic, _ encoder: ObservationEncoder,
    pool: WorkerPool
  ) {
    var count = 0
    for lane in 0..<step.lanes {
      finalValues[lane] = 0
      guard step.truncated[lane], !step.terminated[lane] else { continue }
      indices[count] = Int32(truncatingIfNeeded: lane)
      count += 1
      if count == indices.count {
        judgeFinals(step, count, network, encoder, pool)
        count = 0
      }
    }
    if count > 0 { judgeFinals(step, count, network, encoder, pool) }
  }

  private mutating func judgeFinals(
    _ step: borrowing StepBatch, _ count: Int, _ network: borrowing ActorCritic,
    _ encoder: ObservationEncoder, _ pool: WorkerPool
  ) {
    judge(step.nextObservations, count, network, encoder, pool)
    for i in 0..<count { finalValues[Int(indices[i])] = blockValues[i] }
  }

  /// Values of the first `count` of `indices`.
  private mutating func judge(
    _ observations: [UInt8], _ count: Int, _ network: borrowing ActorCritic,
    _ encoder: ObservationEncoder, _ pool: WorkerPool
  ) {
    encoder.encode(
      gathering: indices, count: count, from: observations, into: &tape.input,
      stride: tape.inputStride)
    network.forwardValue(&tape, rows: count, values: &blockValues, pool: pool)
  }

  /// 1 - Var(returns - values) / Var(returns): how much of the returns the values explain; `nil`
  /// when the returns do not vary.
  var explainedVariance: Double? {
    let variance = Self.variance(returns)
    return variance == 0 ? nil : 1 - Self.variance(advantages) / variance
  }

  private static func variance(_ values: [Float]) -> Double {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return squares / Double(values.count)
  }
}
