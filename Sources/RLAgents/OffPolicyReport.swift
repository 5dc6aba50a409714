import RLCore

/// Sums over the updates since the last log record of DDPG, TD3 and SAC.
struct OffPolicyReport: Sendable {
  private var updates = 0
  private var actorUpdates = 0
  private var criticLoss = 0.0
  private var actorLoss = 0.0
  private var q = 0.0
  private var entCoef = 0.0
  private var entCoefLoss = 0.0
  private var entropy = 0.0

  mutating func add(criticLoss: Float) {
    updates += 1
    self.criticLoss += Double(criticLoss)
  }

  mutating func add(actorLoss: Float, q: Float) {
    actorUpdates += 1
    self.actorLoss += Double(actorLoss)
    self.q += Double(q)
  }

  mutating func add(entCoef: Float, loss: Float, entropy: Float) {
    self.entCoef += Double(entCoef)
    entCoefLoss += Double(loss)
    self.entropy += Double(entropy)
  }

  /// The means, under Stable-Baselines3's names where the meaning is the same; then starts anew.
  mutating func take(learningRate: Float, total: Int) -> Metrics {
    var metrics = Metrics()
    guard updates > 0 else { return metrics }
    if actorUpdates > 0 {
      metrics.append("train/actor_loss", actorLoss / Double(actorUpdates))
      metrics.append("train/q_mean", q / Double(actorUpdates))
    }
    metrics.append("train/critic_loss", criticLoss / Double(updates))
    metrics.append("train/learning_rate", Double(learningRate))
    metrics.append("train/n_updates", Double(total))
    self = OffPolicyReport()
    return metrics
  }

  /// The means of SAC's temperature and entropy; `take` starts anew, so these come first.
  func temperature(isLearned: Bool) -> Metrics {
    var metrics = Metrics()
    guard updates > 0 else { return metrics }
    metrics.append("train/ent_coef", entCoef / Double(updates))
    if isLearned { metrics.append("train/ent_coef_loss", entCoefLoss / Double(updates)) }
    metrics.append("train/entropy", entropy / Double(updates))
    return metrics
  }

  static let wordCount = 8

  /// The sums as bit patterns, to be saved.
  var words: [UInt64] {
    [
      UInt64(updates), UInt64(actorUpdates), criticLoss.bitPattern, actorLoss.bitPattern,
      q.bitPattern, entCoef.bitPattern, entCoefLoss.bitPattern, entropy.bitPattern,
    ]
  }

  init() {}

  /// Continues from saved words; counts are cut to 62 bits.
  init(words: [UInt64]) {
    updates = Int(words[0] & .max >> 2)
    actorUpdates = Int(words[1] & .max >> 2)
    criticLoss = Double(bitPattern: words[2])
    actorLoss = Double(bitPattern: words[3])
    q = Double(bitPattern: words[4])
    entCoef = Double(bitPattern: words[5])
    entCoefLoss = Double(bitPattern: words[6])
    entropy = Double(bitPattern: words[7])
  }
}
