/// Turns an environment's rewards into those that an agent learns from.
///
/// Normalised are they as by Stable-Baselines3's `VecNormalize`: divided by the running deviation of
/// the discounted return, which is updated first. A lane's return starts at 0 with each episode.
/// (Gymnasium 1.4 leaves the past out of the return of a terminating step, and unless it resets in
/// the same step it carries that of a truncated episode over into the next.)
struct RewardWrappers: Sendable {
  private let factor: Double
  private let gamma: Double
  private let epsilon: Double
  private let limit: Float
  /// Of the discounted returns; `nil` where rewards are not normalised.
  private(set) var moments: RunningMoments?
  private(set) var returns: [Double]  // [N] discounted, of the running episodes

  init(_ configuration: WrapperConfiguration, lanes: Int) {
    factor = configuration.rewardScale
    gamma = configuration.gamma ?? WrapperConfiguration.usualGamma
    epsilon = configuration.epsilon
    limit = configuration.rewardLimit.map { Float($0) } ?? .greatestFiniteMagnitude
    moments = configuration.normalizeReward ? RunningMoments(columns: 1) : nil
    returns = Array(repeating: 0, count: configuration.normalizeReward ? lanes : 0)
  }

  /// Continues from what was saved.
  mutating func adopt(_ moments: RunningMoments, returns: [Double]) {
    self.moments = moments
    self.returns = returns
  }

  /// Forgets the running episodes.
  mutating func begin() {
    for lane in returns.indices { returns[lane] = 0 }
  }

  /// Changes the rewards of a step.
  mutating func apply(_ rewards: inout [Float], terminated: [Bool], truncated: [Bool]) {
    let scale = factor * learn(rewards)
    for lane in rewards.indices {
      let reward = Float(Double(rewards[lane]) * scale)
      rewards[lane] = min(max(reward, -limit), limit)
    }
    for lane in returns.indices where terminated[lane] || truncated[lane] { returns[lane] = 0 }
  }

  /// Takes the rewards, after `factor`, into the returns and their statistics.
  ///
  /// - Returns: one over the deviation of the returns; 1 where they are not normalised.
  private mutating func learn(_ rewards: [Float]) -> Double {
    guard moments != nil else { return 1 }
    var sum = 0.0
    for lane in returns.indices {
      returns[lane] = returns[lane] * gamma + Double(rewards[lane]) * factor
      sum += returns[lane]
    }
    let mean = sum / Double(returns.count)
    var squares = 0.0
    for value in returns { squares += (value - mean) * (value - mean) }
    moments?.join(rows: returns.count, mean: mean, squares: squares)
    return 1 / ((moments?.variance[0] ?? 1) + epsilon).squareRoot()
  }
}
