internal import CKernels

/// The loss of a policy and a value over a batch of B rows:
///
/// -mean(objective) + vfCoef mean((V - R)²) - entCoef mean(H).
public struct PolicyLoss: Sendable, Equatable {
  /// min(r A, clip(r, 1 - epsilon, 1 + epsilon) A) with this epsilon, r = π(a | s) / π_old(a | s);
  /// `nil` is A log π(a | s).
  public var clipRange: Float?
  /// A value counts as no farther than this from the old one, and has no slope beyond; `nil` is no
  /// limit.
  public var clipRangeVf: Float?
  public var entCoef: Float
  public var vfCoef: Float

  public init(clipRange: Float?, clipRangeVf: Float?, entCoef: Float, vfCoef: Float) {
    self.clipRange = clipRange
    self.clipRangeVf = clipRangeVf
    self.entCoef = entCoef
    self.vfCoef = vfCoef
  }

  /// For batches of `count` rows.
  func code(count: Int) -> ck_loss {
    ck_loss(
      is_clipped: clipRange != nil, has_value_range: clipRangeVf != nil, range: clipRange ?? 0,
      scale: -1 / Float(count), entropy_slope: -entCoef / Float(count),
      value_range: clipRangeVf ?? 0, value_factor: 2 * vfCoef / Float(count))
  }
}

/// Sums over the rows of a batch.
public struct PolicyLossSums: Sendable, Equatable {
  public var objective = 0.0
  /// Of (r - 1) - log r, where the loss is clipped.
  public var divergence = 0.0
  /// Rows with |r - 1| above the clip range.
  public var clipped = 0.0
  public var entropy = 0.0
  /// Of (V - R)².
  public var error = 0.0

  public init() {}

  mutating func add(_ sums: ck_loss_sums) {
    objective += sums.objective
    divergence += sums.divergence
    clipped += sums.clipped
    entropy += sums.entropy
    error += sums.error
  }
}

/// Evaluates the policy's part of a loss at the first `count` rows.
///
/// - Parameters:
///   - loss: its coefficients.
///   - count: B.
///   - logProbabilities: `[B or more]`, now.
///   - oldLogProbabilities: `[B or more]`, when the actions were drawn.
///   - advantages: `[B or more]`.
///   - entropies: `[B or more]`.
///   - slopes: overwritten, in its first rows.
///   - sums: its objective, divergence, clipped and entropy grow.
///   - kernels: the implementation.
public func policyLoss(
  _ loss: PolicyLoss, count: Int, logProbabilities: [Float], oldLogProbabilities: [Float],
  advantages: [Float], entropies: [Float], slopes: inout HeadSlopes, sums: inout PolicyLossSums,
  kernels: KernelSet = .current
) {
  precondition(
    logProbabilities.count >= count && oldLogProbabilities.count >= count
      && advantages.count >= count && entropies.count >= count, "rows are missing")
  precondition(
    slopes.logProbability.count >= count && slopes.entropy.count >= count, "slopes are not [B]")
  guard count > 0 else { return }
  var (code, added) = (loss.code(count: count), ck_loss_sums())
  unsafe withAddresses(
    logProbabilities, oldLogProbabilities, advantages, entropies
  ) { log, oldLog, advantages, entropies in
    unsafe slopes.withMutablePointers { logSlopes, entropySlopes in
      unsafe ck_policy_loss(
        kernels.code, &code, count, log, oldLog, advantages, entropies, logSlopes, entropySlopes,
        &added)
    }
  }
  sums.add(added)
}

/// Evaluates the value's part of a loss at the first `count` rows.
///
/// - Parameters:
///   - loss: its coefficients.
///   - count: B.
///   - values: `[B or more]`, now.
///   - oldValues: `[B or more]`, before the update.
///   - returns: `[B or more]`.
///   - slopes: `[B or more]`, overwritten in its first rows.
///   - sums: its error grows.
///   - kernels: the implementation.
public func valueLoss(
  _ loss: PolicyLoss, count: Int, values: [Float], oldValues: [Float], returns: [Float],
  slopes: inout [Float], sums: inout PolicyLossSums, kernels: KernelSet = .current
) {
  precondition(
    values.count >= count && oldValues.count >= count && returns.count >= count
      && slopes.count >= count, "rows are missing")
  guard count > 0 else { return }
  var (code, added) = (loss.code(count: count), ck_loss_sums())
  unsafe withAddresses(values, oldValues, returns, returns) { values, oldValues, returns, _ in
    unsafe slopes.withUnsafeMutableBufferPointer { slopes in
      unsafe ck_value_loss(
        kernels.code, &code, count, values, oldValues, returns, slopes.baseAddress, &added)
    }
  }
  sums.add(added)
}

/// Shifts and scales the first `count` numbers to mean 0 and standard deviation 1:
/// (x - mean) / (deviation + 1e-8), the deviation with `count` - 1. A single one stays as it is.
public func normalize(_ values: inout [Float], count: Int, kernels: KernelSet = .current) {
  precondition(values.count >= count, "\(values.count) values, not \(count)")
  guard count > 1 else { return }
  unsafe values.withUnsafeMutableBufferPointer { values in
    unsafe ck_normalize(kernels.code, count, values.baseAddress)
  }
}

extension HeadSlopes {
  fileprivate mutating func withMutablePointers(
    _ body: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
  ) {
    unsafe logProbability.withUnsafeMutableBufferPointer { logProbability in
      unsafe entropy.withUnsafeMutableBufferPointer { entropy in
        unsafe body(logProbability.baseAddress, entropy.baseAddress)
      }
    }
  }
}
