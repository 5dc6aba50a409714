import RLCore
import RLWrappers
import Testing

/// Episodes of simple functions of lane, episode and step, the same that `Golden/gymnasium_wrappers.py`
/// plays: three numbers observed, and a reward; lane l's episodes have `shortest` + l steps.
///
/// What was done to it is noted.
struct ScriptedEnvironment: Environment, ~Copyable {
  let spec: EnvironmentSpec
  let lanes: Int
  var firstLane = 0  // the number of the first lane
  var shortest = 3
  var terminates = false
  /// Episodes that each lane plays; `nil` never ends.
  var episodes: Int?
  /// Choice 1 is allowed in even steps alone, where actions are masked.
  let isMasked: Bool
  private(set) var finishedEpisodes: [EpisodeRecord] = []
  /// The actions taken, of each lane.
  private(set) var taken: [[Int32]]
  private var indices: [Int?]
  private var steps: [Int]
  private var returns: [Double]
  private var ended: [Bool]

  init(lanes: Int, limit: Int? = nil, isMasked: Bool = false) {
    self.lanes = lanes
    self.isMasked = isMasked
    spec = EnvironmentSpec(
      id: "Scripted-v0",
      observation: Space([
        Leaf(
          kind: .box(
            low: [Double](repeating: -.infinity, count: 3),
            high: [Double](repeating: .infinity, count: 3)), element: .f32, shape: [3])
      ]),
      action: Space([
        Leaf(kind: .discrete(count: 2, start: 0), element: .i32, isMasked: isMasked)
      ]), maxEpisodeSteps: limit)
    taken = Array(repeating: [], count: lanes)
    indices = Array(repeating: nil, count: lanes)
    steps = Array(repeating: 0, count: lanes)
    returns = Array(repeating: 0, count: lanes)
    ended = Array(repeating: false, count: lanes)
  }

  static func observation(_ lane: Int, _ episode: Int, _ step: Int) -> [Float] {
    let t = 37 * lane + 11 * episode + step
    return [Float(t * 7 % 13) / 4 - 1, Float(t * t % 17) * 2.5, Float(100 + t % 3)]
  }

  static func reward(_ lane: Int, _ episode: Int, _ step: Int) -> Float {
    Float((5 * lane + 3 * episode + step * step) % 11) / 2 - 1.75
  }

  var isExhausted: Bool { indices.allSatisfy { $0 == nil } }

  func episodeIndex(lane: Int) -> Int? { indices[lane] }

  mutating func reset(_ batch: inout StepBatch) throws(EnvironmentError) {
    for lane in 0..<lanes { start(lane, 0, &batch.observations, &batch.masks) }
  }

  mutating func step(_ batch: inout StepBatch) throws(EnvironmentError) {
    finishedEpisodes.removeAll(keepingCapacity: true)
    play(&batch) { _ in true }
  }

  mutating func step(
    _ batch: inout StepBatch, only lanes: [Bool]
  ) throws(EnvironmentError) {
    swap(&batch.observations, &batch.nextObservations)
    swap(&batch.masks, &batch.nextMasks)
    play(&batch) { lanes[$0] }
    finishedEpisodes.sort { $0.lane < $1.lane }
  }

  private mutating func play(_ batch: inout StepBatch, _ isMeant: (Int) -> Bool) {
    for lane in 0..<lanes {
      batch.rewards[lane] = 0
      (batch.terminated[lane], batch.truncated[lane]) = (false, false)
      guard let episode = indices[lane], !ended[lane], isMeant(lane) else {
        write(lane, batch.observations.floats(lane, width: 3), &batch.nextObservations)
        for entry in 2 * lane..<2 * lane + 2 where isMasked {
          batch.nextMasks[entry] = batch.masks[entry]
        }
        continue
      }
      taken[lane].append(batch.choices[lane])
      steps[lane] += 1
      batch.rewards[lane] = Self.reward(firstLane + lane, episode, steps[lane])
      returns[lane] += Double(batch.rewards[lane])
      write(lane, Self.observation(firstLane + lane, episode, steps[lane]), &batch.nextObservations)
      allow(lane, &batch.nextMasks)
      guard steps[lane] == shortest + firstLane + lane else { continue }
      ended[lane] = true
      batch.terminated[lane] = terminates
      batch.truncated[lane] = !terminates
      finishedEpisodes.append(
        EpisodeRecord(
          lane: lane, index: episode, seed: 0, episodeReturn: returns[lane], length: steps[lane],
          terminated: terminates, truncated: !terminates, metrics: []))
    }
  }

  mutating func advance(_ batch: inout StepBatch) throws(EnvironmentError) {
    swap(&batch.observations, &batch.nextObservations)
    swap(&batch.masks, &batch.nextMasks)
    for episode in finishedEpisodes {
      let next = episode.index + 1
      if let episodes, next >= episodes {
        indices[episode.lane] = nil
        write(
          episode.lane, batch.observations.floats(episode.lane, width: 3), &batch.nextObservations)
      } else {
        start(episode.lane, next, &batch.observations, &batch.masks)
      }
    }
    finishedEpisodes.removeAll(keepingCapacity: true)
  }

  func saveState(_ batch: borrowing StepBatch) throws(EnvironmentError) -> SavedState {
    SavedState(entries: ["rows": .bytes(batch.observations)])
  }

  mutating func restore(_ state: SavedState, _ batch: inout StepBatch) throws {
    batch.observations = try state.bytes("rows", count: batch.observations.count)
  }

  private mutating func start(
    _ lane: Int, _ episode: Int, _ rows: inout [UInt8], _ masks: inout [UInt8]
  ) {
    indices[lane] = episode
    (steps[lane], returns[lane], ended[lane]) = (0, 0, false)
    write(lane, Self.observation(firstLane + lane, episode, 0), &rows)
    allow(lane, &masks)
  }

  private func allow(_ lane: Int, _ masks: inout [UInt8]) {
    guard isMasked else { return }
    masks[2 * lane] = 1
    masks[2 * lane + 1] = steps[lane] % 2 == 0 ? 1 : 0
  }

  private func write(_ lane: Int, _ values: [Float], _ rows: inout [UInt8]) {
    for (index, value) in values.enumerated() {
      for byte in 0..<4 {
        rows[lane * 12 + index * 4 + byte] = UInt8(
          truncatingIfNeeded: value.bitPattern >> (8 * byte))
      }
    }
  }
}

extension [UInt8] {
  /// The 32-bit floats of row `row`.
  func floats(_ row: Int, width: Int) -> [Float] {
    (0..<width).map { index in
      let start = 4 * (row * width + index)
      return Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(self[start + $1]) << (8 * $1) })
    }
  }
}

/// A configuration with these settings.
func wrappers(_ settings: [String: ConfigurationValue]) throws -> WrapperConfiguration {
  var configuration = WrapperConfiguration()
  for (key, value) in settings {
    for name in try WrapperConfiguration.names(for: key) { try configuration.set(name, to: value) }
  }
  try configuration.validate()
  return configuration
}

/// The wrappers as they stand; there are some.
func savedState(
  _ environment: borrowing WrappedEnvironment<ScriptedEnvironment>
) throws -> WrapperState {
  let state = environment.wrapperState
  return try #require(state)
}
