package import RLKernels

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

  package var loss: PolicyLoss {
    PolicyLoss(clipRange: nil, clipRangeVf: nil, entCoef: entCoef, vfCoef: vfCoef)
  }
}
