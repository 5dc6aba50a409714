public import RLParallel

/// Generalised advantage estimation (Schulman et al. 2016, equation 16), and the lambda-returns
/// A + V:
///
/// delta_t = r_t + gamma V(s_t+1) - V(s_t),  A_t = delta_t + gamma lambda A_t+1.
///
/// Where an episode ended, the chain is cut: A_t = delta_t, with the value of the true final
/// observation if it was cut off, and none if the task ended. With `lambda` 1 it is the n-step
/// advantage (Mnih et al. 2016) over the rest of the rollout.
///
/// - Parameters:
///   - rewards: `[T, N]`.
///   - values: `[T + 1, N]`, of the observations acted on and of those behind the last step.
///   - ends: `[T, N]`, whether the episode ended with the step.
///   - finalValues: `[T, N]`, V(s_t+1) where the episode was cut off; 0 where the task ended.
///   - lanes: N.
///   - gamma: the discount of a step.
///   - lambda: how far rewards count before values do.
///   - advantages: `[T, N]`, overwritten.
///   - returns: `[T, N]`, overwritten.
///   - pool: the threads; the bits do not depend on their number.
public func estimateAdvantages(
  rewards: [Float], values: [Float], ends: [Bool], finalValues: [Float], lanes: Int, gamma: Float,
  lambda: Float, advantages: inout [Float], returns: inout [Float], pool: WorkerPool = .single
) {
  let rows = rewards.count
  precondition(rows % lanes == 0 && values.count == rows + lanes, "\(values.count) values")
  precondition(ends.count == rows && finalValues.count == rows, "not [T, N]")
  precondition(advantages.count == rows && returns.count == rows, "not [T, N]")
  unsafe withAddresses(rewards, values, ends, finalValues) { rewards, values, ends, finalValues in
    unsafe withMutableAddresses(&advantages, &returns) { advantages, returns in
      guard let rewards = unsafe rewards, let values = unsafe values, let ends = unsafe ends,
        let finalValues = unsafe finalValues, let advantages = unsafe advantages,
        let returns = unsafe returns
      else { return }
      let pass = unsafe AdvantagePass(
        steps: rows / lanes, lanes: lanes, gamma: gamma, decay: gamma * lambda, rewards: rewards,
        values: values, ends: ends, finalValues: finalValues, advantages: advantages,
        returns: returns)
      pass.run((lanes + AdvantagePass.width - 1) / AdvantagePass.width, on: pool)
    }
  }
}

/// Some lanes from their last step to their first. Written so that lanes are worked on side by side.
@safe private struct AdvantagePass: PoolJob {
  static let width = 256  // lanes of a task

  let steps: Int
  let lanes: Int
  let gamma: Float
  let decay: Float
  let rewards: UnsafePointer<Float>
  let values: UnsafePointer<Float>
  let ends: UnsafePointer<Bool>
  let finalValues: UnsafePointer<Float>
  let advantages: UnsafeMutablePointer<Float>
  let returns: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: AdvantagePass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let first = index * Self.width
    let count = min(Self.width, lanes - first)
    for step in (0..<steps).reversed() {
      let row = step * lanes + first
      for i in row..<row + count { unsafe advantages[i] = delta(i) }
      if step + 1 < steps { continueChains(row, count) }
      for i in row..<row + count { unsafe returns[i] = unsafe advantages[i] + values[i] }
    }
  }

  @inline(__always) private func delta(_ i: Int) -> Float {
    let next = unsafe ends[i] ? finalValues[i] : values[i + lanes]
    return unsafe rewards[i] + gamma * next - values[i]
  }

  @inline(__always) private func continueChains(_ row: Int, _ count: Int) {
    for i in row..<row + count {
      let (delta, rest) = unsafe (advantages[i], decay * advantages[i + lanes])
      unsafe advantages[i] = unsafe ends[i] ? delta : delta + rest
    }
  }
}
