public import RLCore
public import RLNetworks
public import RLParallel

/// Deep Q-learning with experience replay and a target network (Mnih et al. 2015, algorithm 1),
/// with double Q-learning as an option (van Hasselt et al. 2016, equation 4).
///
/// Differs from the paper: Adam by default; the Huber loss instead of a clipped error, which has
/// the same gradient; the target network may follow softly (`tau`); a transition that was truncated
/// bootstraps from its true final observation; forbidden actions are left out of acting and of the
/// target's maximum.
public struct DQN: Agent {
  public let configuration: Configuration
  public internal(set) var online: MLP
  public internal(set) var target: MLP
  public internal(set) var replay: ReplayBuffer
  public internal(set) var steps = 0  // environment steps, all lanes together
  public internal(set) var updates = 0  // gradient steps

  private let spec: EnvironmentSpec
  private let encoder: ObservationEncoder
  private let exploration: LinearSchedule
  private let pool: WorkerPool
  var optimizer: Optimizer
  var exploreRandom: RandomStream
  var replayRandom: RandomStream
  var learnedSteps = 0  // `steps` at the last call of `learn`
  var report = UpdateReport()
  private var workspace: Workspace

  private struct Workspace: Sendable {
    var acting: Tape  // [N, ...]
    var q: Tape  // [B, ...] online Q(s, .)
    var nextQ: Tape  // [B, ...] target Q(s', .)
    var selector: Tape  // [B, ...] online Q(s', .), for double Q-learning
    var rows: [Int32]  // [B] where the transitions start in the ring
    var nextRows: [Int32]  // [B]
    var masks: [UInt8]  // [B, M] of s'
    var gradient: [Float]  // [P]
  }

  /// - Parameters:
  ///   - spec: an environment with one Discrete action.
  ///   - lanes: N, the lanes of every batch.
  ///   - configuration: the hyperparameters.
  ///   - plannedSteps: environment steps of the whole run, for the exploration's schedule.
  ///   - seed: of the run; the agent's streams are split from it.
  ///   - pool: the threads to work on; their number changes no result.
  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run.
  public init(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration, plannedSteps: Int,
    seed: UInt64, pool: WorkerPool
  ) throws(ConfigurationError) {
    try configuration.validate()
    try Self.checkSupport(spec)
    guard configuration.bufferSize >= lanes else {
      throw ConfigurationError(
        field: "bufferSize", reason: "needs a row for each of \(lanes) lanes")
    }
    self.spec = spec
    self.configuration = configuration
    self.pool = pool
    encoder = ObservationEncoder(spec.observation)
    exploration = LinearSchedule(
      start: configuration.epsilonStart, end: configuration.epsilonEnd,
      steps: Int((Double(configuration.explorationFraction) * Double(plannedSteps)).rounded()))
    exploreRandom = RandomStream(seed: seed, purpose: "exploration")
    replayRandom = RandomStream(seed: seed, purpose: "replay")
    var weightRandom = RandomStream(seed: seed, purpose: "weights")
    online = MLP(
      inputs: encoder.width, hidden: configuration.hidden, outputs: spec.action.choices[0].count,
      activation: Self.activation(configuration), initialisation: .uniformFanIn,
      random: &weightRandom)
    target = online
    optimizer = Optimizer(configuration, count: online.parameters.count)
    replay = ReplayBuffer(spec, lanes: lanes, capacity: configuration.bufferSize)
    let batchSize = configuration.batchSize
    workspace = Workspace(
      acting: online.makeTape(rows: lanes), q: online.makeTape(rows: batchSize),
      nextQ: online.makeTape(rows: batchSize),
      selector: online.makeTape(rows: configuration.doubleQ ? batchSize : 1),
      rows: Array(repeating: 0, count: batchSize), nextRows: Array(repeating: 0, count: batchSize),
      masks: Array(repeating: 1, count: batchSize * spec.action.maskLength),
      gradient: Array(repeating: 0, count: online.parameters.count))
  }

  /// - Throws: `ConfigurationError` unless the environment's action is one Discrete choice.
  public static func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    guard spec.action.choices.count == 1, spec.action.controlCount == 0 else {
      throw ConfigurationError(
        field: "algo",
        reason: "dqn needs one Discrete action, but \(spec.id) has \(spec.action.space)")
    }
  }

  private static func activation(_ configuration: Configuration) -> Activation {
    configuration.activation == .relu ? .relu : .tanh
  }

  public var policy: QPolicy {
    QPolicy(
      network: online, activation: Self.activation(configuration), observation: spec.observation,
      action: spec.action, epsilon: configuration.epsilonEnd, pool: pool)
  }

  /// The probability of a random action at the current step.
  public var epsilon: Float {
    steps < configuration.learningStarts ? 1 : exploration.value(at: steps)
  }

  public mutating func act(_ step: inout StepBatch) {
    let count = spec.action.choices[0].count
    let epsilon = epsilon
    if epsilon < 1 {
      encoder.encode(
        step.observations, count: step.lanes, into: &workspace.acting.input,
        stride: workspace.acting.inputStride)
      online.forward(&workspace.acting, rows: step.lanes, pool: pool)
    }
    for lane in 0..<step.lanes {
      let chosen =
        exploreRandom.uniform() < epsilon
        ? randomChoice(
          count: count, masks: step.masks, maskStart: lane * count, random: &exploreRandom)
        : greedyChoice(
          workspace.acting.output, start: lane * workspace.acting.outputStride, count: count,
          masks: step.masks, maskStart: lane * count)
      step.choices[lane] = Int32(chosen)
    }
  }

  public mutating func observe(_ step: borrowing StepBatch) {
    replay.append(step)
    let before = steps
    steps += step.lanes
    let due = crossings(of: configuration.targetUpdateInterval, from: before, to: steps)
    if due > 0 { updateTarget(times: due) }
  }

  public mutating func learn() throws(DivergenceError) -> Int {
    let from = learnedSteps
    learnedSteps = steps
    guard steps > configuration.learningStarts else { return 0 }
    let bursts = crossings(of: configuration.trainFrequency, from: from, to: steps)
    let burst =
      configuration.gradientSteps < 0 ? configuration.trainFrequency : configuration.gradientSteps
    for _ in 0..<bursts * burst { try update() }
    return bursts * burst
  }

  public mutating func takeMetrics() -> Metrics {
    report.take(epsilon: epsilon, learningRate: configuration.learningRate)
  }

  /// One gradient step on the loss of the temporal-difference error.
  private mutating func update() throws(DivergenceError) {
    let batchSize = configuration.batchSize
    replay.sample(&replayRandom, into: &workspace.rows)
    for b in 0..<batchSize {
      workspace.nextRows[b] = Int32(
        truncatingIfNeeded: replay.successor(of: Int(workspace.rows[b])))
    }
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
    optimizer.step(
      &online.parameters, gradient: workspace.gradient,
      scale: clippingFactor(norm: norm, maximum: configuration.maxGradientNorm), pool: pool)
    updates += 1
    report.add(loss: loss, gradientNorm: norm)
  }

  /// Writes dL/dQ of the mean loss over the batch, and returns that mean.
  private mutating func writeLossGradient() -> Float {
    let batchSize = configuration.batchSize
    let stride = workspace.q.outputStride
    let loss = configuration.loss == .huber ? Loss.huber : .squared
    var total: Float = 0
    for i in 0..<batchSize * stride { workspace.q.outputGradient[i] = 0 }
    for b in 0..<batchSize {
      let row = Int(workspace.rows[b])
      let y = targetValue(row, batchIndex: b)
      let taken = b * stride + replay.choice(row)
      let error = workspace.q.output[taken] - y
      total += loss.value(error)
      workspace.q.outputGradient[taken] = loss.derivative(error) / Float(batchSize)
      report.add(q: workspace.q.output[taken])
    }
    return total / Float(batchSize)
  }

  /// y = r + gamma Q_target(s', a*); r alone when the task ended. A truncated s' bootstraps.
  private mutating func targetValue(_ row: Int, batchIndex b: Int) -> Float {
    let reward = replay.reward(row)
    if replay.isTerminated(row) { return reward }
    let count = spec.action.choices[0].count
    replay.copyMask(Int(workspace.nextRows[b]), into: &workspace.masks, at: b * replay.maskLength)

    // a* from the online network in double Q-learning, else from the target network
    let chosen =
      configuration.doubleQ
      ? greedyChoice(
        workspace.selector.output, start: b * workspace.selector.outputStride, count: count,
        masks: workspace.masks, maskStart: b * count)
      : greedyChoice(
        workspace.nextQ.output, start: b * workspace.nextQ.outputStride, count: count,
        masks: workspace.masks, maskStart: b * count)
    return reward
      + configuration.gamma * workspace.nextQ.output[b * workspace.nextQ.outputStride + chosen]
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

  /// `times` updates of the target network at once: theta' += (1 - (1 - tau)^times) (theta - theta').
  private mutating func updateTarget(times: Int) {
    if configuration.tau >= 1 {
      target.copyParameters(from: online)
    } else {
      let kept = (0..<times).reduce(Float(1)) { kept, _ in kept * (1 - configuration.tau) }
      target.blend(toward: online, tau: 1 - kept)
    }
  }

  /// Multiples of `interval` in `(from, to]`.
  private func crossings(of interval: Int, from: Int, to: Int) -> Int {
    to / interval - from / interval
  }
}
