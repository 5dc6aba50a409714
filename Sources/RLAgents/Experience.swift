import RLCore
import RLNetworks
import RLParallel

/// What DDPG, TD3 and SAC share: the replay of bounded controls, the batches drawn from it, when
/// updates are due, and the targets y that all critics learn from.
struct Experience: Sendable {
  let spec: EnvironmentSpec
  let range: ControlRange
  let encoder: ObservationEncoder
  private(set) var replay: ReplayBuffer
  private var priorities: PrioritySampling?
  private(set) var steps = 0  // environment steps, all lanes together
  var updates = 0  // gradient steps
  private var learnedSteps = 0  // `steps` at the last call of `dueUpdates`
  var exploreRandom: RandomStream
  private var replayRandom: RandomStream
  /// One stream, for the normal draws of an update.
  var drawRandom: [RandomStream]
  private(set) var batch: ControlBatch
  private let schedule: Schedule

  /// The numbers of the configuration that matter here.
  private struct Schedule: Sendable {
    var learningStarts: Int
    var trainFrequency: Int
    var burst: Int
    var nSteps: Int
    var gamma: Float
    var learningRate: ScheduledNumber
    var plannedSteps: Int
  }

  /// - Throws: `ConfigurationError` when the spaces or the ring cannot be used by `algorithm`.
  init(
    _ algorithm: String, spec: EnvironmentSpec, lanes: Int,
    configuration: some OffPolicyConfiguration, plannedSteps: Int, seed: UInt64
  ) throws(ConfigurationError) {
    range = try ControlRange(spec, algorithm: algorithm)
    guard configuration.bufferSize >= lanes else {
      throw ConfigurationError(
        field: "bufferSize", reason: "needs a row for each of \(lanes) lanes")
    }
    self.spec = spec
    encoder = ObservationEncoder(spec.observation)
    replay = ReplayBuffer(spec, lanes: lanes, capacity: configuration.bufferSize)
    if configuration.prioritized {
      priorities = PrioritySampling(
        configuration, rows: lanes * replay.rowsPerLane, plannedSteps: plannedSteps)
    }
    exploreRandom = RandomStream(seed: seed, purpose: "exploration")
    replayRandom = RandomStream(seed: seed, purpose: "replay")
    drawRandom = [RandomStream(seed: seed, purpose: "draws")]
    batch = ControlBatch(size: configuration.batchSize, controls: range.count)
    schedule = Schedule(
      learningStarts: configuration.learningStarts, trainFrequency: configuration.trainFrequency,
      burst: configuration.burst, nSteps: configuration.nSteps, gamma: configuration.gamma,
      learningRate: configuration.learningRate, plannedSteps: plannedSteps)
  }

  /// Whether actions are still random.
  var isWarmingUp: Bool { steps < schedule.learningStarts }

  /// Of the next update.
  var learningRate: Float {
    let done = Float(steps) / Float(max(schedule.plannedSteps, 1))
    return schedule.learningRate.value(remaining: max(0, 1 - done))
  }

  /// Whether a burst of updates came between the last step and the one before, or there was none.
  func isAtBurst(lanes: Int) -> Bool {
    steps < lanes || crossings(from: steps - lanes, to: steps) > 0
  }

  /// Fills actions, `[N, C]`, uniformly in -1 ... 1.
  mutating func drawUniform(_ actions: inout [Float]) {
    for i in actions.indices { actions[i] = 2 * exploreRandom.uniform() - 1 }
  }

  mutating func observe(_ step: borrowing StepBatch) {
    replay.append(step)
    priorities?.record(replay)
    steps += step.lanes
  }

  /// How many updates the steps since the last call are worth.
  mutating func dueUpdates() -> Int {
    let from = learnedSteps
    learnedSteps = steps
    guard steps > schedule.learningStarts else { return 0 }
    return crossings(from: from, to: steps) * schedule.burst
  }

  /// Multiples of `trainFrequency` in `(from, to]`.
  private func crossings(from: Int, to: Int) -> Int {
    to / schedule.trainFrequency - from / schedule.trainFrequency
  }

  /// Draws the transitions of an update, with their n-step returns, and their weights of importance
  /// unless these are all 1.
  mutating func drawBatch() {
    if let priorities {
      priorities.sample(
        &replayRandom, beta: priorities.beta(at: steps), rows: &batch.rows,
        weights: &batch.weights)
    } else {
      replay.sample(&replayRandom, into: &batch.rows)
    }
    for b in batch.rows.indices {
      let row = Int(batch.rows[b])
      let path = replay.nStepReturn(from: row, steps: schedule.nSteps, gamma: schedule.gamma)
      batch.nextRows[b] = Int32(truncatingIfNeeded: path.lastRow)
      batch.totals[b] = path.total
      batch.discounts[b] = path.discount
      for c in 0..<range.count {
        batch.actions[b * range.count + c] = range.scaled(replay.control(row, c), c)
      }
    }
  }

  /// y = the rewards + gamma^m times the value of s'; the rewards alone when the task ended, whatever
  /// that value is. A truncated s' bootstraps.
  ///
  /// - Parameter values: of s' and a', `[B]`, with the entropy where it counts.
  mutating func setTargets(_ values: [Float]) {
    for b in batch.rows.indices {
      let discount = batch.discounts[b]
      batch.targets[b] =
        discount == 0 ? batch.totals[b] : batch.totals[b] + discount * values[b]
    }
  }

  /// Gives the batch's transitions the priorities of their errors.
  mutating func updatePriorities(_ critics: borrowing CriticEnsemble) {
    guard priorities != nil else { return }
    critics.copyErrors(into: &batch.errors)
    priorities?.update(batch.rows, errors: batch.errors)
  }

  /// beta of the weights of importance, if there are any.
  var priorityBeta: Float? { priorities.map { $0.beta(at: steps) } }
}

/// Transitions that an update learns from; allocated once.
struct ControlBatch: Sendable {
  var rows: [Int32]  // [B] where the transitions start in the ring
  var nextRows: [Int32]  // [B] of s', n steps later or at the episode's end
  var actions: [Float]  // [B, C] in -1 ... 1
  var totals: [Float]  // [B] rewards on the way
  var discounts: [Float]  // [B] of the value of s'; 0 where the task ended
  var targets: [Float]  // [B] y
  var weights: [Float]  // [B] of importance
  var errors: [Float]  // [B]

  init(size: Int, controls: Int) {
    rows = Array(repeating: 0, count: size)
    nextRows = rows
    actions = Array(repeating: 0, count: size * controls)
    totals = Array(repeating: 0, count: size)
    discounts = totals
    targets = totals
    weights = Array(repeating: 1, count: size)
    errors = totals
  }
}

extension Experience {
  func saveState() -> SavedState {
    var state = small
    state.merge(replay.saveState(), prefix: "replay")
    if let priorities { state.merge(priorities.saveState(), prefix: "priorities") }
    return state
  }

  mutating func capture() -> StateCapture {
    var capture = StateCapture(state: small)
    capture.merge(replay.capture(), prefix: "replay")
    if let changed = priorities?.capture() { capture.merge(changed, prefix: "priorities") }
    return capture
  }

  mutating func captureAnew() {
    replay.captureAnew()
    priorities?.captureAnew()
  }

  /// All but the replay and its priorities.
  private var small: SavedState {
    SavedState(entries: [
      "random": .words(exploreRandom.words + replayRandom.words + drawRandom[0].words),
      "counters": .words([UInt64(steps), UInt64(updates), UInt64(learnedSteps)]),
    ])
  }

  mutating func restore(_ state: SavedState) throws(StateError) {
    let random = try state.words("random", count: 12)
    let counters = try state.words("counters", count: 3)
    // updates that are due are made at once: a wrong distance would keep an agent busy for ever
    guard counters.allSatisfy({ $0 < 1 << 62 }), counters[2] <= counters[0],
      counters[0] - counters[2] <= replay.lanes * replay.rowsPerLane
    else { throw StateError(reason: "a counter is damaged") }
    try replay.restore(state.part("replay"))
    try replay.check(spec)
    guard counters[0] == 0 || replay.count > 0 else {
      throw StateError(reason: "the replay ring is empty after \(counters[0]) steps")
    }
    try priorities?.restore(state.part("priorities"), replay)
    exploreRandom = try RandomStream(words: Array(random[0..<4]))
    replayRandom = try RandomStream(words: Array(random[4..<8]))
    drawRandom = [try RandomStream(words: Array(random[8..<12]))]
    steps = Int(counters[0])
    updates = Int(counters[1])
    learnedSteps = Int(counters[2])
  }
}
