import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// What is learned and done, against closed forms.
@Suite struct OffPolicyTests {
  private static let spec = EnvironmentSpec(
    id: "Line-v0",
    observation: Space([Leaf(kind: .box(low: [0], high: [1e9]), element: .f32, shape: [1])]),
    action: Space([Leaf(kind: .box(low: [-2], high: [4]), element: .f32, shape: [1])]))

  /// A TD3 whose networks are linear: its critics are their biases.
  private func td3(
    lanes: Int = 1, seed: UInt64 = 0, _ change: (inout TD3.Configuration) -> Void = { _ in }
  ) throws -> TD3 {
    var configuration = TD3.Configuration()
    configuration.hidden = []
    configuration.learningStarts = 0
    configuration.batchSize = 4
    configuration.bufferSize = 2000
    configuration.gamma = 0.5
    change(&configuration)
    return try TD3(
      spec: Self.spec, lanes: lanes, configuration: configuration, plannedSteps: 1000, seed: seed,
      pool: .single)
  }

  /// Makes every linear critic a constant.
  private func setCritics(
    _ agent: inout TD3, online: [Float], target: [Float]
  ) throws {
    var critics = agent.critics
    let tensors = [("o.", online), ("t.", target)].flatMap { prefix, values in
      values.enumerated().flatMap { index, value in
        [
          PolicyExport.Tensor(
            name: "\(prefix)qf\(index).0.weight", shape: [1, 2], values: [0, 0]),
          PolicyExport.Tensor(name: "\(prefix)qf\(index).0.bias", shape: [1], values: [value]),
        ]
      }
    }
    try critics.load(tensors: tensors, prefix: "o.", targetPrefix: "t.")
    var state = agent.saveState()
    state.merge(critics.saveState(), prefix: "critics")
    try agent.restore(state)
  }

  /// The critics' loss at the first update after one transition, Q being 1 and 2, Q' 5 and 3.
  private func firstLoss(
    reward: Float, terminated: Bool = false, truncated: Bool = false
  ) throws -> Double? {
    var agent = try td3()
    try setCritics(&agent, online: [1, 2], target: [5, 3])
    var step = StepBatch(Self.spec, lanes: 1)
    step.rewards[0] = reward
    step.terminated[0] = terminated
    step.truncated[0] = truncated
    agent.observe(step)
    #expect(try agent.learn() == 1)
    return agent.takeMetrics()["train/critic_loss"]
  }

  @Test func theTargetHasTheLesserOfBothValues() throws {
    // y = 0.5 + 3/2; (1 - 2)² + (2 - 2)²
    #expect(try firstLoss(reward: 0.5) == 1)
  }

  @Test func aTerminatedStepDoesNotBootstrap() throws {
    // y = 0.5; 0.25 + 2.25
    #expect(try firstLoss(reward: 0.5, terminated: true) == 2.5)
    #expect(try firstLoss(reward: 0.5, terminated: true, truncated: true) == 2.5)
  }

  @Test func aTruncatedStepBootstraps() throws {
    #expect(try firstLoss(reward: 0.5, truncated: true) == 1)
  }

  // Rewards 1, 1, 2 and an end: from each of the three steps on they are worth 2.
  @Test func rewardsOfSeveralStepsAddUp() throws {
    var agent = try td3 {
      $0.nSteps = 3
      $0.trainFrequency = 3
    }
    try setCritics(&agent, online: [0, 1], target: [8, 9])
    var step = StepBatch(Self.spec, lanes: 1)
    for reward in [Float(1), 1, 2] {
      step.rewards[0] = reward
      step.terminated[0] = reward == 2
      agent.observe(step)
    }
    #expect(try agent.learn() == 1)
    #expect(agent.takeMetrics()["train/critic_loss"] == 5)
  }

  @Test func thePolicyAndTheTargetsMoveEveryPolicyDelay() throws {
    var agent = try td3 { $0.policyDelay = 3 }
    let step = StepBatch(Self.spec, lanes: 1)
    for update in 1...9 {
      let (policy, critics) = (agent.policy.export(), agent.critics)
      agent.observe(step)
      _ = try agent.learn()
      let isDue = update.isMultiple(of: 3)
      #expect((agent.policy.export() != policy) == isDue)
      #expect(
        (agent.critics.tensors(prefix: "", ofTarget: true)
          != critics.tensors(prefix: "", ofTarget: true)) == isDue)
      #expect(agent.critics.tensors(prefix: "") != critics.tensors(prefix: ""))
    }
  }

  @Test func burstsComeEveryTrainFrequencyStepsAfterTheStart() throws {
    var agent = try td3(lanes: 4) {
      $0.learningStarts = 20
      $0.trainFrequency = 8
      $0.gradientSteps = 3
    }
    let step = StepBatch(Self.spec, lanes: 4)
    var updates: [Int] = []
    for _ in 0..<10 {
      agent.observe(step)
      updates.append(try agent.learn())
    }
    // steps 4, 8, ... 40; due at multiples of 8 above 20
    #expect(updates == [0, 0, 0, 0, 0, 3, 0, 3, 0, 3])
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func warmUpFillsTheBoundsEvenly(name: String) throws {
    let entry = try AlgorithmCatalog.entry(named: name)
    var agent = try entry.makeAgent(
      spec: Self.spec, lanes: 1000,
      configuration: entry.configure([
        ("learningStarts", .integer(100_000)), ("bufferSize", .integer(5000)),
      ]), steps: 1000, seed: 3, pool: .single)
    var step = StepBatch(Self.spec, lanes: 1000)
    var (sum, squares) = (0.0, 0.0)
    for _ in 0..<20 {
      agent.act(&step)
      #expect(step.controls.allSatisfy { $0 >= -2 && $0 <= 4 })
      for control in step.controls {
        sum += Double(control)
        squares += Double(control * control)
      }
    }
    // mean 1, variance 36 / 12
    #expect(abs(sum / 20_000 - 1) < 0.05)
    #expect(abs(squares / 20_000 - 4) < 0.12)
  }

  /// Actions of a policy that says 0, in -1 ... 1.
  private func noise(
    _ type: NoiseType, final: Float? = nil, steps: Int
  ) throws -> [[Float]] {
    var agent = try td3(lanes: 500, seed: 4) {
      $0.noiseType = type
      $0.noiseStd = 0.2
      $0.noiseStdFinal = final
      $0.noiseFraction = 0.5
      $0.learningStarts = 0
      $0.trainFrequency = 1_000_000_000
      $0.bufferSize = 5000
    }
    var state = agent.saveState()
    for part in ["actor", "actorTarget"] {
      guard case .floats(let values)? = state["\(part).parameters"] else { return [] }
      state["\(part).parameters"] = .floats(values.map { _ in 0 })
    }
    try agent.restore(state)
    var step = StepBatch(Self.spec, lanes: 500)
    var rows: [[Float]] = []
    for _ in 0..<steps {
      agent.act(&step)
      rows.append(step.controls.map { ($0 - 1) / 3 })
      agent.observe(step)
    }
    return rows
  }

  private func deviation(_ values: [Float]) -> Float {
    (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
  }

  @Test func normalNoiseHasItsDeviationAndFalls() throws {
    let constant = try noise(.normal, steps: 3)
    for row in constant { #expect(abs(deviation(row) - 0.2) < 0.025) }
    // 500 lanes make half of the run's 1000 steps at once
    let falling = try noise(.normal, final: 0, steps: 3)
    #expect(abs(deviation(falling[0]) - 0.2) < 0.025)
    #expect(falling[1].allSatisfy { abs($0) < 1e-6 })
    #expect(try noise(.none, steps: 1)[0].allSatisfy { abs($0) < 1e-6 })
  }

  // x' = x - 0.15 x / 100 + 0.2 n / 10: the variance after k steps is nearly 0.0004 k.
  @Test func walksHangTogether() throws {
    let rows = try noise(.ornsteinUhlenbeck, steps: 9)
    for (k, row) in rows.enumerated() {
      let expected = 0.02 * Float(k + 1).squareRoot()
      #expect(abs(deviation(row) / expected - 1) < 0.12, "after \(k + 1)")
    }
    let correlation = zip(rows[7], rows[8]).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(correlation / (500 * deviation(rows[7]) * deviation(rows[8])) > 0.85)
  }

  @Test func walksBeginAnewWhereEpisodesEnd() throws {
    var agent = try td3(lanes: 2) {
      $0.noiseType = .ornsteinUhlenbeck
      $0.trainFrequency = 1_000_000_000
    }
    var step = StepBatch(Self.spec, lanes: 2)
    step.truncated[1] = true
    agent.act(&step)
    agent.observe(step)
    guard case .floats(let walks)? = agent.saveState()["noise.walks"] else {
      Issue.record("no walks")
      return
    }
    #expect(walks[0] != 0)
    #expect(walks[1] == 0)
  }

  @Test func entropyCoefficientsAreReadAsInStableBaselines3() throws {
    func read(_ value: ConfigurationValue) throws -> (EntropyCoefficient, String) {
      var configuration = SAC.Configuration()
      try configuration.set("ent_coef", to: value)
      let text = configuration.values.first { $0.name == "entCoef" }
      return (configuration.entCoef, "\(try #require(text).value)")
    }
    #expect(try read(.text("auto")) == (.learned(from: 1), "auto"))
    #expect(try read(.text("auto_0.5")) == (.learned(from: 0.5), "auto_0.5"))
    #expect(try read(.number(0.25)) == (.fixed(0.25), "0.25"))
    for wrong in ["auto_", "auto_0", "auto_-1", "automatic", "many"] {
      #expect(throws: ConfigurationError.self) { try read(.text(wrong)) }
    }
    var configuration = SAC.Configuration()
    #expect(configuration.values.first { $0.name == "targetEntropy" }?.value == .text("auto"))
    try configuration.set("target_entropy", to: .number(-0.5))
    #expect(configuration.targetEntropy == -0.5)
    try configuration.set("target_entropy", to: .text("auto"))
    #expect(configuration.targetEntropy == nil)
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func whatCannotBeRunIsRefusedInWords(name: String) throws {
    let entry = try AlgorithmCatalog.entry(named: name)
    for setting in [
      ("gradientSteps", ConfigurationValue.integer(0)), ("batchSize", .integer(2_000_000)),
      ("hidden", .list(Array(repeating: .integer(2), count: 17))),
      ("priorityBetaEnd", .number(0.1)),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try entry.configure([setting]) }
      #expect(error?.field == setting.0)
    }
    let open = EnvironmentSpec(
      id: "Open-v0", observation: Self.spec.observation,
      action: Space([
        Leaf(kind: .box(low: [-.infinity], high: [.infinity]), element: .f32, shape: [1])
      ]))
    let error = #expect(throws: ConfigurationError.self) { try entry.checkSupport(open) }
    #expect(error?.reason.contains("bounded controls") == true)
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func anAgentThatDoesNotFitInMemoryIsRefused(name: String) throws {
    let entry = try AlgorithmCatalog.entry(named: name)
    func make(_ settings: [(key: String, value: ConfigurationValue)]) throws {
      _ = try entry.makeAgent(
        spec: Self.spec, lanes: 1, configuration: entry.configure(settings), steps: 100, seed: 0,
        pool: .single, memoryLimit: 1 << 30)
    }
    try make([("bufferSize", .integer(1000))])
    for setting in [
      ("bufferSize", ConfigurationValue.integer(1_000_000_000)),
      ("hidden", .list([.integer(65_536), .integer(65_536)])),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try make([setting]) }
      #expect(error?.reason.contains("1024 MiB of memory") == true)
    }
  }
}
