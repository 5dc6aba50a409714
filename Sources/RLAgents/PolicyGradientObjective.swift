import RLKernels

/// The loss of A2C (Mnih et al. 2016, section 4.3, with the entropy's bonus):
///
/// -mean(A log pi(a | s)) + vfCoef mean((V - R)^2) - entCoef mean(H).
package struct PolicyGradientObjective: Sendable {
  package var entCoef: Float
  package var vfCoef: Float

  package init(entCoef: Float, vfCoef: Float) {
    self.entCoef = entCoef
    self.vfCoef = vfCoef
  }

  /// Evaluates the loss of the first `count` rows and writes its slopes; see `ClippedObjective`.
  package func evaluate(
    _ rows: inout LossRows, logProbabilities: [Float], entropies: [Float], count: Int
  ) -> LossTerms {
    var terms = LossTerms()
    let scale = -1 / Float(count)
    var objective = 0.0
    for i in 0..<count {
      rows.slopes.logProbability[i] = scale * rows.advantages[i]
      objective += Double(rows.advantages[i] * logProbabilities[i])
    }
    terms.policy = -objective / Double(count)
    terms.entropy = rows.addEntropyBonus(entropies, count, entCoef: entCoef)
    terms.value = rows.addValueLoss(count, vfCoef: vfCoef, clipRange: nil)
    terms.total = terms.policy + Double(entCoef) * terms.entropy + Double(vfCoef) * terms.value
    return terms
  }
}
