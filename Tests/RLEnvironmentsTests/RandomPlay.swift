import RLCore
import RLEnvironments
import RLParallel

/// What a number of random steps showed.
struct PlayResult: Equatable {
  var hashes: [UInt64]
  var episodes: [EpisodeRecord]  // in order of lane, then index
}

/// Plays `steps` random steps. The actions of a lane depend on the lane alone.
func play(
  _ environment: inout VectorEnvironment, steps: Int, seed: UInt64 = 5
) throws -> PlayResult {
  var batch = StepBatch(environment.spec, lanes: environment.lanes)
  var streams = (0..<environment.lanes).map { RandomStream(seed: seed, purpose: "lane \($0)") }
  var episodes: [EpisodeRecord] = []
  try environment.reset(&batch)
  for _ in 0..<steps where !environment.isExhausted {
    for lane in streams.indices { choose(&batch, lane, environment.spec.action, &streams[lane]) }
    try environment.step(&batch)
    episodes += environment.finishedEpisodes
    try environment.advance(&batch)
  }
  episodes.sort { ($0.lane, $0.index) < ($1.lane, $1.index) }
  return PlayResult(hashes: environment.laneHashes ?? [], episodes: episodes)
}

/// Writes one allowed random action.
func choose(
  _ batch: inout StepBatch, _ lane: Int, _ space: ActionSpace, _ random: inout RandomStream
) {
  var offset = lane * space.maskLength
  for (k, choice) in space.choices.enumerated() {
    let picked: Int
    if choice.isMasked {
      let allowed = (0..<choice.count).filter { batch.masks[offset + $0] == 1 }
      picked = allowed[random.index(below: allowed.count)]
      offset += choice.count
    } else {
      picked = random.index(below: choice.count)
    }
    batch.choices[lane * space.choices.count + k] = Int32(picked)
  }
  for k in 0..<space.controlCount {
    let share = random.uniform() * 1.2 - 0.1  // beyond the bounds now and then
    let (low, high) = (space.low[k], space.high[k])
    batch.controls[lane * space.controlCount + k] = low + share * (high - low)
  }
}
