import RLAgents
import RLCore
import RLKernels
import Testing

/// Losses of PPO and A2C on their own: known values, and slopes against central differences.
@Suite struct OnPolicyLossTests {
  private struct Batch {
    var rows: LossRows
    var logProbabilities: [Float]
    var entropies: [Float]
    let count: Int

    /// Ratios on both sides of the clip range; values on both sides of theirs.
    init(count: Int, seed: UInt64) {
      var random = RandomStream(seed: seed)
      func draw(_ scale: Float) -> Float { (2 * random.uniform() - 1) * scale }
      rows = LossRows(size: count + 3)
      for i in 0..<count {
        rows.oldLogProbabilities[i] = draw(1) - 1
        rows.advantages[i] = draw(2)
        rows.returns[i] = draw(2)
        rows.oldValues[i] = draw(1)
        rows.values[i] = rows.oldValues[i] + draw(0.5)
      }
      logProbabilities = rows.oldLogProbabilities
      entropies = Array(repeating: 0, count: count + 3)
      for i in 0..<count {
        logProbabilities[i] += draw(0.6)
        entropies[i] = draw(1)
      }
      self.count = count
    }

    func loss(_ objective: ClippedObjective) -> (terms: LossTerms, rows: LossRows) {
      var rows = rows
      let terms = objective.evaluate(
        &rows, logProbabilities: logProbabilities, entropies: entropies, count: count)
      return (terms, rows)
    }

    func loss(_ objective: PolicyGradientObjective) -> (terms: LossTerms, rows: LossRows) {
      var rows = rows
      let terms = objective.evaluate(
        &rows, logProbabilities: logProbabilities, entropies: entropies, count: count)
      return (terms, rows)
    }

    /// The central difference of the loss where `nudge` moves one number.
    func slope(
      _ loss: (Batch) -> Double, _ nudge: (inout Batch, Float) -> Void
    ) -> Double {
      var (above, below) = (self, self)
      nudge(&above, 0x1p-8)
      nudge(&below, -0x1p-8)
      return (loss(above) - loss(below)) / 0x1p-7
    }
  }

  private func expectSlopes(
    _ batch: Batch, _ rows: LossRows, _ loss: (Batch) -> Double
  ) {
    for i in 0..<batch.count {
      let policy = batch.slope(loss) { $0.logProbabilities[i] += $1 }
      #expect(abs(policy - Double(rows.slopes.logProbability[i])) < 2e-3, "row \(i)")
      let entropy = batch.slope(loss) { $0.entropies[i] += $1 }
      #expect(abs(entropy - Double(rows.slopes.entropy[i])) < 2e-3, "row \(i)")
      let value = batch.slope(loss) { $0.rows.values[i] += $1 }
      #expect(abs(value - Double(rows.valueSlopes[i])) < 2e-3, "row \(i)")
    }
  }

  @Test(arguments: [nil, Float(0.2)])
  func slopesOfTheClippedObjectiveAreDifferences(clipRangeVf: Float?) {
    let objective = ClippedObjective(
      clipRange: 0.2, clipRangeVf: clipRangeVf, entCoef: 0.3, vfCoef: 0.7)
    let batch = Batch(count: 40, seed: 5)
    let (terms, rows) = batch.loss(objective)
    #expect(terms.clipped > 0.2 && terms.clipped < 0.8)
    #expect(rows.slopes.logProbability.contains(0))
    expectSlopes(batch, rows) { $0.loss(objective).terms.total }
  }

  @Test func slopesOfThePolicyGradientAreDifferences() {
    let objective = PolicyGradientObjective(entCoef: 0.3, vfCoef: 0.7)
    let batch = Batch(count: 40, seed: 6)
    let (_, rows) = batch.loss(objective)
    expectSlopes(batch, rows) { $0.loss(objective).terms.total }
  }

  // Ratios 2, 2, 1/2, 1/2 with A = 1, -1, 1, -1 and epsilon 1/4: min(rA, clip(r) A) is
  // 1.25, -2, 0.5, -0.75. Only where the clipped term is the smaller one is there no slope.
  @Test func theObjectiveIsTheSmallerTerm() {
    var batch = Batch(count: 4, seed: 0)
    let two: Float = 0.693_147_18
    batch.rows.oldLogProbabilities = [-2, -2, -2, -2, 0, 0, 0]
    batch.logProbabilities = [two - 2, two - 2, -two - 2, -two - 2, 0, 0, 0]
    batch.rows.advantages = [1, -1, 1, -1, 0, 0, 0]
    let objective = ClippedObjective(clipRange: 0.25, clipRangeVf: nil, entCoef: 0, vfCoef: 0)
    let (terms, rows) = batch.loss(objective)
    #expect(abs(terms.policy - 0.25) < 1e-6)
    #expect(terms.clipped == 1)
    let slopes = rows.slopes.logProbability[..<4]
    for (slope, expected) in zip(slopes, [0, 0.5, -0.125, 0]) {
      #expect(abs(slope - Float(expected)) < 1e-6)
    }
    // mean of (r - 1) - log r: log 2 cancels
    #expect(abs(terms.divergence - 0.25) < 1e-6)
  }

  @Test func aValueBeyondItsRangeCountsAtTheEdgeAndHasNoSlope() {
    var batch = Batch(count: 3, seed: 0)
    batch.rows.oldValues = [1, 1, 1, 0, 0, 0]
    batch.rows.values = [3, 1.25, -1, 0, 0, 0]
    batch.rows.returns = [0, 0, 0, 0, 0, 0]
    let objective = ClippedObjective(clipRange: 0.2, clipRangeVf: 0.5, entCoef: 0, vfCoef: 1.5)
    let (terms, rows) = batch.loss(objective)
    #expect(abs(terms.value - (1.5 * 1.5 + 1.25 * 1.25 + 0.5 * 0.5) / 3) < 1e-6)
    #expect(rows.valueSlopes[..<3] == [0, 1.25, 0])
  }

  @Test func advantagesAreNormalisedOverTheBatchAlone() {
    var rows = LossRows(size: 5)
    rows.advantages = [1, 2, 3, 6, 99]
    rows.normalizeAdvantages(4)
    // mean 3, variance (4 + 1 + 0 + 9) / 3
    let scale = 1 / (14.0 / 3).squareRoot()
    for (value, expected) in zip(rows.advantages, [-2 * scale, -scale, 0, 3 * scale, 99]) {
      #expect(abs(value - Float(expected)) < 1e-6)
    }
    rows.advantages[0] = 5
    rows.normalizeAdvantages(1)
    #expect(rows.advantages[0] == 5)
  }

  @Test func equalAdvantagesBecomeZero() {
    var rows = LossRows(size: 3)
    rows.advantages = [4, 4, 4]
    rows.normalizeAdvantages(3)
    #expect(rows.advantages == [0, 0, 0])
  }
}
