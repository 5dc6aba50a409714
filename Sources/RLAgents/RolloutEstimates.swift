import RLKernels
import RLNetworks

/// What is computed of a rollout before learning: values, advantages and returns.
struct RolloutEstimates: Sendable {
  var values: [Float]  // [T + 1, N]
  var advantages: [Float]  // [T, N]
  var returns: [Float]  // [T, N]
  /// Steps from the rollout's first on whose values are known from acting.
  private var judgedSteps = 0
  private var block: ValueBlock

  /// Observations are judged in blocks of so many: enough work for some threads, little memory.
  private static let blockSize = 1024

  init(_ network: ActorCritic, _ rollout: Rollout) {
    values = Array(repeating: 0, count: rollout.rows + rollout.lanes)
    advantages = Array(repeating: 0, count: rollout.rows)
    returns = advantages
    block = ValueBlock(network, size: min(Self.blockSize, rollout.rows + rollout.lanes))
  }

  /// Takes over the values that acting has computed in some steps of some lanes, if those of all steps
  /// before are known. They have the bits that judging the observations gives.
  ///
  /// - Parameters:
  ///   - acted: `[steps, lanes of the group]`.
  ///   - steps: how many.
  ///   - group: whose they are.
  ///   - first: the rollout's step that the first of them is.
  ///   - lanes: of the rollout.
  mutating func record(
    _ acted: [Float], steps: Int, lanes group: Range<Int>, from first: Int, lanes: Int
  ) {
    guard first <= judgedSteps else { return }
    copyRows(
      acted, rows: steps, width: group.count, to: &values, at: first * lanes + group.lowerBound,
      stride: lanes)
    judgedSteps = max(judgedSteps, first + steps)
  }

  /// Forgets values of a rollout that is not full.
  mutating func forgetValues() { judgedSteps = 0 }

  /// Writes the values of every observation of a full rollout, and from them the advantages and
  /// returns.
  mutating func estimate(
    _ rollout: borrowing Rollout, _ actor: inout Actor, gamma: Float, lambda: Float
  ) {
    let first = judgedSteps * rollout.lanes
    judgedSteps = 0
    for start in stride(from: first, to: values.count, by: block.indices.count) {
      let count = min(block.indices.count, values.count - start)
      for i in 0..<count { block.indices[i] = Int32(truncatingIfNeeded: start + i) }
      block.judge(rollout.observations, count: count, &actor)
      for i in 0..<count { values[start + i] = block.values[i] }
    }
    estimateAdvantages(
      rewards: rollout.rewards, values: values, ends: rollout.ends,
      finalValues: rollout.finalValues, lanes: rollout.lanes, gamma: gamma, lambda: lambda,
      advantages: &advantages, returns: &returns, pool: actor.pool)
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
