import RLAgents
import RLCore
import Testing

/// Returns of n steps against sums over whole recorded episodes.
@Suite struct NStepReturnTests {
  private struct Step {
    var reward: Float
    var terminated: Bool
    var truncated: Bool
  }

  /// Plays episodes of random lengths, rewards and ends; returns the ring and, for each lane, all
  /// steps.
  ///
  /// The observation counts a lane's observations from its first, final ones included.
  private func play(
    lanes: Int, capacity: Int, iterations: Int, seed: UInt64
  ) -> (ring: ReplayBuffer, lanes: [[(observation: Int, step: Step)]]) {
    let spec = ToyEnvironment.spec(choices: 2)
    var batch = StepBatch(spec, lanes: lanes)
    var ring = ReplayBuffer(spec, lanes: lanes, capacity: capacity)
    var random = RandomStream(seed: seed)
    var recorded: [[(observation: Int, step: Step)]] = Array(repeating: [], count: lanes)
    var clock = Array(repeating: 0, count: lanes)
    for _ in 0..<iterations {
      for lane in 0..<lanes {
        let step = Step(
          reward: random.uniform() - 0.5, terminated: random.index(below: 7) == 0,
          truncated: random.index(below: 9) == 0)
        recorded[lane].append((clock[lane], step))
        ToyEnvironment.show(clock[lane], lane, in: &batch.observations)
        ToyEnvironment.show(clock[lane] + 1, lane, in: &batch.nextObservations)
        batch.rewards[lane] = step.reward
        batch.terminated[lane] = step.terminated
        batch.truncated[lane] = step.truncated
        clock[lane] += step.terminated || step.truncated ? 2 : 1
      }
      ring.append(batch)
    }
    return (ring, recorded)
  }

  /// The definition, from the recorded steps of one lane.
  private func reference(
    _ steps: [(observation: Int, step: Step)], from start: Int, n: Int, gamma: Double
  ) -> (total: Double, discount: Double, observation: Int) {
    var episode = Array(steps[start...].prefix(n))
    let end = episode.firstIndex { $0.step.terminated || $0.step.truncated }
    if let end { episode = Array(episode[...end]) }
    var (total, power) = (0.0, 1.0)
    for entry in episode {
      total += power * Double(entry.step.reward)
      power *= gamma
    }
    let last = episode[episode.count - 1]
    return (total, last.step.terminated ? 0 : power, last.observation + 1)
  }

  @Test(arguments: [1, 3], [1, 2, 3, 10])
  func everyReturnIsThatOfTheRecordedEpisodes(lanes: Int, n: Int) throws {
    for iterations in [1, 5, 60, 300] {
      let (ring, recorded) = play(
        lanes: lanes, capacity: 100 * lanes, iterations: iterations, seed: UInt64(iterations))
      var seen = 0
      for row in 0..<lanes * ring.rowsPerLane where ring.isTransition(row) {
        let steps = recorded[row / ring.rowsPerLane]
        let observation = ToyEnvironment.value(row, in: ring.observations)
        let start = try #require(steps.firstIndex { $0.observation == observation })
        let expected = reference(steps, from: start, n: n, gamma: 0.9)
        let path = ring.nStepReturn(from: row, steps: n, gamma: 0.9)
        #expect(abs(Double(path.total) - expected.total) < 1e-6)
        #expect(abs(Double(path.discount) - expected.discount) < 1e-6)
        #expect(ToyEnvironment.value(path.lastRow, in: ring.observations) == expected.observation)
        seen += 1
      }
      #expect(seen == ring.count && seen > 0)
    }
  }

  @Test func oneStepIsTheRewardAndGammaToTheBit() {
    let (ring, _) = play(lanes: 2, capacity: 60, iterations: 90, seed: 4)
    for row in 0..<2 * ring.rowsPerLane where ring.isTransition(row) {
      let path = ring.nStepReturn(from: row, steps: 1, gamma: 0.99)
      #expect(path.total == ring.reward(row))
      #expect(path.discount == (ring.isTerminated(row) ? 0 : 0.99))
      #expect(path.lastRow == ring.successor(of: row))
    }
  }

  // Three rewards of an open episode: the newest transition has one step, not none.
  @Test func theNewestRowsOfAnOpenEpisodeBootstrapFromItsCurrentObservation() {
    var toy = ToyEnvironment(length: { _ in 100 }, reward: { step, _ in Float(step + 1) })
    var ring = ReplayBuffer(toy.spec, lanes: 1, capacity: 50)
    for _ in 0..<3 {
      toy.step()
      ring.append(toy.batch)
      toy.advance()
    }
    let paths = (0..<3).map { ring.nStepReturn(from: $0, steps: 5, gamma: 0.5) }
    // 1 + 2/2 + 3/4, 2 + 3/2, 3
    #expect(paths.map(\.total) == [2.75, 3.5, 3])
    #expect(paths.map(\.discount) == [0.125, 0.25, 0.5])
    #expect(paths.map(\.lastRow) == [3, 3, 3])
  }
}
