import RLCore

/// Episodes whose length and rewards are a function of their seed and the actions: a step of
/// episode `i` earns 1 + the action's index, and there are `length(seed)` of them.
///
/// The observation is two numbers: a fraction that the seed names, and the steps made.
struct ToyEnvironment: Environment, ~Copyable {
  /// Which episode a free lane plays.
  enum Plan {
    case training
    /// `count` episodes; lane n plays n, n + lanes, n + 2 lanes ...
    case quota(count: Int)
    /// `count` episodes; the next one goes to the first lane that is free.
    case next(count: Int)
  }

  static let action = Space([Leaf(kind: .discrete(count: 3, start: 0), element: .i64)])
  static let observation = Space([
    Leaf(kind: .box(low: [0, 0], high: [1, 100]), element: .f32, shape: [2])
  ])
  static let specification = EnvironmentSpec(
    id: "Toy-v0", observation: observation, action: action,
    metrics: [.init(name: "success", reduction: .last), .init(name: "a,b", reduction: .last)])

  let spec = ToyEnvironment.specification
  let lanes: Int
  let plan: Plan
  let seed: UInt64
  var timeLimit: Int?
  var maximumLength = 9
  var journal: Journal?
  var failsAtStep: Int?
  private(set) var finishedEpisodes: [EpisodeRecord] = []
  private var indices: [Int?] = []
  private var seeds: [UInt64] = []
  private var lengths: [Int] = []
  private var returns: [Double] = []
  private var started = 0
  private var steps = 0

  init(lanes: Int, plan: Plan = .training, seed: UInt64 = 1) {
    self.lanes = lanes
    self.plan = plan
    self.seed = seed
  }

  var isExhausted: Bool { indices.allSatisfy { $0 == nil } }

  func episodeIndex(lane: Int) -> Int? { indices[lane] }

  func length(seed: UInt64) -> Int { 1 + Int(seed % UInt64(maximumLength)) }

  mutating func reset(_ batch: inout StepBatch) throws(EnvironmentError) {
    journal?.note("reset")
    indices = Array(repeating: nil, count: lanes)
    seeds = Array(repeating: 0, count: lanes)
    lengths = Array(repeating: 0, count: lanes)
    returns = Array(repeating: 0, count: lanes)
    for lane in 0..<lanes {
      start(lane, after: nil)
      write(lane, to: &batch.observations)
    }
  }

  mutating func step(_ batch: inout StepBatch) throws(EnvironmentError) {
    journal?.note("step")
    steps += 1
    if steps == failsAtStep { throw EnvironmentError(environment: spec.id, reason: "broke") }
    finishedEpisodes.removeAll(keepingCapacity: true)
    for lane in 0..<lanes where indices[lane] != nil {
      lengths[lane] += 1
      batch.rewards[lane] = 1 + Float(batch.choices[lane])
      returns[lane] += Double(batch.rewards[lane])
      batch.terminated[lane] = lengths[lane] == length(seed: seeds[lane])
      batch.truncated[lane] = lengths[lane] == timeLimit
      write(lane, to: &batch.nextObservations)
      if batch.terminated[lane] || batch.truncated[lane] { finish(lane, batch) }
    }
  }

  mutating func advance(_ batch: inout StepBatch) throws(EnvironmentError) {
    journal?.note("advance")
    batch.observations = batch.nextObservations
    for episode in finishedEpisodes {
      start(episode.lane, after: episode.index)
      write(episode.lane, to: &batch.observations)
    }
  }

  func saveState(_ batch: borrowing StepBatch) throws(EnvironmentError) -> SavedState {
    journal?.note("save")
    var state = SavedState()
    state["indices"] = .words(indices.map { $0.map { UInt64($0) } ?? .max })
    state["seeds"] = .words(seeds)
    state["lengths"] = .words(lengths.map { UInt64($0) })
    state["returns"] = .words(returns.map(\.bitPattern))
    state["counters"] = .words([UInt64(started), UInt64(steps)])
    state["observations"] = .bytes(batch.observations)
    return state
  }

  mutating func restore(_ state: SavedState, _ batch: inout StepBatch) throws {
    let indices = try state.words("indices", count: lanes)
    let seeds = try state.words("seeds", count: lanes)
    let lengths = try state.words("lengths", count: lanes)
    let returns = try state.words("returns", count: lanes)
    let counters = try state.words("counters", count: 2)
    let observations = try state.bytes("observations", count: batch.observations.count)
    journal?.note("restore")
    self.indices = indices.map { $0 == .max ? nil : Int(clamping: $0) }
    self.seeds = seeds
    self.lengths = lengths.map { Int(clamping: $0) }
    self.returns = returns.map { Double(bitPattern: $0) }
    (started, steps) = (Int(clamping: counters[0]), Int(clamping: counters[1]))
    batch.observations = observations
    batch.nextObservations = observations
  }

  private mutating func finish(_ lane: Int, _ batch: StepBatch) {
    let success = batch.terminated[lane] ? 1.0 : 0
    finishedEpisodes.append(
      EpisodeRecord(
        lane: lane, index: indices[lane] ?? -1, seed: seeds[lane], episodeReturn: returns[lane],
        length: lengths[lane], terminated: batch.terminated[lane],
        truncated: batch.truncated[lane], metrics: [success, .nan]))
  }

  private mutating func start(_ lane: Int, after index: Int?) {
    switch plan {
    case .training: indices[lane] = (index ?? -1) + 1
    case .quota(let count):
      let next = index.map { $0 + lanes } ?? lane
      indices[lane] = next < count ? next : nil
    case .next(let count): indices[lane] = started < count ? started : nil
    }
    started += 1
    guard let index = indices[lane] else { return }
    seeds[lane] =
      if case .training = plan {
        EpisodeSeeds.training(run: seed, lane: lane, episode: index)
      } else {
        EpisodeSeeds.evaluation(run: seed, episode: index)
      }
    lengths[lane] = 0
    returns[lane] = 0
  }

  private func write(_ lane: Int, to rows: inout [UInt8]) {
    let values = [Float(seeds[lane] % 1024) / 1024, Float(lengths[lane])]
    for (index, value) in values.enumerated() {
      for byte in 0..<4 {
        rows[lane * 8 + index * 4 + byte] = UInt8(
          truncatingIfNeeded: value.bitPattern >> (8 * byte))
      }
    }
  }
}

/// The `index`-th number of a lane's observation.
func number(_ index: Int, lane: Int, in rows: [UInt8]) -> Float {
  let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(rows[lane * 8 + index * 4 + $1]) << (8 * $1) }
  return Float(bitPattern: bits)
}
