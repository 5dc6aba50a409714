import RLAgents
import RLCore
import Testing

@Suite struct ReplayBufferTests {
  /// A transition as numbers that can be compared.
  private struct Transition: Hashable {
    var lane: Int
    var observation: Int
    var next: Int
    var reward: Float
    var choice: Int
    var isTerminated: Bool
  }

  private func transition(_ row: Int, in ring: ReplayBuffer) -> Transition {
    Transition(
      lane: row / ring.rowsPerLane, observation: ToyEnvironment.value(row, in: ring.observations),
      next: ToyEnvironment.value(ring.successor(of: row), in: ring.observations),
      reward: ring.reward(row), choice: ring.choice(row), isTerminated: ring.isTerminated(row))
  }

  private func samples(_ count: Int, of ring: ReplayBuffer, seed: UInt64 = 1) -> [Transition] {
    var rows = Array(repeating: Int32(0), count: count)
    var random = RandomStream(seed: seed)
    ring.sample(&random, into: &rows)
    return rows.map { transition(Int($0), in: ring) }
  }

  /// Plays `iterations` steps with distinct rewards; returns the ring and all that was recorded.
  private func play(
    lanes: Int, capacity: Int, iterations: Int, ending: ToyEnvironment.Ending
  ) -> (ring: ReplayBuffer, recorded: [Transition]) {
    var toy = ToyEnvironment(
      lanes: lanes, choices: 3, ending: ending, length: { 2 + 3 * $0 }, reward: { _, _ in 0 })
    var ring = ReplayBuffer(toy.spec, lanes: lanes, capacity: capacity)
    var recorded: [Transition] = []
    for iteration in 0..<iterations {
      for lane in 0..<lanes { toy.batch.choices[lane] = Int32((iteration + lane) % 3) }
      toy.step()
      for lane in 0..<lanes {
        toy.batch.rewards[lane] = Float(iteration)
        recorded.append(
          Transition(
            lane: lane, observation: ToyEnvironment.value(lane, in: toy.batch.observations),
            next: ToyEnvironment.value(lane, in: toy.batch.nextObservations),
            reward: Float(iteration), choice: (iteration + lane) % 3,
            isTerminated: toy.batch.terminated[lane]))
      }
      ring.append(toy.batch)
      toy.advance()
    }
    return (ring, recorded)
  }

  @Test(arguments: [1, 3], [5, 40, 97])
  func samplesAreExactlyTheLatestTransitions(lanes: Int, iterations: Int) {
    for ending in [ToyEnvironment.Ending.terminated, .truncated] {
      let (ring, recorded) = play(
        lanes: lanes, capacity: 24, iterations: iterations, ending: ending)
      let seen = Set(samples(4000, of: ring))
      #expect(seen.count == ring.count)
      // of each lane, the latest ones and no others
      for lane in 0..<lanes {
        let kept = seen.filter { $0.lane == lane }
        let latest = recorded.filter { $0.lane == lane }.suffix(kept.count)
        #expect(kept == Set(latest))
        #expect(kept.count >= min(iterations, 24 / lanes / 2))
      }
    }
  }

  // The last row of a ring may start a transition whose successor is the first row.
  @Test(arguments: 1...9, 1...4)
  func everyTransitionCanBeDrawnAtEveryMoment(capacity: Int, length: Int) {
    var toy = ToyEnvironment(length: { _ in length }, reward: { _, _ in 0 })
    var ring = ReplayBuffer(toy.spec, lanes: 1, capacity: capacity)
    for step in 0..<60 {
      toy.step()
      toy.batch.rewards[0] = Float(step)
      ring.append(toy.batch)
      toy.advance()
      let seen = Set(samples(300, of: ring))
      #expect(seen.count == ring.count)
      #expect(seen.contains { $0.reward == Float(step) })
    }
  }

  @Test func theSuccessorOfATruncatedStepIsItsTrueFinalObservation() {
    let (ring, _) = play(lanes: 1, capacity: 100, iterations: 40, ending: .truncated)
    for sample in samples(500, of: ring) {
      #expect(sample.next == sample.observation + 1)
      #expect(!sample.isTerminated)
    }
  }

  @Test func samplingIsUniformOverTransitionsOfUnequalLanes() {
    let (ring, _) = play(lanes: 3, capacity: 90, iterations: 15, ending: .terminated)
    var counts: [Transition: Int] = [:]
    for sample in samples(45_000, of: ring) { counts[sample, default: 0] += 1 }
    #expect(counts.count == 45)
    // chi-squared with 44 degrees of freedom is below 78.7 with probability 0.999
    let chi = counts.values.reduce(0.0) {
      $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000
    }
    #expect(chi < 78.7)
  }

  @Test func aMillionCartPoleTransitionsTakeLessThan48Megabytes() {
    let bounds: [Double] = [1, 1, 1, 1]
    let spec = EnvironmentSpec(
      id: "CartPole-v1",
      observation: Space([
        Leaf(kind: .box(low: bounds.map { -$0 }, high: bounds), element: .f32, shape: [4])
      ]),
      action: Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)]))
    let ring = ReplayBuffer(spec, lanes: 1, capacity: 1_000_000)
    #expect(ring.byteCount <= 48_000_000)
  }

  @Test func theStorageNeverMoves() {
    var toy = ToyEnvironment(lanes: 2, length: { _ in 3 }, reward: { _, _ in 1 })
    var ring = ReplayBuffer(toy.spec, lanes: 2, capacity: 10)
    func address() -> UInt {
      unsafe ring.observations.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }
    ring.append(toy.batch)
    let first = address()
    for _ in 0..<50 {
      toy.step()
      ring.append(toy.batch)
      toy.advance()
    }
    #expect(address() == first)
  }

  @Test func aRestoredRingGivesTheSameSamples() throws {
    var (ring, _) = play(lanes: 3, capacity: 30, iterations: 50, ending: .terminated)
    var other = ReplayBuffer(ToyEnvironment.spec(choices: 3), lanes: 3, capacity: 30)
    try other.restore(ring.saveState())
    #expect(other == ring)
    var toy = ToyEnvironment(lanes: 3, choices: 3, length: { _ in 4 }, reward: { _, _ in 9 })
    toy.step()
    ring.append(toy.batch)
    other.append(toy.batch)
    #expect(samples(200, of: other, seed: 8) == samples(200, of: ring, seed: 8))
  }

  @Test func aDamagedStateIsRefused() throws {
    let (ring, _) = play(lanes: 2, capacity: 30, iterations: 10, ending: .terminated)
    var other = ReplayBuffer(ToyEnvironment.spec(choices: 3), lanes: 2, capacity: 31)
    #expect(throws: StateError.self) { try other.restore(ring.saveState()) }
    var state = ring.saveState()
    state["heads"] = .words([5, 1 << 60])
    var same = ReplayBuffer(ToyEnvironment.spec(choices: 3), lanes: 2, capacity: 30)
    #expect(throws: StateError.self) { try same.restore(state) }
  }
}
