/// One control of one row.
struct ControlReference {
  let kind: HeadShape.Controls
  let mean: Float
  /// The output on the other side: a log-std, or the number behind beta.
  let second: Float
  let logStd: Float
  /// Latent and std, both squared.
  let squares: [(Float, Float)]

  private static let logRootTwoPi: Float = 0x1.d67f1cp-1

  var spread: (logStd: Float, std: Float, factor: Float) {
    switch kind {
    case .gsde:
      let sum = squares.reduce(Float(0)) { $0.addingProduct($1.0, $1.1) }
      let variance = sum + 1e-6
      return (0.5 * reference(.log, variance), variance.squareRoot(), 0.5 / variance)
    case .stateDependentGaussian:
      let clamped: Float = second < -20 ? -20 : second > 2 ? 2 : second
      return (clamped, reference(.exp, clamped), second < -20 || second > 2 ? 0 : 1)
    case .gaussian, .beta: return (logStd, reference(.exp, logStd), 1)
    }
  }

  func normalValue(_ x: Float, _ logProbability: inout Float, _ entropy: inout Float) {
    let spread = spread
    let n = (x - mean) / spread.std
    logProbability -= spread.logStd.addingProduct(0.5 * n, n) + Self.logRootTwoPi
    entropy += spread.logStd + (0.5 + Self.logRootTwoPi)
  }

  func normalGradient(_ x: Float, _ g: Float, _ h: Float) -> (mean: Float, spread: Float) {
    let spread = spread
    let n = (x - mean) / spread.std
    let atLogStd = h.addingProduct(g, Float(-1).addingProduct(n, n))
    return (g * n / spread.std, atLogStd * spread.factor)
  }

  private var shapes: (alpha: Float, beta: Float) {
    (softplusReference(mean) + 1, softplusReference(second) + 1)
  }

  func betaValue(_ x: Float, _ logProbability: inout Float, _ entropy: inout Float) {
    let (alpha, beta) = shapes
    let (s, y) = (alpha + beta, 1 - x)
    let rests = stirlingRestReference(alpha) + stirlingRestReference(beta)
    let size = 0.5 * reference(.log, alpha / s * beta)
    let spread = size - Self.logRootTwoPi - rests + stirlingRestReference(s)
    let (first, second) = (reference(.log, x * (s / alpha)), reference(.log, y * (s / beta)))
    let far = (beta * second).addingProduct(alpha, first)
    logProbability += far - (reference(.log, x) + reference(.log, y)) + spread
    var sum = (alpha - 1) * digammaRestReference(alpha)
    sum = sum.addingProduct(beta - 1, digammaRestReference(beta))
    sum = sum.addingProduct(2 - s, digammaRestReference(s))
    entropy += reference(.log, alpha / s * (beta / s)) + sum - spread
  }

  func betaGradient(_ side: Int, _ x: Float, _ g: Float, _ h: Float) -> Float {
    let (alpha, beta) = shapes
    let s = alpha + beta
    let (shape, at) = side == 0 ? (alpha, x) : (beta, 1 - x)
    let toProbability =
      reference(.log, at * (s / shape)) + (digammaRestReference(shape) - digammaRestReference(s))
    let toEntropy = (-((shape - 1) * trigammaReference(shape)))
      .addingProduct(s - 2, trigammaReference(s))
    return (h * toEntropy).addingProduct(g, toProbability)
      * sigmoidReference(side == 0 ? mean : second)
  }

  var betaMode: Float {
    let (alpha, beta) = (softplusReference(mean), softplusReference(second))
    return alpha + beta == 0 ? 0.5 : alpha / (alpha + beta)
  }
}
