import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// The same bits for every number of threads, after a resume at any step, and in a saved policy.
@Suite struct OnPolicyDeterminismTests {
  /// An algorithm with some of its options.
  enum Variant: String, CaseIterable, Sendable {
    case choices
    case sharedTrunk
    case gaussian
    case stateDependent
    case gsde
    case gsdeOfPlainNetwork
    case beta
    case mixed
    case synchronous
    case synchronousGSDE

    var isPPO: Bool { self != .synchronous && self != .synchronousGSDE }

    var action: [Leaf] {
      switch self {
      case .choices, .sharedTrunk, .synchronous: RandomEnvironment.choice
      case .mixed: RandomEnvironment.mixed
      default: RandomEnvironment.controls
      }
    }

    func set(_ configuration: inout some OnPolicyConfiguration) {
      configuration.nSteps = 6
      configuration.hidden = [9, 18]
      configuration.entCoef = 0.01
      switch self {
      case .sharedTrunk, .mixed: configuration.sharedTrunk = true
      case .stateDependent:
        configuration.controlDistribution = .stateDependentGaussian
        configuration.criticHidden = []
      case .gsde, .synchronousGSDE:
        configuration.useSDE = true
        configuration.sdeSampleFreq = 4
      case .gsdeOfPlainNetwork:
        configuration.useSDE = true
        configuration.hidden = []
        configuration.criticHidden = [5]
      case .beta: configuration.controlDistribution = .beta
      default: break
      }
    }
  }

  private func agent(
    _ variant: Variant, seed: UInt64 = 7, pool: WorkerPool = .single
  ) throws -> any Agent {
    let spec = RandomEnvironment(action: variant.action, lanes: 5).spec
    if variant.isPPO {
      var configuration = PPO.Configuration()
      configuration.batchSize = 17
      configuration.nEpochs = 2
      variant.set(&configuration)
      return try PPO(
        spec: spec, lanes: 5, configuration: configuration, plannedSteps: 500, seed: seed,
        pool: pool)
    }
    var configuration = A2C.Configuration()
    variant.set(&configuration)
    return try A2C(
      spec: spec, lanes: 5, configuration: configuration, plannedSteps: 500, seed: seed, pool: pool)
  }

  private func trained(
    _ variant: Variant, seed: UInt64 = 7, pool: WorkerPool = .single, iterations: Int
  ) throws -> (agent: any Agent, environment: RandomEnvironment) {
    var environment = RandomEnvironment(action: variant.action, lanes: 5)
    var agent = try agent(variant, seed: seed, pool: pool)
    try environment.train(&agent, iterations: iterations)
    return (agent, environment)
  }

  @Test(arguments: Variant.allCases)
  func theNumberOfThreadsChangesNothing(variant: Variant) throws {
    let one = try trained(variant, iterations: 20).agent.saveState()
    for threads in 2...3 {
      let pool = WorkerPool(oversubscribing: threads)
      #expect(try trained(variant, pool: pool, iterations: 20).agent.saveState() == one)
    }
    #expect(try trained(variant, seed: 8, iterations: 20).agent.saveState() != one)
  }

  // The batch is another, and the rows are in another order: a row's bits do not depend on either.
  @Test(arguments: Variant.allCases.filter(\.isPPO))
  func beforeTheFirstStepEveryRatioIsExactlyOne(variant: Variant) throws {
    var environment = RandomEnvironment(action: variant.action, lanes: 5)
    var configuration = PPO.Configuration()
    variant.set(&configuration)
    configuration.nEpochs = 1
    var agent = try PPO(
      spec: environment.spec, lanes: 5, configuration: configuration, plannedSteps: 500, seed: 2,
      pool: .single)
    for _ in 0..<4 {
      try environment.train(&agent, iterations: 6)
      let metrics = agent.takeMetrics()
      #expect(metrics["train/approx_kl"] == 0)
      #expect(metrics["train/clip_fraction"] == 0)
      #expect((metrics["train/grad_norm"] ?? 0) > 0)
    }
  }

  // 6 steps a rollout: 15 is in the middle of one, 18 between two.
  @Test(arguments: Variant.allCases, [15, 18])
  func aRestoredAgentGoesOnWithTheSameBits(variant: Variant, iterations: Int) throws {
    var (agent, environment) = try trained(variant, iterations: iterations)
    var other = try self.agent(variant, seed: 999)
    var capture = AssembledState()
    agent.captureAnew()
    capture.apply(agent.capture())
    #expect(capture.state == agent.saveState())
    try other.restore(capture.state)
    var otherEnvironment = environment
    try environment.train(&agent, iterations: 14)
    try otherEnvironment.train(&other, iterations: 14)
    #expect(agent.saveState() == other.saveState())
    #expect(agent.takeMetrics() == other.takeMetrics())
    #expect(environment.batch.controls == otherEnvironment.batch.controls)
  }

  @Test(arguments: Variant.allCases)
  func anExportedPolicyActsAsTheAgentsOwn(variant: Variant) throws {
    var (agent, environment) = try trained(variant, iterations: 20)
    try expectSameActs(of: &agent, &environment, named: variant.isPPO ? "ppo" : "a2c")
  }

  private func expectSameActs(
    of agent: inout some Agent, _ environment: inout RandomEnvironment, named name: String
  ) throws {
    var policy = agent.policy
    let export = policy.export()
    #expect(export.algorithm == name)
    var loaded: any Policy = try AlgorithmCatalog.entry(named: name).loadPolicy(
      observation: environment.spec.observation, action: environment.spec.action.space,
      tensors: export.tensors, attributes: export.attributes, pool: .single)
    #expect(loaded.export() == export)
    let rows = environment.batch.observations
    #expect(loaded.outputs(for: rows, count: 5) == policy.outputs(for: rows, count: 5))
    for deterministic in [true, false] {
      var streams = (0..<5).map { RandomStream(seed: $0) }
      var otherStreams = streams
      var other = environment.batch
      policy.act(&environment.batch, deterministic: deterministic, random: &streams)
      loaded.act(&other, deterministic: deterministic, random: &otherStreams)
      #expect(environment.batch.choices == other.choices)
      #expect(environment.batch.controls == other.controls)
      #expect(deterministic == (streams == (0..<5).map { RandomStream(seed: $0) }))
      #expect(streams == otherStreams)
    }
  }

  @Test func tensorsHaveTheNamesOfStableBaselines3() throws {
    let (agent, _) = try trained(.gaussian, iterations: 1)
    #expect(
      agent.policy.export().tensors.map(\.name) == [
        "log_std", "mlp_extractor.policy_net.0.weight", "mlp_extractor.policy_net.0.bias",
        "mlp_extractor.policy_net.2.weight", "mlp_extractor.policy_net.2.bias",
        "mlp_extractor.value_net.0.weight", "mlp_extractor.value_net.0.bias",
        "mlp_extractor.value_net.2.weight", "mlp_extractor.value_net.2.bias",
        "action_net.weight", "action_net.bias", "value_net.weight", "value_net.bias",
      ])
  }

  @Test func aPolicyOfAnotherSpaceIsRefused() throws {
    let (agent, environment) = try trained(.choices, iterations: 1)
    let export = agent.policy.export()
    let entry = try AlgorithmCatalog.entry(named: "ppo")
    func load(
      _ action: [Leaf], _ change: (inout [String: String]) -> Void = { _ in }
    ) throws -> any Policy {
      var attributes = export.attributes
      change(&attributes)
      return try entry.loadPolicy(
        observation: environment.spec.observation, action: Space(action),
        tensors: export.tensors, attributes: attributes, pool: .single)
    }
    _ = try load(RandomEnvironment.choice)
    let error = #expect(throws: StateError.self) { try load(RandomEnvironment.mixed) }
    #expect(error?.reason.contains("action_net.weight") == true)
    for (name, value) in [
      ("hidden", "99999999999,2"), ("hidden", "9,18,4"), ("criticHidden", "x"),
      ("activation", "cube"), ("sharedTrunk", "maybe"), ("controlDistribution", "cauchy"),
    ] {
      #expect(throws: StateError.self) { try load(RandomEnvironment.choice) { $0[name] = value } }
    }
    for name in export.attributes.keys {
      #expect(throws: StateError.self) { try load(RandomEnvironment.choice) { $0[name] = nil } }
    }
  }
}
