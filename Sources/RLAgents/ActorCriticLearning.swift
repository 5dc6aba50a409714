import RLCore
import RLNetworks
import RLParallel

extension ActorCriticLearner {
  /// How much of the run was left, from 1 to 0, at the end of the last full rollout: what schedules
  /// go by.
  var remaining: Float {
    let made = rollout.isFull ? steps : steps - rollout.position * rollout.lanes
    return Float(max(0, 1 - Double(made) / Double(max(plannedSteps, 1))))
  }

  /// Computes values, advantages and returns of the full rollout.
  mutating func estimate(gamma: Float, lambda: Float) {
    estimates.estimate(rollout, network, encoder, gamma: gamma, lambda: lambda, pool: pool)
  }

  /// Evaluates the network and the actions at the first `count` of `batch.rows`.
  mutating func evaluateBatch(_ count: Int) {
    batch.gather(count, from: rollout, estimates, encoder)
    network.forward(&batch.tape, rows: count, values: &batch.loss.values, pool: pool)
    head.evaluate(
      outputs: batch.tape.policy.output, stride: batch.tape.policy.outputStride,
      latent: network.lastHidden(batch.tape), free: free, rows: count, actions: &batch.actions,
      pool: pool)
  }

  /// One gradient step down the slopes in `batch.loss`, after `evaluateBatch`.
  ///
  /// - Parameters:
  ///   - count: as given to `evaluateBatch`.
  ///   - loss: to be checked.
  ///   - maxNorm: of the gradient.
  /// - Throws: `DivergenceError` when the loss or the gradient is not finite; no parameter has
  ///   changed then.
  mutating func descend(_ count: Int, loss: Double, maxNorm: Float) throws(DivergenceError) {
    head.backward(
      outputs: batch.tape.policy.output, stride: batch.tape.policy.outputStride,
      latent: network.lastHidden(batch.tape), free: free, rows: count, actions: &batch.actions,
      slopes: batch.loss.slopes, outputGradient: &batch.tape.policy.outputGradient,
      freeGradient: &batch.freeGradient, pool: pool)
    network.backward(
      &batch.tape, rows: count, valueSlopes: batch.loss.valueSlopes, gradient: &batch.gradient,
      pool: pool)
    let start = network.freeRange.lowerBound
    for i in batch.freeGradient.indices { batch.gradient[start + i] = batch.freeGradient[i] }
    let norm = globalNorm(batch.gradient, pool: pool)
    guard loss.isFinite, norm.isFinite else {
      throw DivergenceError(quantity: loss.isFinite ? "gradient" : "loss", update: updates)
    }
    optimizer.step(
      &network.parameters, gradient: batch.gradient,
      scale: clippingFactor(norm: norm, maximum: maxNorm), pool: pool)
    network.copyFree(to: &free)
    updates += 1
    report.add(gradientNorm: norm)
  }

  /// Ends the learning from a rollout.
  mutating func finish() {
    report.endRollout(explainedVariance: estimates.explainedVariance)
    rollout.clear()
  }
}
