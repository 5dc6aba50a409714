internal import CKernels

/// What the kernels of heads compute for one row, as plainly as it can be written; equal to them in
/// every bit.
package struct HeadReference {
  let shape: HeadShape
  let outputs: [Float]  // [K]
  let latent: [Float]  // [L]
  let logStd: [Float]  // [C]
  let stdSquares: [[Float]]  // [C][L]
  let mask: [UInt8]  // [M], or empty

  package init(
    _ shape: HeadShape, outputs: [Float], latent: [Float], logStd: [Float], stdSquares: [[Float]],
    mask: [UInt8]
  ) {
    self.shape = shape
    self.outputs = outputs
    self.latent = latent
    self.logStd = logStd
    self.stdSquares = stdSquares
    self.mask = mask
  }

  /// The log-probability of an action, and the entropy.
  package func values(_ choices: [Int], _ controls: [Float]) -> (Float, Float) {
    var (logProbability, entropy): (Float, Float) = (0, 0)
    for (part, index) in zip(parts, choices) { part.value(index, &logProbability, &entropy) }
    for (c, x) in controls.enumerated() {
      let control = control(c)
      if shape.controls == .beta {
        control.betaValue(x, &logProbability, &entropy)
      } else {
        control.normalValue(x, &logProbability, &entropy)
      }
    }
    return (logProbability, entropy)
  }

  /// The slopes at the outputs, `[K]`, and at the log-stds or variances, `[C]`.
  package func gradient(
    _ choices: [Int], _ controls: [Float], _ g: Float, _ h: Float
  ) -> (outputs: [Float], spread: [Float]) {
    let slopes = zip(parts, choices).flatMap { $0.gradient($1, g, h) }
    let first = controls.enumerated().map { c, x in
      shape.controls == .beta
        ? control(c).betaGradient(0, x, g, h) : control(c).normalGradient(x, g, h).mean
    }
    let second = controls.enumerated().map { c, x in
      shape.controls == .beta
        ? control(c).betaGradient(1, x, g, h) : control(c).normalGradient(x, g, h).spread
    }
    let isOutput = shape.controls == .beta || shape.controls == .stateDependentGaussian
    return (slopes + first + (isOutput ? second : []), second)
  }

  /// An action from words; Beta's controls are not drawn.
  package func draw(_ words: [UInt32]) -> (choices: [Int], controls: [Float]) {
    let choices = zip(parts, words).map { $0.draw(Float($1 >> 8) * 0x1p-24) }
    if shape.controls == .beta { return (choices, []) }
    let controls = (0..<shape.controlCount).map { c in
      let word = words[shape.choices.count + c]
      return control(c).mean + normalReference(word) * control(c).spread.std
    }
    return (choices, controls)
  }

  package func mode() -> (choices: [Int], controls: [Float]) {
    let controls = (0..<shape.controlCount).map { c in
      shape.controls == .beta ? control(c).betaMode : control(c).mean
    }
    return (parts.map { $0.mode() }, controls)
  }

  private var parts: [ChoiceReference] {
    shape.codes.values.map { code in
      let columns = code.column..<code.column + code.count
      let entries = mask.isEmpty || code.mask < 0 ? nil : code.mask..<code.mask + code.count
      return ChoiceReference(
        isBinary: code.is_binary, z: Array(outputs[columns]),
        allowed: entries.map { $0.map { mask[$0] != 0 } }
          ?? Array(repeating: true, count: columns.count))
    }
  }

  private func control(_ c: Int) -> ControlReference {
    let second = shape.controlColumn + shape.controlCount + c
    return ControlReference(
      kind: shape.controls, mean: outputs[shape.controlColumn + c],
      second: second < outputs.count ? outputs[second] : 0,
      logStd: c < logStd.count ? logStd[c] : 0,
      squares: zip(latent, c < stdSquares.count ? stdSquares[c] : []).map { ($0 * $0, $1) })
  }
}

/// One discrete component of one row.
private struct ChoiceReference {
  let isBinary: Bool
  let z: [Float]
  let allowed: [Bool]

  private var none: Bool { !allowed.contains(true) }
  private var largest: Float {
    zip(z, allowed).reduce(-Float.infinity) { $1.1 && $1.0 > $0 ? $1.0 : $0 }
  }
  private var shifted: [Float] { zip(z, allowed).map { $1 ? $0 - largest : 0 } }
  private var weights: [Float] {
    zip(shifted, allowed).map { $1 ? reference(.exp, $0) : 0 }
  }
  private var sum: Float { none ? 1 : weights.reduce(0, +) }
  private var logSum: Float { reference(.log, sum) }
  private var entropy: Float {
    let weighted = zip(weights, shifted).reduce(Float(0)) { $0.addingProduct($1.0, $1.1) }
    return logSum - weighted / sum
  }

  func value(_ index: Int, _ logProbability: inout Float, _ entropy: inout Float) {
    if isBinary {
      let (size, against) = (abs(z[0]), index != 0 ? -z[0] : z[0])
      let e = reference(.exp, -size)
      let low = logOnePlusReference(e)
      logProbability -= (against > 0 ? against : 0) + low
      entropy += low.addingProduct(size, e / (1 + e))
    } else {
      let chosen = allowed[index] ? z[index] - largest : -.infinity
      logProbability += none && index == 0 ? 0 : chosen - logSum
      entropy += self.entropy
    }
  }

  func gradient(_ index: Int, _ g: Float, _ h: Float) -> [Float] {
    if isBinary {
      let against = sigmoidReference(index != 0 ? -z[0] : z[0])
      let (p, q) = (sigmoidReference(z[0]), sigmoidReference(-z[0]))
      return [(-(h * (z[0] * (p * q)))).addingProduct(g, index != 0 ? against : -against)]
    }
    let (inverse, rest) = (1 / sum, entropy - logSum)
    return z.indices.map { j in
      guard allowed[j] else { return 0 }
      let p = reference(.exp, shifted[j]) * inverse
      return (j == index ? g : 0).addingProduct(-p, g.addingProduct(h, shifted[j] + rest))
    }
  }

  func draw(_ uniform: Float) -> Int {
    if isBinary { return uniform < sigmoidReference(z[0]) ? 1 : 0 }
    let target = uniform * sum
    var cumulated: Float = 0
    for j in z.indices {
      cumulated += weights[j]
      if allowed[j] && cumulated > target { return j }
    }
    return z.indices.last { allowed[$0] && weights[$0] > 0 } ?? 0
  }

  func mode() -> Int {
    if isBinary { return z[0] > 0 ? 1 : 0 }
    let candidates = z.indices.filter { allowed[$0] }
    return candidates.reduce(candidates.first ?? 0) { z[$1] > z[$0] ? $1 : $0 }
  }
}
