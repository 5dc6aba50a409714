import RLCore
import RLNetworks

extension SAC {
  /// One gradient step of the temperature, the critics and the policy.
  mutating func update() throws(DivergenceError) {
    let (batchSize, alpha) = (configuration.batchSize, temperature.value)
    experience.drawBatch()
    drawActions()
    let temperatureLoss = temperature.learn(
      logProbabilities: room.tape.logProbabilities, rows: batchSize,
      learningRate: experience.learningRate, pool: pool)
    setTargets(alpha)
    try updateCritics()
    try updatePolicy(alpha)
    report.add(entCoef: alpha, loss: temperatureLoss, entropy: -meanLogProbability)
    experience.updates += 1
  }

  /// The mean of ln p over the policy's actions at s.
  private var meanLogProbability: Float {
    var total: Float = 0
    for b in 0..<configuration.batchSize { total += room.tape.logProbabilities[b] }
    return total / Float(configuration.batchSize)
  }

  /// Draws the policy's actions at s, rows 0 ..< B of the tape, and at s', the rows behind.
  private mutating func drawActions() {
    let batchSize = configuration.batchSize
    for b in 0..<batchSize {
      room.rows[b] = experience.batch.rows[b]
      room.rows[batchSize + b] = experience.batch.nextRows[b]
    }
    experience.encoder.encode(
      gathering: room.rows, count: 2 * batchSize, from: experience.replay.observations,
      into: &room.tape.input, stride: room.tape.inputStride)
    if configuration.useSDE {
      actor.resetNoise(&room.tape, random: &experience.drawRandom, pool: pool)
    } else {
      fillDraws(&room.tape.draws, &experience.drawRandom, pool: pool)
    }
    actor.forward(&room.tape, rows: 2 * batchSize, pool: pool)
    actor.sample(&room.tape, rows: 2 * batchSize, pool: pool)
  }

  /// y from the lesser target value at s', with the entropy.
  private mutating func setTargets(_ alpha: Float) {
    let batchSize = configuration.batchSize
    critics.setNextObservations(
      experience.encoder, gathering: experience.batch.nextRows,
      from: experience.replay.observations)
    critics.setNextActions(room.tape.actions, from: batchSize)
    critics.targetValues(into: &room.values, pool: pool)
    for b in 0..<batchSize {
      room.values[b] -= alpha * room.tape.logProbabilities[batchSize + b]
    }
    experience.setTargets(room.values)
  }

  private mutating func updateCritics() throws(DivergenceError) {
    let isTargetDue = experience.updates.isMultiple(of: configuration.targetUpdateInterval)
    critics.setObservations(
      experience.encoder, gathering: experience.batch.rows,
      from: experience.replay.observations)
    critics.setActions(experience.batch.actions)
    let loss = critics.learn(
      targets: experience.batch.targets, weights: experience.batch.weights,
      CriticStep(
        lossScale: 0.5, learningRate: experience.learningRate,
        tau: isTargetDue ? configuration.tau : 0), pool: pool)
    guard let loss else {
      throw DivergenceError(quantity: "the critics' loss", update: experience.updates)
    }
    experience.updatePriorities(critics)
    report.add(criticLoss: loss)
  }

  /// One gradient step down mean(alpha ln p - min Q).
  private mutating func updatePolicy(_ alpha: Float) throws(DivergenceError) {
    let rows = Float(configuration.batchSize)
    critics.setActions(room.tape.actions)
    critics.leastValues(into: &room.values, slopes: &room.slopes, pool: pool)
    var (total, value): (Float, Float) = (0, 0)
    for b in 0..<configuration.batchSize {
      total += alpha * room.tape.logProbabilities[b] - room.values[b]
      value += room.values[b]
    }
    for i in room.slopes.indices { room.slopes[i] = -room.slopes[i] / rows }
    actor.backward(
      &room.tape, rows: configuration.batchSize, actionSlopes: room.slopes,
      logProbabilitySlope: alpha / rows, gradient: &room.gradient, pool: pool)
    let loss = total / rows
    guard loss.isFinite, globalNorm(room.gradient, pool: pool).isFinite else {
      throw DivergenceError(quantity: "the policy's gradient", update: experience.updates)
    }
    optimizer.learningRate = experience.learningRate
    optimizer.step(&actor.parameters, gradient: room.gradient, pool: pool)
    report.add(actorLoss: loss, q: value / rows)
  }
}
