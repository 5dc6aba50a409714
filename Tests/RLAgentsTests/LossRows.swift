import RLAgents
import RLKernels

/// What a policy-gradient loss reads of each row of a batch, and the slopes that it writes.
struct LossRows: Sendable {
  var oldLogProbabilities: [Float]  // [B] when the action was drawn
  var advantages: [Float]  // [B]
  var returns: [Float]  // [B]
  var oldValues: [Float]  // [B] before the update
  var values: [Float]  // [B] now

  var slopes: HeadSlopes  // at log-probabilities and entropies
  var valueSlopes: [Float]  // [B]

  /// Room for `size` rows.
  init(size: Int) {
    let zeros = [Float](repeating: 0, count: size)
    (oldLogProbabilities, advantages, returns, oldValues) = (zeros, zeros, zeros, zeros)
    values = zeros
    slopes = HeadSlopes(logProbability: zeros, entropy: zeros)
    valueSlopes = zeros
  }

  /// Shifts and scales the first `count` advantages to mean 0 and standard deviation 1, as
  /// Stable-Baselines3: (A - mean) / (deviation + 1e-8), the deviation with `count` - 1. A single
  /// one stays as it is.
  mutating func normalizeAdvantages(_ count: Int) {
    normalize(&advantages, count: count)
  }

  /// Evaluates a loss at the first `count` rows and writes its slopes.
  mutating func evaluate(
    _ loss: PolicyLoss, _ logProbabilities: [Float], _ entropies: [Float], _ count: Int
  ) -> LossTerms {
    var sums = PolicyLossSums()
    policyLoss(
      loss, count: count, logProbabilities: logProbabilities,
      oldLogProbabilities: oldLogProbabilities, advantages: advantages, entropies: entropies,
      slopes: &slopes, sums: &sums)
    valueLoss(
      loss, count: count, values: values, oldValues: oldValues, returns: returns,
      slopes: &valueSlopes, sums: &sums)
    return LossTerms(sums, of: loss, count: count)
  }
}

extension ClippedObjective {
  func evaluate(
    _ rows: inout LossRows, logProbabilities: [Float], entropies: [Float], count: Int
  ) -> LossTerms {
    rows.evaluate(loss, logProbabilities, entropies, count)
  }
}

extension PolicyGradientObjective {
  func evaluate(
    _ rows: inout LossRows, logProbabilities: [Float], entropies: [Float], count: Int
  ) -> LossTerms {
    rows.evaluate(loss, logProbabilities, entropies, count)
  }
}
