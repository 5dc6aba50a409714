import RLCore

/// Sums over the updates since the last log record.
struct UpdateReport: Sendable {
  private var updates = 0
  private var total = 0  // updates of the whole run
  private var loss = 0.0
  private var gradientNorm = 0.0
  private var q = 0.0
  private var qCount = 0

  mutating func add(loss: Float, gradientNorm: Float) {
    updates += 1
    total += 1
    self.loss += Double(loss)
    self.gradientNorm += Double(gradientNorm)
  }

  mutating func add(q: Float) {
    self.q += Double(q)
    qCount += 1
  }

  /// The means, under Stable-Baselines3's names where the meaning is the same; then starts anew.
  mutating func take(epsilon: Float, learningRate: Float) -> Metrics {
    var metrics: Metrics = ["rollout/exploration_rate": Double(epsilon)]
    if updates > 0 {
      metrics.append("train/loss", loss / Double(updates))
      metrics.append("train/grad_norm", gradientNorm / Double(updates))
      metrics.append("train/q_mean", q / Double(max(qCount, 1)))
      metrics.append("train/learning_rate", Double(learningRate))
      metrics.append("train/n_updates", Double(total))
    }
    self = UpdateReport(total: total)
    return metrics
  }

  init() {}

  private init(total: Int) { self.total = total }

  static let wordCount = 6

  /// The sums as bit patterns, to be saved.
  var words: [UInt64] {
    [
      UInt64(updates), UInt64(total), loss.bitPattern, gradientNorm.bitPattern, q.bitPattern,
      UInt64(qCount),
    ]
  }

  /// Continues from saved words; counts are cut to 62 bits.
  init(words: [UInt64]) {
    updates = Int(words[0] & .max >> 2)
    total = Int(words[1] & .max >> 2)
    loss = Double(bitPattern: words[2])
    gradientNorm = Double(bitPattern: words[3])
    q = Double(bitPattern: words[4])
    qCount = Int(words[5] & .max >> 2)
  }
}
