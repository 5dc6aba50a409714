import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// A task of one step's memory with a control that changes nothing: what it is worth is known.
private struct KnownTask {
  enum Kind: String, CaseIterable {
    /// 1 for ever; the clock cuts off after ten steps.
    case loop
    /// Two steps, the second pays 1.
    case two
    /// 1 for each step but the first; cut off after ten.
    case later
    /// One step that pays 1, ended by the task and by the clock at once.
    case both
  }

  let kind: Kind
  var batch: StepBatch
  private var taken: [Int]

  static let spec = EnvironmentSpec(
    id: "Known-v0",
    observation: Space([Leaf(kind: .box(low: [-1], high: [1]), element: .f32, shape: [1])]),
    action: Space([Leaf(kind: .box(low: [-3], high: [5]), element: .f32, shape: [1])]))

  init(_ kind: Kind, lanes: Int) {
    self.kind = kind
    batch = StepBatch(Self.spec, lanes: lanes)
    taken = Array(repeating: 0, count: lanes)
    for lane in 0..<lanes { Self.show(-1, lane, in: &batch.observations) }
  }

  static func show(_ value: Float, _ lane: Int, in rows: inout [UInt8]) {
    for i in 0..<4 {
      rows[4 * lane + i] = UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * i))
    }
  }

  mutating func step() {
    for lane in 0..<batch.lanes {
      let isFirst = taken[lane] == 0
      taken[lane] += 1
      batch.rewards[lane] = kind == .loop || kind == .both || !isFirst ? 1 : 0
      batch.terminated[lane] = kind == .both || (kind == .two && !isFirst)
      batch.truncated[lane] = kind == .both || (kind != .two && taken[lane] == 10)
      // the loop's observation never changes
      Self.show(kind == .loop ? -1 : 1, lane, in: &batch.nextObservations)
    }
  }

  mutating func advance() {
    batch.observations = batch.nextObservations
    for lane in 0..<batch.lanes where batch.terminated[lane] || batch.truncated[lane] {
      taken[lane] = 0
      Self.show(-1, lane, in: &batch.observations)
    }
  }

  mutating func train(_ agent: inout some Agent, steps: Int) throws {
    for _ in 0..<steps / batch.lanes {
      agent.act(&batch)
      step()
      agent.observe(batch)
      _ = try agent.learn()
      advance()
    }
  }

  /// Of the first observation, and of the later ones.
  func values(gamma: Float) -> [Float] {
    switch kind {
    case .loop: [1 / (1 - gamma)]
    case .two: [gamma, 1]
    case .later: [gamma / (1 - gamma), 1 / (1 - gamma)]
    case .both: [1]
    }
  }
}

/// Critics learn the values of tasks that have only one.
@Suite struct OffPolicyValueTests {
  private static let gamma: Float = 0.8

  enum Learner: String, CaseIterable {
    case ddpg
    case td3
    case td3Rainbow
    case sac
    case sacRainbow
  }

  private func set<C: OffPolicyConfiguration>(_ configuration: inout C, _ learner: Learner) {
    configuration.hidden = [24]
    configuration.learningRate = .linear(from: 5e-3)
    configuration.bufferSize = 2000
    configuration.batchSize = 32
    configuration.gamma = Self.gamma
    configuration.tau = 0.05
    guard learner == .td3Rainbow || learner == .sacRainbow else { return }
    configuration.prioritized = true
    configuration.nSteps = 3
  }

  private func critics(_ learner: Learner, _ kind: KnownTask.Kind, steps: Int) throws
    -> CriticEnsemble
  {
    var task = KnownTask(kind, lanes: 2)
    switch learner {
    case .ddpg:
      var configuration = DDPG.Configuration()
      set(&configuration, learner)
      var agent = try DDPG(
        spec: KnownTask.spec, lanes: 2, configuration: configuration, plannedSteps: steps,
        seed: 1, pool: .single)
      try task.train(&agent, steps: steps)
      return agent.critics
    case .td3, .td3Rainbow:
      var configuration = TD3.Configuration()
      set(&configuration, learner)
      var agent = try TD3(
        spec: KnownTask.spec, lanes: 2, configuration: configuration, plannedSteps: steps,
        seed: 1, pool: .single)
      try task.train(&agent, steps: steps)
      return agent.critics
    case .sac, .sacRainbow:
      var configuration = SAC.Configuration()
      set(&configuration, learner)
      // no entropy is paid for: the value is that of the rewards
      configuration.entCoef = .fixed(0)
      var agent = try SAC(
        spec: KnownTask.spec, lanes: 2, configuration: configuration, plannedSteps: steps,
        seed: 1, pool: .single)
      try task.train(&agent, steps: steps)
      return agent.critics
    }
  }

  // Taken for an end, the limit of ten steps would leave the loop below 4.47 of 5. The later rewards
  // count from the true final observation: after a reset it would be worth less.
  @Test(arguments: Learner.allCases, [KnownTask.Kind.loop, .two, .later, .both])
  fileprivate func criticsLearnTheKnownValue(learner: Learner, kind: KnownTask.Kind) throws {
    let critics = try critics(learner, kind, steps: 10_000)
    let expected = KnownTask(kind, lanes: 1).values(gamma: Self.gamma)
    for (index, value) in expected.enumerated() {
      var rows = [UInt8](repeating: 0, count: 12)
      for row in 0..<3 { KnownTask.show(index == 0 ? -1 : 1, row, in: &rows) }
      for values in critics.values(
        ObservationEncoder(KnownTask.spec.observation), of: rows, actions: [-0.5, 0, 0.5],
        pool: .single)
      {
        for q in values { #expect(abs(q - value) < 0.06 * max(1, value), "\(q) is not \(value)") }
      }
    }
  }
}
