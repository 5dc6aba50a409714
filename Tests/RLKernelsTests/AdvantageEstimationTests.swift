import RLCore
import RLKernels
import RLParallel
import Testing

@Suite struct AdvantageEstimationTests {
  /// Rewards, values and ends of a rollout.
  private struct Case {
    var rewards: [Float]
    var values: [Float]
    var ends: [Bool]
    var finalValues: [Float]
    var lanes: Int

    /// Random, with episodes that end in both ways.
    init(steps: Int, lanes: Int, seed: UInt64) {
      var random = RandomStream(seed: seed)
      let rows = steps * lanes
      rewards = (0..<rows).map { _ in random.uniform() - 0.5 }
      values = (0..<rows + lanes).map { _ in 2 * random.uniform() - 1 }
      let kinds = (0..<rows).map { _ in random.index(below: 8) }
      ends = kinds.map { $0 < 2 }
      finalValues = kinds.map { $0 == 0 ? random.uniform() : 0 }
      self.lanes = lanes
    }

    func estimate(
      gamma: Float, lambda: Float, pool: WorkerPool = .single
    ) -> (advantages: [Float], returns: [Float]) {
      var advantages = [Float](repeating: .nan, count: rewards.count)
      var returns = advantages
      estimateAdvantages(
        rewards: rewards, values: values, ends: ends, finalValues: finalValues, lanes: lanes,
        gamma: gamma, lambda: lambda, advantages: &advantages, returns: &returns, pool: pool)
      return (advantages, returns)
    }
  }

  // With reward 1 and value 0 throughout, A_t is the sum of (gamma lambda)^k over the steps left.
  @Test func constantRewardsGiveAGeometricSeries() {
    var rollout = Case(steps: 6, lanes: 1, seed: 0)
    rollout.rewards = Array(repeating: 1, count: 6)
    rollout.values = Array(repeating: 0, count: 7)
    rollout.ends = Array(repeating: false, count: 6)
    let advantages = rollout.estimate(gamma: 0.5, lambda: 0.5).advantages
    for t in 0..<6 { #expect(advantages[t] == (1 - Float(0x1p-2).power(6 - t)) / 0.75) }
  }

  // Where the value is what the rewards will be worth, no advantage is left whatever lambda.
  @Test(arguments: [Float(0), 0.5, 1])
  func exactValuesLeaveNoAdvantage(lambda: Float) {
    var rollout = Case(steps: 5, lanes: 1, seed: 0)
    rollout.rewards = [0, 0, 4, 0, 8]
    // gamma 1/2; the task ends with the third step, the last step is cut off before a value of 16
    rollout.values = [1, 2, 4, 8, 16, 99]
    rollout.ends = [false, false, true, false, true]
    rollout.finalValues = [0, 0, 0, 0, 16]
    let (advantages, returns) = rollout.estimate(gamma: 0.5, lambda: lambda)
    #expect(advantages == [0, 0, 0, 0, 0])
    #expect(returns == [1, 2, 4, 8, 16])
  }

  // A_t = sum of (gamma lambda)^k delta_t+k up to the episode's end: equation 16 as it stands.
  @Test(arguments: [(1, 1), (7, 1), (13, 5), (40, 3), (6, 700)])
  func itIsTheSumOfTheDefinition(steps: Int, lanes: Int) {
    let rollout = Case(steps: steps, lanes: lanes, seed: UInt64(steps))
    let (gamma, lambda) = (0.97, 0.9)
    let (advantages, returns) = rollout.estimate(gamma: Float(gamma), lambda: Float(lambda))
    for lane in 0..<lanes {
      for t in 0..<steps {
        var (sum, weight) = (0.0, 1.0)
        for k in t..<steps {
          let row = k * lanes + lane
          let next = rollout.ends[row] ? rollout.finalValues[row] : rollout.values[row + lanes]
          sum +=
            weight
            * (Double(rollout.rewards[row]) + gamma * Double(next) - Double(rollout.values[row]))
          weight *= gamma * lambda
          if rollout.ends[row] { break }
        }
        let row = t * lanes + lane
        #expect(abs(Double(advantages[row]) - sum) < 1e-5)
        #expect(returns[row] == advantages[row] + rollout.values[row])
      }
    }
  }

  @Test func theNumberOfThreadsChangesNoBit() {
    let rollout = Case(steps: 9, lanes: 1000, seed: 5)
    let one = rollout.estimate(gamma: 0.97, lambda: 0.9)
    for threads in 2...3 {
      let pool = WorkerPool(oversubscribing: threads)
      #expect(rollout.estimate(gamma: 0.97, lambda: 0.9, pool: pool) == one)
    }
  }

  // With lambda 1 it is the n-step return minus the value.
  @Test func lambdaOneGivesNStepReturns() {
    let rollout = Case(steps: 9, lanes: 2, seed: 3)
    let returns = rollout.estimate(gamma: 0.9, lambda: 1).returns
    for lane in 0..<2 {
      var tail = Double(rollout.values[18 + lane])
      for t in (0..<9).reversed() {
        let row = 2 * t + lane
        if rollout.ends[row] { tail = Double(rollout.finalValues[row]) }
        tail = Double(rollout.rewards[row]) + 0.9 * tail
        #expect(abs(Double(returns[row]) - tail) < 1e-5)
      }
    }
  }
}

extension Float {
  fileprivate func power(_ exponent: Int) -> Float {
    (0..<exponent).reduce(1) { result, _ in result * self }
  }
}
