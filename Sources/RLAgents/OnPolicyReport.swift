import RLCore
package import RLKernels

/// What a batch's loss is made of; means over the batch.
package struct LossTerms: Sendable, Equatable {
  package var policy = 0.0
  package var value = 0.0
  package var entropy = 0.0  // minus the mean entropy
  package var total = 0.0
  package var divergence = 0.0  // estimate of KL(old || new)
  package var clipped = 0.0  // share of ratios outside the clip range

  package init() {}

  /// The terms of a batch of `count` rows.
  package init(_ sums: PolicyLossSums, of loss: PolicyLoss, count: Int) {
    let rows = Double(count)
    policy = -sums.objective / rows
    value = sums.error / rows
    entropy = -sums.entropy / rows
    divergence = sums.divergence / rows
    clipped = sums.clipped / rows
    total = policy + Double(loss.entCoef) * entropy + Double(loss.vfCoef) * value
  }
}

/// Sums over the updates since the last log record.
struct OnPolicyReport: Sendable {
  /// Batches, steps, rollouts, rollouts whose returns vary, batches of the present epoch; and epochs
  /// of the whole run.
  private var counts = Counts()
  private var sums = LossTerms()  // its divergence: one mean for each rollout
  private var gradientNorm = 0.0
  private var explainedVariance = 0.0
  private var epochDivergence = 0.0

  private struct Counts: Sendable {
    var batches = 0
    var steps = 0
    var rollouts = 0
    var explained = 0
    var epochBatches = 0
    var epochs = 0
  }

  mutating func beginEpoch() {
    counts.epochBatches = 0
    epochDivergence = 0
  }

  mutating func add(_ terms: LossTerms) {
    counts.batches += 1
    counts.epochBatches += 1
    sums.policy += terms.policy
    sums.value += terms.value
    sums.entropy += terms.entropy
    sums.total += terms.total
    sums.clipped += terms.clipped
    epochDivergence += terms.divergence
  }

  mutating func add(gradientNorm: Float) {
    counts.steps += 1
    self.gradientNorm += Double(gradientNorm)
  }

  mutating func endEpoch() { counts.epochs += 1 }

  mutating func endRollout(explainedVariance: Double?) {
    counts.rollouts += 1
    sums.divergence += epochDivergence / Double(max(counts.epochBatches, 1))
    if let explainedVariance {
      counts.explained += 1
      self.explainedVariance += explainedVariance
    }
  }

  /// The means of what PPO and A2C have in common, under Stable-Baselines3's names, and its
  /// n_updates: passes over a rollout. Empty when there was no update. `policyLoss` is the name of
  /// that loss.
  func metrics(policyLoss: String) -> Metrics {
    var metrics = Metrics()
    guard counts.batches > 0 else { return metrics }
    let batches = Double(counts.batches)
    metrics.append("train/loss", sums.total / batches)
    metrics.append("train/\(policyLoss)", sums.policy / batches)
    metrics.append("train/value_loss", sums.value / batches)
    metrics.append("train/entropy_loss", sums.entropy / batches)
    if counts.steps > 0 { metrics.append("train/grad_norm", gradientNorm / Double(counts.steps)) }
    if counts.explained > 0 {
      metrics.append("train/explained_variance", explainedVariance / Double(counts.explained))
    }
    metrics.append("train/n_updates", Double(counts.epochs))
    return metrics
  }

  /// The mean over batches of the share of clipped ratios, and over rollouts of the last epoch's
  /// divergence; `nil` when there was no update.
  var clipping: (fraction: Double, divergence: Double)? {
    guard counts.batches > 0, counts.rollouts > 0 else { return nil }
    return (
      sums.clipped / Double(counts.batches), sums.divergence / Double(counts.rollouts)
    )
  }

  /// Starts anew; the epochs of the run stay.
  mutating func clear() {
    let epochs = counts.epochs
    self = OnPolicyReport()
    counts.epochs = epochs
  }

  init() {}

  static let wordCount = 15

  /// The sums as bit patterns, to be saved.
  var words: [UInt64] {
    [
      counts.batches, counts.steps, counts.rollouts, counts.explained, counts.epochBatches,
      counts.epochs,
    ].map { UInt64($0) }
      + [
        sums.policy, sums.value, sums.entropy, sums.total, sums.clipped, sums.divergence,
        gradientNorm, explainedVariance, epochDivergence,
      ].map(\.bitPattern)
  }

  /// Continues from saved words; counts are cut to 62 bits.
  init(words: [UInt64]) {
    let whole = words[..<6].map { Int($0 & .max >> 2) }
    let real = words[6...].map { Double(bitPattern: $0) }
    counts = Counts(
      batches: whole[0], steps: whole[1], rollouts: whole[2], explained: whole[3],
      epochBatches: whole[4], epochs: whole[5])
    (sums.policy, sums.value, sums.entropy) = (real[0], real[1], real[2])
    (sums.total, sums.clipped, sums.divergence) = (real[3], real[4], real[5])
    (gradientNorm, explainedVariance, epochDivergence) = (real[6], real[7], real[8])
  }
}
