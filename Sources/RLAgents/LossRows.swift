package import RLKernels

/// What a policy-gradient loss reads of each row of a batch, and the slopes that it writes.
package struct LossRows: Sendable {
  package var oldLogProbabilities: [Float]  // [B] when the action was drawn
  package var advantages: [Float]  // [B]
  package var returns: [Float]  // [B]
  package var oldValues: [Float]  // [B] before the update
  package var values: [Float]  // [B] now
  var ratios: [Float]  // [B]

  package var slopes: HeadSlopes  // at log-probabilities and entropies
  package var valueSlopes: [Float]  // [B]

  /// Room for `size` rows.
  package init(size: Int) {
    let zeros = [Float](repeating: 0, count: size)
    (oldLogProbabilities, advantages, returns, oldValues) = (zeros, zeros, zeros, zeros)
    (values, ratios) = (zeros, zeros)
    slopes = HeadSlopes(logProbability: zeros, entropy: zeros)
    valueSlopes = zeros
  }

  /// Shifts and scales the first `count` advantages to mean 0 and standard deviation 1, as
  /// Stable-Baselines3: (A - mean) / (deviation + 1e-8), the deviation with `count` - 1. A single
  /// one stays as it is.
  package mutating func normalizeAdvantages(_ count: Int) {
    guard count > 1 else { return }
    var sum = 0.0
    for i in 0..<count { sum += Double(advantages[i]) }
    let mean = sum / Double(count)
    var squares = 0.0
    for i in 0..<count {
      let difference = Double(advantages[i]) - mean
      squares += difference * difference
    }
    let scale = 1 / ((squares / Double(count - 1)).squareRoot() + 1e-8)
    for i in 0..<count { advantages[i] = Float((Double(advantages[i]) - mean) * scale) }
  }

  /// Writes the slopes of `entCoef` times minus the mean entropy, and returns minus the mean.
  mutating func addEntropyBonus(_ entropies: [Float], _ count: Int, entCoef: Float) -> Double {
    let slope = -entCoef / Float(count)
    var sum = 0.0
    for i in 0..<count {
      slopes.entropy[i] = slope
      sum += Double(entropies[i])
    }
    return -sum / Double(count)
  }

  /// Writes the slopes of `vfCoef` times the mean squared error of the values, and returns that
  /// mean. A value counts as no farther than `clipRange` from the old one, and has no slope beyond,
  /// as in Stable-Baselines3; nil is no limit.
  mutating func addValueLoss(_ count: Int, vfCoef: Float, clipRange: Float?) -> Double {
    let factor = 2 * vfCoef / Float(count)
    var sum = 0.0
    for i in 0..<count {
      var (value, slope) = (values[i], factor)
      if let clipRange {
        let change = value - oldValues[i]
        // written so that NaN stays NaN
        if abs(change) > clipRange {
          value = oldValues[i] + (change < 0 ? -clipRange : clipRange)
          slope = 0
        }
      }
      let error = value - returns[i]
      valueSlopes[i] = slope * error
      sum += Double(error) * Double(error)
    }
    return sum / Double(count)
  }
}
