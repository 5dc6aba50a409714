public import RLCore
public import RLNetworks
public import RLParallel

/// Soft actor-critic (Haarnoja et al. 2018b): a stochastic policy that is paid for its entropy, two
/// critics of which the lesser counts, and a temperature that is learned.
///
/// y = r + gamma (min_i Q_i'(s', a') - alpha ln p(a' | s')), a' drawn by the policy (equation 3), or
/// with n steps as in `DQN`, the entropy at s' alone; a termination leaves the bracket out, a
/// truncated episode bootstraps from its true final observation. The policy falls down
/// mean(alpha ln p(a | s) - min_i Q_i(s, a)) through its draws (equation 9). y is computed once for
/// both critics, and their passes run side by side on two threads.
///
/// As in Stable-Baselines3 the temperature moves first, while both other losses take its value
/// before that; the critics' losses are halves of mean squares. Differs from it: the policy is
/// evaluated at s and s' in one pass, and ln(1 - tanh²) is exact (see `SquashedActor`).
public struct SAC: Agent {
  public let configuration: Configuration
  public internal(set) var actor: SquashedActor
  public internal(set) var critics: CriticEnsemble
  public internal(set) var temperature: Temperature
  var experience: Experience
  var noise: SquashedNoise?  // gSDE's, of the lanes
  var optimizer: Adam
  var report = OffPolicyReport()
  var room: Room
  let pool: WorkerPool

  /// What acting and updating work in; allocated once.
  struct Room: Sendable {
    var acting: SquashedTape  // [N, ...]
    var actions: [Float]  // [N, C]
    var tape: SquashedTape  // [2 B, ...] the policy at s, then at s'
    var rows: [Int32]  // [2 B] of the ring
    var values: [Float]  // [B]
    var slopes: [Float]  // [B, C]
    var gradient: [Float]  // [P]

    init(_ actor: SquashedActor, lanes: Int, batchSize: Int) {
      acting = actor.makeTape(rows: lanes)
      tape = actor.makeTape(rows: 2 * batchSize, isTrained: true)
      rows = Array(repeating: 0, count: 2 * batchSize)
      actions = Array(repeating: 0, count: lanes * actor.controls)
      values = Array(repeating: 0, count: batchSize)
      slopes = Array(repeating: 0, count: batchSize * actor.controls)
      gradient = Array(repeating: 0, count: actor.parameters.count)
    }
  }

  /// - Parameters:
  ///   - spec: an environment whose actions are bounded controls.
  ///   - lanes: N, the lanes of every batch.
  ///   - configuration: the hyperparameters.
  ///   - plannedSteps: environment steps of the whole run, for schedules.
  ///   - seed: of the run; the agent's streams are split from it.
  ///   - pool: the threads to work on; their number changes no result.
  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run.
  public init(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration, plannedSteps: Int,
    seed: UInt64, pool: WorkerPool
  ) throws(ConfigurationError) {
    try configuration.validate()
    experience = try Experience(
      "sac", spec: spec, lanes: lanes, configuration: configuration, plannedSteps: plannedSteps,
      seed: seed)
    self.configuration = configuration
    self.pool = pool
    let (width, controls) = (experience.encoder.width, experience.range.count)
    let activation = configuration.activation.activation
    let rate = configuration.learningRate.start
    var random = RandomStream(seed: seed, purpose: "weights")
    actor = SquashedActor(
      SquashedActor.Architecture(
        inputs: width, hidden: configuration.hidden, controls: controls, activation: activation,
        usesSDE: configuration.useSDE), logStdInit: configuration.logStdInit, random: &random)
    critics = CriticEnsemble(
      count: 2, observationWidth: width, controls: controls,
      hidden: configuration.criticHidden ?? configuration.hidden, activation: activation,
      learningRate: rate, batchSize: configuration.batchSize, random: &random)
    temperature = Temperature(
      initial: configuration.entCoef.initial, isLearned: configuration.entCoef.isLearned,
      targetEntropy: configuration.targetEntropy ?? -Float(controls), learningRate: rate)
    optimizer = Adam(count: actor.parameters.count, learningRate: rate)
    noise = configuration.useSDE ? SquashedNoise(actor, lanes: lanes) : nil
    room = Room(actor, lanes: lanes, batchSize: configuration.batchSize)
  }

  /// - Throws: `ConfigurationError` unless the environment's actions are bounded controls.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    _ = try ControlRange(spec, algorithm: "sac")
  }

  public var policy: SquashedPolicy {
    SquashedPolicy(
      algorithm: "sac", actor: actor, observation: experience.spec.observation,
      range: experience.range, pool: pool)
  }

  public var steps: Int { experience.steps }
  public var updates: Int { experience.updates }

  /// Uniform actions at first; then the policy's draws.
  public mutating func act(_ step: inout StepBatch) {
    drawNoiseIfDue(lanes: step.lanes)
    if experience.isWarmingUp && !(configuration.useSDE && configuration.useSDEAtWarmup) {
      experience.drawUniform(&room.actions)
      experience.range.unscale(room.actions, rows: step.lanes, into: &step.controls)
      return
    }
    experience.encoder.encode(
      step.observations, count: step.lanes, into: &room.acting.input,
      stride: room.acting.inputStride)
    if !configuration.useSDE {
      for i in room.acting.draws.indices {
        room.acting.draws[i] = Float(experience.exploreRandom.normal())
      }
    }
    actor.forward(&room.acting, rows: step.lanes, pool: pool)
    actor.act(&room.acting, noise: noise, rows: step.lanes, pool: pool)
    experience.range.unscale(room.acting.actions, rows: step.lanes, into: &step.controls)
  }

  /// gSDE's matrices are drawn anew after each burst of updates, and every `sdeSampleFreq` steps of a
  /// lane in between.
  private mutating func drawNoiseIfDue(lanes: Int) {
    guard var drawn = noise else { return }
    let since = experience.steps % configuration.trainFrequency / lanes
    let isDue = configuration.sdeSampleFreq > 0 && since.isMultiple(of: configuration.sdeSampleFreq)
    guard isDue || experience.isAtBurst(lanes: lanes) else { return }
    noise = nil  // so that the matrices are written in place
    actor.resetNoise(&drawn, random: &experience.exploreRandom)
    noise = drawn
  }

  public mutating func observe(_ step: borrowing StepBatch) { experience.observe(step) }

  public mutating func learn() throws(DivergenceError) -> Int {
    let due = experience.dueUpdates()
    for _ in 0..<due { try update() }
    return due
  }

  public mutating func takeMetrics() -> Metrics {
    var metrics = report.temperature(isLearned: temperature.isLearned)
    metrics.entries +=
      report.take(
        learningRate: experience.learningRate, total: experience.updates
      ).entries
    if let beta = experience.priorityBeta {
      metrics.append("train/priority_beta", Double(beta))
    }
    return metrics
  }
}
