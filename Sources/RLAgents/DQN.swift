public import RLCore
public import RLNetworks
public import RLParallel

/// Deep Q-learning with experience replay and a target network (Mnih et al. 2015, algorithm 1),
/// with four options that go together in every combination: double Q-learning (van Hasselt et al.
/// 2016, equation 4), dueling streams (Wang et al. 2016; see `QNetwork`), returns of n steps (Sutton
/// 1988; Hessel et al. 2018, section 2) and prioritised replay (Schaul et al. 2016).
///
/// With n steps, y = r_1 + gamma r_2 + ... + gamma^(m-1) r_m + gamma^m Q(s_m, a*), m being n, or less
/// where the episode ended before: a termination leaves Q(s_m, a*) out, a truncated episode
/// bootstraps from its true final observation. The latest transitions of an open episode can be
/// drawn at once: they bootstrap from its current observation after the fewer steps there are.
///
/// Differs from the paper: Adam by default; the Huber loss instead of a clipped error, which has
/// the same gradient; the target network may follow softly (`tau`); a transition that was truncated
/// bootstraps from its true final observation; forbidden actions are left out of acting and of the
/// target's maximum.
public struct DQN: Agent {
  public let configuration: Configuration
  public internal(set) var online: QNetwork
  public internal(set) var target: QNetwork
  public internal(set) var replay: ReplayBuffer
  public internal(set) var steps = 0  // environment steps, all lanes together
  public internal(set) var updates = 0  // gradient steps

  let spec: EnvironmentSpec
  let encoder: ObservationEncoder
  private let exploration: LinearSchedule
  private let plannedSteps: Int
  let pool: WorkerPool
  package var priorities: PrioritySampling?
  var optimizer: Optimizer
  var exploreRandom: RandomStream
  var replayRandom: RandomStream
  var learnedSteps = 0  // `steps` at the last call of `learn`
  var report = UpdateReport()
  var workspace: Workspace

  /// - Parameters:
  ///   - spec: an environment with one Discrete action.
  ///   - lanes: N, the lanes of every batch.
  ///   - configuration: the hyperparameters.
  ///   - plannedSteps: environment steps of the whole run, for the schedules.
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
    self.plannedSteps = plannedSteps
    encoder = ObservationEncoder(spec.observation)
    exploration = LinearSchedule(
      start: configuration.epsilonStart, end: configuration.epsilonEnd,
      steps: Int((Double(configuration.explorationFraction) * Double(plannedSteps)).rounded()))
    exploreRandom = RandomStream(seed: seed, purpose: "exploration")
    replayRandom = RandomStream(seed: seed, purpose: "replay")
    var weightRandom = RandomStream(seed: seed, purpose: "weights")
    online = QNetwork(
      inputs: encoder.width, hidden: configuration.hidden,
      actions: spec.action.choices[0].count, isDueling: configuration.dueling,
      activation: Self.activation(configuration), random: &weightRandom)
    target = online
    optimizer = Optimizer(
      configuration.optimizer == .adam ? .adam : .rmsprop, count: online.parameters.count,
      learningRate: configuration.learningRate.start, epsilon: 1e-8)
    replay = ReplayBuffer(spec, lanes: lanes, capacity: configuration.bufferSize)
    if configuration.prioritized {
      priorities = PrioritySampling(
        configuration, rows: lanes * replay.rowsPerLane, plannedSteps: plannedSteps)
    }
    workspace = Workspace(online, configuration, lanes: lanes, maskLength: spec.action.maskLength)
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

  /// Of the next update; a schedule falls with the environment steps.
  var learningRate: Float {
    let taken = Float(steps) / Float(max(plannedSteps, 1))
    return configuration.learningRate.value(remaining: max(0, 1 - taken))
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
    priorities?.record(replay)
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
    var metrics = report.take(epsilon: epsilon, learningRate: learningRate)
    if let priorities { metrics.append("train/priority_beta", Double(priorities.beta(at: steps))) }
    return metrics
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
