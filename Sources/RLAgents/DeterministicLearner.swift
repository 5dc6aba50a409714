import RLCore
import RLNetworks
import RLParallel

/// The hyperparameters that DDPG and TD3 have in common, TD3's own included: DDPG gives them fixed.
protocol DeterministicConfiguration: OffPolicyConfiguration, NoiseConfiguration {
  var criticCount: Int { get }
  var policyDelay: Int { get }
  var targetPolicyNoise: Float { get }
  var targetNoiseClip: Float { get }
}

/// A deterministic policy and its critics, as DDPG and TD3 train them: DDPG is TD3 with one critic,
/// no delay of the policy and no smoothing of the target's actions.
struct DeterministicLearner: Sendable {
  var actor: MLP
  var actorTarget: MLP
  var critics: CriticEnsemble
  var experience: Experience
  let activation: Activation
  var noise: ExplorationNoise
  var optimizer: Adam
  var report = OffPolicyReport()
  private var room: Room
  private let settings: Settings
  private let pool: WorkerPool

  /// The numbers of the configuration that matter in an update.
  private struct Settings: Sendable {
    var policyDelay: Int
    var targetPolicyNoise: Float
    var targetNoiseClip: Float
    var tau: Float
  }

  /// What acting and updating work in; allocated once.
  private struct Room: Sendable {
    var acting: Tape  // [N, ...]
    var actions: [Float]  // [N, C]
    var tape: Tape  // [B, ...] the policy at s
    var nextTape: Tape  // [B, ...] the target policy at s'
    var batchActions: [Float]  // [B, C]
    var draws: [Float]  // [B, C]
    var values: [Float]  // [B]
    var slopes: [Float]  // [B, C]
    var gradient: [Float]  // [P]

    init(_ actor: MLP, lanes: Int, batchSize: Int) {
      acting = actor.makeTape(rows: lanes)
      tape = actor.makeTape(rows: batchSize)
      nextTape = actor.makeTape(rows: batchSize)
      actions = Array(repeating: 0, count: lanes * actor.outputs)
      batchActions = Array(repeating: 0, count: batchSize * actor.outputs)
      draws = batchActions
      slopes = batchActions
      values = Array(repeating: 0, count: batchSize)
      gradient = Array(repeating: 0, count: actor.parameters.count)
    }
  }

  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run.
  init(
    _ algorithm: String, spec: EnvironmentSpec, lanes: Int,
    configuration: some DeterministicConfiguration, plannedSteps: Int, seed: UInt64,
    pool: WorkerPool
  ) throws(ConfigurationError) {
    try configuration.validate()
    experience = try Experience(
      algorithm, spec: spec, lanes: lanes, configuration: configuration,
      plannedSteps: plannedSteps, seed: seed)
    self.pool = pool
    activation = configuration.activation.activation
    let (width, controls) = (experience.encoder.width, experience.range.count)
    var random = RandomStream(seed: seed, purpose: "weights")
    actor = MLP(
      inputs: width, hidden: configuration.hidden, outputs: controls, activation: activation,
      outputActivation: .tanh, initialisation: .uniformFanIn, random: &random)
    actorTarget = actor
    critics = CriticEnsemble(
      count: configuration.criticCount, observationWidth: width, controls: controls,
      hidden: configuration.criticHidden ?? configuration.hidden, activation: activation,
      learningRate: configuration.learningRate.start, batchSize: configuration.batchSize,
      random: &random)
    optimizer = Adam(
      count: actor.parameters.count, learningRate: configuration.learningRate.start)
    noise = ExplorationNoise(
      configuration, lanes: lanes, controls: controls, plannedSteps: plannedSteps)
    room = Room(actor, lanes: lanes, batchSize: configuration.batchSize)
    settings = Settings(
      policyDelay: configuration.policyDelay, targetPolicyNoise: configuration.targetPolicyNoise,
      targetNoiseClip: configuration.targetNoiseClip, tau: configuration.tau)
  }

  func policy(algorithm: String) -> DeterministicPolicy {
    DeterministicPolicy(
      algorithm: algorithm, network: actor, activation: activation,
      observation: experience.spec.observation, range: experience.range, pool: pool)
  }

  /// Uniform actions at first; then the policy's, with noise.
  mutating func act(_ step: inout StepBatch) {
    if experience.isWarmingUp {
      experience.drawUniform(&room.actions)
    } else {
      experience.encoder.encode(
        step.observations, count: step.lanes, into: &room.acting.input,
        stride: room.acting.inputStride)
      actor.forward(&room.acting, rows: step.lanes, pool: pool)
      Self.copyOutputs(of: room.acting, actor.outputs, rows: step.lanes, into: &room.actions)
      noise.add(
        to: &room.actions, at: experience.steps, random: &experience.exploreRandom)
    }
    experience.range.unscale(room.actions, rows: step.lanes, into: &step.controls)
  }

  mutating func observe(_ step: borrowing StepBatch) {
    experience.observe(step)
    noise.observe(step)
  }

  mutating func learn() throws(DivergenceError) -> Int {
    let due = experience.dueUpdates()
    for _ in 0..<due { try update() }
    return due
  }

  mutating func takeMetrics() -> Metrics {
    var metrics = report.take(
      learningRate: experience.learningRate, total: experience.updates)
    metrics.append("rollout/noise_std", Double(noise.deviation(at: experience.steps)))
    if let beta = experience.priorityBeta {
      metrics.append("train/priority_beta", Double(beta))
    }
    return metrics
  }

  /// One gradient step of the critics and, every `policyDelay` of them, of the policy.
  private mutating func update() throws(DivergenceError) {
    experience.drawBatch()
    setTargets()
    let isPolicyDue = (experience.updates + 1).isMultiple(of: settings.policyDelay)
    critics.setObservations(
      experience.encoder, gathering: experience.batch.rows,
      from: experience.replay.observations)
    critics.setActions(experience.batch.actions)
    let loss = critics.learn(
      targets: experience.batch.targets, weights: experience.batch.weights,
      CriticStep(
        lossScale: 1, learningRate: experience.learningRate, tau: isPolicyDue ? settings.tau : 0),
      pool: pool)
    guard let loss else {
      throw DivergenceError(quantity: "the critics' loss", update: experience.updates)
    }
    experience.updatePriorities(critics)
    report.add(criticLoss: loss)
    if isPolicyDue { try updatePolicy() }
    experience.updates += 1
  }

  /// y from the target networks at s', with smoothed actions (Fujimoto et al. 2018, equation 14).
  private mutating func setTargets() {
    let batchSize = critics.batchSize
    critics.setNextObservations(
      experience.encoder, gathering: experience.batch.nextRows,
      from: experience.replay.observations)
    experience.encoder.encode(
      gathering: experience.batch.nextRows, count: batchSize,
      from: experience.replay.observations, into: &room.nextTape.input,
      stride: room.nextTape.inputStride)
    actorTarget.forward(&room.nextTape, rows: batchSize, pool: pool)
    Self.copyOutputs(
      of: room.nextTape, actor.outputs, rows: batchSize, into: &room.batchActions)
    smooth()
    critics.setNextActions(room.batchActions)
    critics.targetValues(into: &room.values, pool: pool)
    experience.setTargets(room.values)
  }

  /// Adds clipped noise to the target policy's actions.
  private mutating func smooth() {
    let (std, limit) = (settings.targetPolicyNoise, settings.targetNoiseClip)
    guard std > 0, limit > 0 else { return }
    fillDraws(&room.draws, &experience.drawRandom, pool: pool)
    for i in room.draws.indices {
      let noise = min(max(std * room.draws[i], -limit), limit)
      let action = room.batchActions[i] + noise
      room.batchActions[i] = action > 1 ? 1 : action < -1 ? -1 : action
    }
  }

  /// One gradient step up the first critic's mean value of the policy's actions (Silver et al. 2014),
  /// and the step of its target.
  private mutating func updatePolicy() throws(DivergenceError) {
    let batchSize = critics.batchSize
    experience.encoder.encode(
      gathering: experience.batch.rows, count: batchSize, from: experience.replay.observations,
      into: &room.tape.input, stride: room.tape.inputStride)
    actor.forward(&room.tape, rows: batchSize, pool: pool)
    Self.copyOutputs(of: room.tape, actor.outputs, rows: batchSize, into: &room.batchActions)
    critics.setActions(room.batchActions)
    critics.firstValues(into: &room.values, slopes: &room.slopes, pool: pool)
    var total: Float = 0
    for b in 0..<batchSize {
      total += room.values[b]
      for c in 0..<actor.outputs {
        room.tape.outputGradient[b * room.tape.outputStride + c] =
          -room.slopes[b * actor.outputs + c] / Float(batchSize)
      }
    }
    actor.backward(&room.tape, rows: batchSize, gradient: &room.gradient, pool: pool)
    let mean = total / Float(batchSize)
    guard mean.isFinite, globalNorm(room.gradient, pool: pool).isFinite else {
      throw DivergenceError(quantity: "the policy's gradient", update: experience.updates)
    }
    optimizer.learningRate = experience.learningRate
    optimizer.step(&actor.parameters, gradient: room.gradient, pool: pool)
    actorTarget.blend(toward: actor, tau: settings.tau)
    report.add(actorLoss: -mean, q: mean)
  }

  /// The first columns of a tape's outputs as `[rows, C]`.
  private static func copyOutputs(
    of tape: borrowing Tape, _ columns: Int, rows: Int, into actions: inout [Float]
  ) {
    for row in 0..<rows {
      for c in 0..<columns {
        actions[row * columns + c] = tape.output[row * tape.outputStride + c]
      }
    }
  }
}
