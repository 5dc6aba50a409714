import RLCore
import RLNetworks

extension DQN {
  /// What an update works in; allocated once.
  struct Workspace: Sendable {
    var acting: Tape  // [N, ...]
    var q: Tape  // [B, ...] online Q(s, .)
    var nextQ: Tape  // [B, ...] target Q(s', .)
    var selector: Tape  // [B, ...] online Q(s', .), for double Q-learning
    var rows: [Int32]  // [B] where the transitions start in the ring
    var nextRows: [Int32]  // [B] of s', n steps later or at the episode's end
    var paths: [NStepReturn]  // [B] from s to s'
    var taken: [Int32]  // [B] the choices in s
    var weights: [Float]  // [B] of importance
    var errors: [Float]  // [B] Q(s, a) - y
    var masks: [UInt8]  // [B, M] of s'
    var gradient: [Float]  // [P]

    init(
      _ network: QNetwork, _ configuration: Configuration, lanes: Int, maskLength: Int
    ) {
      let batchSize = configuration.batchSize
      acting = network.makeTape(rows: lanes)
      q = network.makeTape(rows: batchSize)
      nextQ = network.makeTape(rows: batchSize)
      selector = network.makeTape(rows: configuration.doubleQ ? batchSize : 1)
      rows = Array(repeating: 0, count: batchSize)
      nextRows = Array(repeating: 0, count: batchSize)
      paths = Array(
        repeating: NStepReturn(total: 0, discount: 0, lastRow: 0), count: batchSize)
      taken = Array(repeating: 0, count: batchSize)
      weights = Array(repeating: 1, count: batchSize)
      errors = Array(repeating: 0, count: batchSize)
      masks = Array(repeating: 1, count: batchSize * maskLength)
      gradient = Array(repeating: 0, count: network.parameters.count)
    }
  }

  /// One gradient step on the loss of the temporal-difference error.
  mutating func update() throws(DivergenceError) {
    let batchSize = configuration.batchSize
    sampleBatch()
    followSteps()
    Self.gather(workspace.nextRows, from: replay, encoder, into: &workspace.nextQ)
    target.forward(&workspace.nextQ, rows: batchSize, pool: pool)
    if configuration.doubleQ {
      Self.gather(workspace.nextRows, from: replay, encoder, into: &workspace.selector)
      online.forward(&workspace.selector, rows: batchSize, pool: pool)
    }
    Self.gather(workspace.rows, from: replay, encoder, into: &workspace.q)
    online.forward(&workspace.q, rows: batchSize, pool: pool)

    let loss = writeLossGradient()
    online.backward(&workspace.q, rows: batchSize, gradient: &workspace.gradient, pool: pool)
    let norm = globalNorm(workspace.gradient, pool: pool)
    guard loss.isFinite, norm.isFinite else {
      throw DivergenceError(quantity: loss.isFinite ? "gradient" : "loss", update: updates)
    }
    optimizer.learningRate = learningRate
    optimizer.step(
      &online.parameters, gradient: workspace.gradient,
      scale: clippingFactor(norm: norm, maximum: configuration.maxGradientNorm), pool: pool)
    priorities?.update(workspace.rows, errors: workspace.errors)
    updates += 1
    report.add(loss: loss, gradientNorm: norm)
  }

  /// Draws the transitions' rows, and their weights of importance unless these are all 1.
  private mutating func sampleBatch() {
    if let priorities {
      priorities.sample(
        &replayRandom, beta: priorities.beta(at: steps), rows: &workspace.rows,
        weights: &workspace.weights)
    } else {
      replay.sample(&replayRandom, into: &workspace.rows)
    }
  }

  /// Finds where the sampled transitions lead, and what they earn on the way.
  private mutating func followSteps() {
    for b in workspace.rows.indices {
      let row = Int(workspace.rows[b])
      let path = replay.nStepReturn(
        from: row, steps: configuration.nSteps, gamma: configuration.gamma)
      workspace.paths[b] = path
      workspace.nextRows[b] = Int32(truncatingIfNeeded: path.lastRow)
      workspace.taken[b] = Int32(truncatingIfNeeded: replay.choice(row))
    }
  }

  /// Writes dL/dQ of the weighted losses' mean over the batch, and returns that mean.
  private mutating func writeLossGradient() -> Float {
    let batchSize = configuration.batchSize
    let (stride, count) = (workspace.q.outputStride, spec.action.choices[0].count)
    let loss = configuration.loss == .huber ? Loss.huber : .squared
    var total: Float = 0
    for b in 0..<batchSize {
      for i in b * stride..<b * stride + count { workspace.q.outputGradient[i] = 0 }
      let y = targetValue(b)
      let taken = b * stride + Int(workspace.taken[b])
      let error = workspace.q.output[taken] - y
      let weight = workspace.weights[b]
      total += weight * loss.value(error)
      workspace.q.outputGradient[taken] = weight * loss.derivative(error) / Float(batchSize)
      if configuration.prioritized { workspace.errors[b] = error }
      report.add(q: workspace.q.output[taken])
    }
    return total / Float(batchSize)
  }

  /// y = the rewards + gamma^m Q_target(s', a*); the rewards alone when the task ended. A truncated
  /// s' bootstraps.
  private mutating func targetValue(_ b: Int) -> Float {
    let path = workspace.paths[b]
    if path.discount == 0 { return path.total }
    let count = spec.action.choices[0].count
    replay.copyMask(path.lastRow, into: &workspace.masks, at: b * replay.maskLength)

    // a* from the online network in double Q-learning, else from the target network
    let chosen =
      configuration.doubleQ
      ? greedyChoice(
        workspace.selector.output, start: b * workspace.selector.outputStride, count: count,
        masks: workspace.masks, maskStart: b * count)
      : greedyChoice(
        workspace.nextQ.output, start: b * workspace.nextQ.outputStride, count: count,
        masks: workspace.masks, maskStart: b * count)
    return path.total
      + path.discount * workspace.nextQ.output[b * workspace.nextQ.outputStride + chosen]
  }

  /// Encodes the observations of `rows` as the network's input.
  ///
  /// Static: a method would hold a second reference to the tape, which would then be copied.
  private static func gather(
    _ rows: [Int32], from replay: borrowing ReplayBuffer, _ encoder: ObservationEncoder,
    into tape: inout Tape
  ) {
    encoder.encode(
      gathering: rows, count: rows.count, from: replay.observations, into: &tape.input,
      stride: tape.inputStride)
  }
}
