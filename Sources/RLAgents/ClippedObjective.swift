import RLKernels

/// The loss of PPO (Schulman et al. 2017, equation 9, with the clipped objective of equation 7):
///
/// -mean(min(r A, clip(r, 1 - epsilon, 1 + epsilon) A)) + vfCoef mean((V - R)^2)
/// - entCoef mean(H), with r = pi(a | s) / pi_old(a | s).
package struct ClippedObjective: Sendable {
  package var clipRange: Float
  package var clipRangeVf: Float?
  package var entCoef: Float
  package var vfCoef: Float

  package init(clipRange: Float, clipRangeVf: Float?, entCoef: Float, vfCoef: Float) {
    self.clipRange = clipRange
    self.clipRangeVf = clipRangeVf
    self.entCoef = entCoef
    self.vfCoef = vfCoef
  }

  /// Evaluates the loss of the first `count` rows and writes its slopes.
  ///
  /// - Parameters:
  ///   - rows: with advantages that are normalised already, if they are to be.
  ///   - logProbabilities: `[B]`, of the actions now.
  ///   - entropies: `[B]`.
  ///   - count: rows of the batch.
  /// - Returns: the loss and its parts.
  package func evaluate(
    _ rows: inout LossRows, logProbabilities: [Float], entropies: [Float], count: Int
  ) -> LossTerms {
    var terms = LossTerms()
    evaluatePolicy(&rows, logProbabilities, count, &terms)
    terms.entropy = rows.addEntropyBonus(entropies, count, entCoef: entCoef)
    terms.value = rows.addValueLoss(count, vfCoef: vfCoef, clipRange: clipRangeVf)
    terms.total = terms.policy + Double(entCoef) * terms.entropy + Double(vfCoef) * terms.value
    return terms
  }

  /// The clipped objective; and the estimate mean((r - 1) - log r) of KL(old || new), which is
  /// unbiased and never negative (Schulman 2020, "Approximating KL divergence").
  private func evaluatePolicy(
    _ rows: inout LossRows, _ logProbabilities: [Float], _ count: Int, _ terms: inout LossTerms
  ) {
    for i in 0..<count { rows.ratios[i] = logProbabilities[i] - rows.oldLogProbabilities[i] }
    apply(.exp, to: &rows.ratios)
    let (low, high, scale) = (1 - clipRange, 1 + clipRange, -1 / Float(count))
    var (objective, divergence, clipped) = (0.0, 0.0, 0)
    for i in 0..<count {
      let (ratio, advantage) = (rows.ratios[i], rows.advantages[i])
      let free = ratio * advantage
      let held = min(max(ratio, low), high) * advantage
      // where the clipped term is the smaller one, it is constant
      rows.slopes.logProbability[i] = held < free ? 0 : scale * free
      objective += Double(held < free ? held : free)
      divergence += Double(
        (ratio - 1) - (logProbabilities[i] - rows.oldLogProbabilities[i]))
      clipped += abs(ratio - 1) > clipRange ? 1 : 0
    }
    terms.policy = -objective / Double(count)
    terms.divergence = divergence / Double(count)
    terms.clipped = Double(clipped) / Double(count)
  }
}
