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
public func estimateAdvantages(
  rewards: [Float], values: [Float], ends: [Bool], finalValues: [Float], lanes: Int, gamma: Float,
  lambda: Float, advantages: inout [Float], returns: inout [Float]
) {
  let rows = rewards.count
  precondition(rows % lanes == 0 && values.count == rows + lanes, "\(values.count) values")
  precondition(ends.count == rows && finalValues.count == rows, "not [T, N]")
  precondition(advantages.count == rows && returns.count == rows, "not [T, N]")
  let decay = gamma * lambda
  for row in (0..<rows).reversed() {
    let next = ends[row] ? finalValues[row] : values[row + lanes]
    var advantage = rewards[row] + gamma * next - values[row]
    if !ends[row], row + lanes < rows { advantage += decay * advantages[row + lanes] }
    advantages[row] = advantage
    returns[row] = advantage + values[row]
  }
}
