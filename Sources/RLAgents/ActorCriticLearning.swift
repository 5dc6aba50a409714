import RLCore
import RLKernels
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
    estimates.estimate(rollout, &actor, gamma: gamma, lambda: lambda)
  }

  /// Evaluates a loss and its gradient, which stays in `batch`, at some rows of the rollout.
  ///
  /// - Parameters:
  ///   - loss: what is to fall.
  ///   - places: those of the rows in `order`, at most `batch.size`.
  ///   - order: rows of the rollout.
  ///   - normalizesAdvantages: whether to shift and scale them over these rows.
  /// - Returns: the loss and its parts.
  mutating func evaluate(
    _ loss: PolicyLoss, places: Range<Int>, order: [Int32], normalizesAdvantages: Bool
  ) -> LossTerms {
    let minibatch = PolicyMinibatch(
      observations: rollout.observations, rowBytes: rollout.rowBytes, choices: rollout.choices,
      controls: rollout.controls, masks: rollout.masks,
      logProbabilities: rollout.logProbabilities, advantages: estimates.advantages,
      returns: estimates.returns, values: estimates.values, places: places, order: order,
      normalizesAdvantages: normalizesAdvantages)
    let sums = network.gradient(
      of: loss, minibatch, head: head, room: &batch.room, gradient: &batch.gradient, pool: pool)
    return LossTerms(sums, of: loss, count: places.count)
  }

  /// One step down the gradient that `evaluate` left.
  ///
  /// - Parameters:
  ///   - loss: to be checked.
  ///   - maxNorm: of the gradient.
  /// - Throws: `DivergenceError` when the loss or the gradient is not finite; no parameter has
  ///   changed then.
  mutating func descend(loss: Double, maxNorm: Float) throws(DivergenceError) {
    let norm = globalNorm(batch.gradient, squares: batch.room.squares, pool: pool)
    guard loss.isFinite, norm.isFinite else {
      throw DivergenceError(quantity: loss.isFinite ? "gradient" : "loss", update: updates)
    }
    optimizer.step(
      &actor.network.parameters, gradient: batch.gradient,
      scale: clippingFactor(norm: norm, maximum: maxNorm), boundary: network.boundary,
      pool: pool)
    actor.network.copyFree(to: &actor.free)
    updates += 1
    report.add(gradientNorm: norm)
  }

  /// Ends the learning from a rollout.
  mutating func finish() {
    report.endRollout(explainedVariance: estimates.explainedVariance)
    rollout.clear()
  }
}
