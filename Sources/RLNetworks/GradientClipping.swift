import RLKernels
public import RLParallel

/// The Euclidean norm of a gradient, `[P]`.
///
/// The bits do not depend on the number of threads. `squares` is what `sumOfSquares` returns, where
/// that is known.
public func globalNorm(
  _ gradient: [Float], squares: Double? = nil, pool: WorkerPool
) -> Float {
  Float((squares ?? sumOfSquares(gradient, pool: pool)).squareRoot())
}

/// What a gradient of norm `norm` is multiplied by so that its norm is at most `maximum`:
/// maximum / (norm + 1e-6), at most 1, as in PyTorch's `clip_grad_norm_`.
///
/// A norm that is not finite gives NaN or 0; the caller decides what that means.
public func clippingFactor(norm: Float, maximum: Float) -> Float {
  let factor = maximum / (norm + 1e-6)
  return factor > 1 ? 1 : factor
}
