package import RLKernels

/// The loss of PPO (Schulman et al. 2017, equation 9, with the clipped objective of equation 7):
///
/// -mean(min(r A, clip(r, 1 - epsilon, 1 + epsilon) A)) + vfCoef mean((V - R)^2)
/// - entCoef mean(H), with r = pi(a | s) / pi_old(a | s); and the estimate mean((r - 1) - log r) of
/// KL(old || new), which is unbiased and never negative (Schulman 2020, "Approximating KL
/// divergence").
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

  package var loss: PolicyLoss {
    PolicyLoss(clipRange: clipRange, clipRangeVf: clipRangeVf, entCoef: entCoef, vfCoef: vfCoef)
  }
}
