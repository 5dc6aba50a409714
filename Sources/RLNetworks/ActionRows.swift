/// B rows of actions and what is known of them. Made by `PolicyHead.makeActions`.
public struct ActionRows: Sendable {
  /// `[B, D]`, indices from 0 whatever the leaf's start.
  public var choices: [Int32]
  /// `[B, C]` as drawn: unbounded, in (0, 1) of Beta.
  public var controls: [Float]
  /// `[B, M]`, 0 = forbidden; empty without a mask.
  public var masks: [UInt8]
  /// `[B]`, the log-probability of the whole action; of Beta per unit of (0, 1).
  public var logProbabilities: [Float]
  /// `[B]`, the entropy of the whole distribution; of Beta on (0, 1).
  public var entropies: [Float]

  var scratch: HeadScratch
}

/// Room that a head needs, made when it is first needed.
struct HeadScratch: Sendable {
  var words: [UInt32] = []  // [B, words]
  var concentrations: [Float] = []  // [B, C, 2], of beta
  var std: [Float] = []  // [C, latentStride], std² of gsde
  var stdSlopes: [Float] = []  // [C, latentStride], dstd² / dlogStd
  var squaresGradient: [Float] = []  // [C, latentStride]
  var spreadGradient: [Float] = []
}

/// Makes `values` at least `count` long; its elements are then of no account.
func makeRoom<Element>(_ values: inout [Element], count: Int, of element: Element) {
  if values.count < count { values = Array(repeating: element, count: count) }
}
