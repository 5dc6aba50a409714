import RLAgents
import RLCore
import RLParallel
import Testing

@Suite struct PrioritySamplingTests {
  private var configuration: DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.batchSize = 8
    configuration.priorityAlpha = 0.5
    configuration.priorityEpsilon = 0.01
    return configuration
  }

  /// A ring of `count` transitions of one open episode, and its priorities.
  private func filled(
    _ count: Int, _ configuration: DQN.Configuration
  ) -> (ring: ReplayBuffer, sampling: PrioritySampling) {
    var toy = ToyEnvironment(length: { _ in 1000 }, reward: { _, _ in 0 })
    var ring = ReplayBuffer(toy.spec, lanes: 1, capacity: 100)
    var sampling = PrioritySampling(configuration, rows: ring.rowsPerLane, plannedSteps: 1000)
    for _ in 0..<count {
      toy.step()
      ring.append(toy.batch)
      sampling.record(ring)
      toy.advance()
    }
    return (ring, sampling)
  }

  private func isNear(_ a: Float, _ b: Float) -> Bool { abs(a - b) <= 2e-6 * max(abs(b), 1e-3) }

  @Test func aPriorityIsThePowerOfTheErrorPlusEpsilon() {
    var (_, sampling) = filled(8, configuration)
    let errors: [Float] = [0, 1, -1, 0.5, -3, 1e-3, 100, -0.03]
    sampling.update((0..<8).map { Int32($0) }, errors: errors)
    for (row, error) in errors.enumerated() {
      #expect(isNear(sampling.tree[row], (abs(error) + 0.01).squareRoot()))
    }
  }

  @Test func aNewTransitionGetsTheLargestPrioritySoFar() {
    var (ring, sampling) = filled(8, configuration)
    #expect((0..<8).allSatisfy { sampling.tree[$0] == 1 } && sampling.tree[8] == 0)
    sampling.update(Array(repeating: 2, count: 8), errors: Array(repeating: 9, count: 8))
    sampling.update(Array(repeating: 2, count: 8), errors: Array(repeating: 0, count: 8))
    ring.append(StepBatch(ToyEnvironment.spec(choices: 2), lanes: 1))
    sampling.record(ring)
    #expect(isNear(sampling.tree[8], Float(9.01).squareRoot()))
    #expect(isNear(sampling.tree[2], 0.1))
    #expect(sampling.tree[9] == 0)
  }

  @Test(arguments: [1, 2, 3], [1, 2, 5, 9])
  func exactlyTheRowsThatStartATransitionHaveAPriority(lanes: Int, length: Int) {
    for ending in [ToyEnvironment.Ending.terminated, .truncated] {
      var toy = ToyEnvironment(
        lanes: lanes, ending: ending, length: { length + $0 }, reward: { _, _ in 0 })
      var ring = ReplayBuffer(toy.spec, lanes: lanes, capacity: 8 * lanes)
      var sampling = PrioritySampling(
        configuration, rows: lanes * ring.rowsPerLane, plannedSteps: 1000)
      for _ in 0..<50 {
        toy.step()
        ring.append(toy.batch)
        sampling.record(ring)
        toy.advance()
        for row in 0..<lanes * ring.rowsPerLane {
          #expect((sampling.tree[row] > 0) == ring.isTransition(row))
        }
      }
    }
  }

  /// w = (N P)^-beta over the largest weight, from the definitions.
  @Test(arguments: [Float(0), 0.4, 1])
  func weightsAreThoseOfTheDefinition(beta: Float) {
    var (_, sampling) = filled(20, configuration)
    let errors = (0..<20).map { Float($0 * $0) / 10 }
    for start in [0, 8, 12] {
      sampling.update(
        (start..<start + 8).map { Int32($0) }, errors: Array(errors[start..<start + 8]))
    }
    var random = RandomStream(seed: 2)
    var rows = Array(repeating: Int32(0), count: 8)
    var weights = Array(repeating: Float(0), count: 8)
    sampling.sample(&random, beta: beta, rows: &rows, weights: &weights)
    let p = errors.map { Double(($0 + 0.01).squareRoot()) }
    let total = p.reduce(0, +)
    // N P(i) to a power that is 0, 1 or -2/5, by roots: x^(2/5) = y where y^5 = x^2
    let raw = rows.map { Self.inverse(20 * p[Int($0)] / total, power: beta) }
    let largest = raw.max() ?? .nan
    for b in 0..<8 { #expect(abs(Double(weights[b]) - raw[b] / largest) < 4e-6) }
    #expect(weights.max() == 1)
  }

  /// x^-power for the powers 0, 1 and 2/5, the last one by Newton's method.
  private static func inverse(_ x: Double, power: Float) -> Double {
    if power == 0 { return 1 }
    if power == 1 { return 1 / x }
    var y = 1.0
    for _ in 0..<200 { y -= (y * y * y * y * y - x * x) / (5 * y * y * y * y) }
    return 1 / y
  }

  @Test func drawsFollowThePriorities() {
    var (_, sampling) = filled(16, configuration)
    // p^alpha = sqrt(k^2) = k
    for start in [0, 8] {
      let errors = (start..<start + 8).map { Float($0 * $0) - 0.01 }
      sampling.update((start..<start + 8).map { Int32($0) }, errors: errors)
    }
    var random = RandomStream(seed: 6)
    var rows = Array(repeating: Int32(0), count: 8)
    var weights = Array(repeating: Float(0), count: 8)
    var counts = Array(repeating: 0, count: 16)
    for _ in 0..<15_000 {
      sampling.sample(&random, beta: 1, rows: &rows, weights: &weights)
      for row in rows { counts[Int(row)] += 1 }
    }
    // 120,000 draws over 120 parts; one point in each eighth makes counts steadier than chance
    for row in 1..<16 {
      let expected = Double(1000 * row)
      #expect(abs(Double(counts[row]) - expected) < 4 * expected.squareRoot())
    }
  }

  @Test func oneDrawComesFromEachPartOfTheSum() {
    let (_, sampling) = filled(64, configuration)
    var random = RandomStream(seed: 9)
    var rows = Array(repeating: Int32(0), count: 8)
    var weights = Array(repeating: Float(0), count: 8)
    for _ in 0..<100 {
      sampling.sample(&random, beta: 1, rows: &rows, weights: &weights)
      #expect(rows.map { $0 / 8 } == Array(0..<8))
      #expect(weights.allSatisfy { $0 == 1 })
    }
  }

  @Test func betaGrowsLinearlyOverTheRun() {
    let (_, sampling) = filled(1, configuration)
    #expect(sampling.beta(at: 0) == 0.4)
    #expect(abs(sampling.beta(at: 500) - 0.7) < 1e-6)
    #expect(sampling.beta(at: 1000) == 1)
    #expect(sampling.beta(at: 5000) == 1)
  }

  @Test func aMillionTransitionsTakeAtMostTenBytesMoreEach() throws {
    let spec = ToyEnvironment.spec(choices: 2)
    var plain = DQN.Configuration()
    plain.bufferSize = 1_000_000
    var prioritized = plain
    prioritized.prioritized = true
    let agent = try DQN(
      spec: spec, lanes: 1, configuration: prioritized, plannedSteps: 1, seed: 0, pool: .single)
    let more =
      DQN.byteCount(spec: spec, lanes: 1, configuration: prioritized)
      - DQN.byteCount(spec: spec, lanes: 1, configuration: plain)
    #expect(agent.priorities?.tree.byteCount == more)
    #expect(more <= 10_000_000)
  }
}
