import RLCore
import RLKernels

extension PolicyHead {
  /// Draws Beta's controls, row by row.
  func drawBeta(
    _ input: borrowing HeadRows, _ rows: Int, _ random: inout [RandomStream],
    _ actions: inout ActionRows
  ) {
    let controls = action.controlCount
    makeRoom(&actions.scratch.concentrations, count: rows * controls * 2, of: 0)
    headConcentrations(shape, input, rows: rows, into: &actions.scratch.concentrations)
    for row in 0..<rows {
      for index in row * controls..<(row + 1) * controls {
        let alpha = Double(actions.scratch.concentrations[2 * index])
        let beta = Double(actions.scratch.concentrations[2 * index + 1])
        actions.controls[index] = random[row].beta(alpha, beta)
      }
    }
  }
}

extension RandomStream {
  /// A draw from Beta(alpha, beta), both at least 1, as G / (G + H) of two gamma draws; at least
  /// 2^-24 away from 0 and 1, so that its log-probability is finite.
  mutating func beta(_ alpha: Double, _ beta: Double) -> Float {
    let first = gamma(alpha)
    let second = gamma(beta)
    let ratio = Float(first / (first + second))
    return min(max(ratio, 0x1p-24), 1 - 0x1p-24)
  }

  /// A draw from the gamma distribution of shape `alpha`, at least 1: Marsaglia & Tsang 2000,
  /// without their squeeze. The arithmetic is our own, so the bits are the same everywhere.
  private mutating func gamma(_ alpha: Double) -> Double {
    guard alpha.isFinite else { return alpha }  // a network that diverged
    let d = alpha - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = 1 - uniformDouble()
      if naturalLogarithm(u) < 0.5 * x * x + d - d * v + d * naturalLogarithm(v) { return d * v }
    }
  }
}
