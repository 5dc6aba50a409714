import RLCore
import RLEnvironments
import RLParallel

/// All that an agent and the log see of one step and the start after it.
struct Moment: Equatable {
  var acted: [UInt8]
  var masks: [UInt8]
  var choices: [Int32]
  var rewards: [UInt32]
  var ends: [Bool]
  var successors: [UInt8]
  var successorMasks: [UInt8]
  var finished: [String]
  var indices: [Int?]
}

/// A saved state, and how the actions go on from there.
struct Save {
  var step: Int
  var state: SavedState
  var streams: [RandomStream]
}

/// What an uninterrupted run showed.
struct Reference {
  var saves: [Save] = []
  var moments: [Moment] = []
  var end = Ending()
}

/// What a run leaves.
struct Ending: Equatable {
  var state: SavedState?
  var hashes: [UInt64]?
  var nonfinite = 0
  var faults = 0
  var lastFault: String?
}

/// How an environment is made, for the runs to be compared.
struct Recipe {
  var path: String
  var id: String?
  var options: [String: String] = [:]
  var lanes = 7
  var plan = EpisodePlan.training(seed: 3)
  var limit: Int?
  var onNonfinite = NonfinitePolicy.fail

  func make(instances: Int, threads: Int) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: path), id: id, options: options, lanes: lanes, instances: instances,
      pool: WorkerPool(threads: threads), plan: plan, maxEpisodeSteps: limit,
      onNonfinite: onNonfinite, recordsHashes: true)
  }

  /// Plays from the start, saving at each of `steps` and after the first ends of episodes.
  func play(instances: Int, threads: Int, steps: Set<Int>, total: Int) throws -> Reference {
    var environment = try make(instances: instances, threads: threads)
    var batch = StepBatch(environment.spec, lanes: lanes)
    var streams = (0..<lanes).map { RandomStream(seed: 5, purpose: "lane \($0)") }
    var reference = Reference()
    var ends = 0
    try environment.reset(&batch)
    for step in 0..<total {
      if step > 0, !environment.finishedEpisodes.isEmpty { ends += 1 }
      let isAfterEnd = !environment.finishedEpisodes.isEmpty && ends <= 3
      if steps.contains(step) || isAfterEnd {
        let state = try environment.saveState(batch)
        reference.saves.append(Save(step: step, state: state, streams: streams))
      }
      if environment.isExhausted { break }
      reference.moments.append(try Self.step(&environment, &batch, &streams))
    }
    reference.end = try Self.ending(environment, batch)
    return reference
  }

  /// Restores `save` into a fresh environment and plays on for `steps`.
  func resume(
    _ save: Save, instances: Int, threads: Int, steps: Int
  ) throws -> (moments: [Moment], end: Ending) {
    var environment = try make(instances: instances, threads: threads)
    var batch = StepBatch(environment.spec, lanes: lanes)
    var streams = save.streams
    var moments: [Moment] = []
    try environment.restore(save.state, &batch)
    for _ in 0..<steps where !environment.isExhausted {
      moments.append(try Self.step(&environment, &batch, &streams))
    }
    return (moments, try Self.ending(environment, batch))
  }

  static func ending(
    _ environment: borrowing VectorEnvironment, _ batch: StepBatch
  ) throws -> Ending {
    Ending(
      state: try environment.saveState(batch), hashes: environment.laneHashes,
      nonfinite: environment.nonfiniteEpisodes, faults: environment.faults,
      lastFault: environment.lastFault)
  }

  static func step(
    _ environment: inout VectorEnvironment, _ batch: inout StepBatch,
    _ streams: inout [RandomStream]
  ) throws -> Moment {
    for lane in streams.indices { choose(&batch, lane, environment.spec.action, &streams[lane]) }
    let (acted, masks) = (batch.observations, batch.masks)
    try environment.step(&batch)
    let moment = Moment(
      acted: acted, masks: masks, choices: batch.choices, rewards: batch.rewards.map(\.bitPattern),
      ends: batch.terminated + batch.truncated, successors: batch.nextObservations,
      successorMasks: batch.nextMasks, finished: environment.finishedEpisodes.map { "\($0)" },
      indices: (0..<batch.lanes).map { environment.episodeIndex(lane: $0) })
    try environment.advance(&batch)
    return moment
  }
}
