import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

/// The same bits for every number of threads, after a resume at any step, and in a saved policy.
@Suite struct OffPolicyDeterminismTests {
  /// An algorithm with some of its options.
  enum Variant: String, CaseIterable, Sendable {
    case ddpg
    case ddpgWalks
    case td3
    case td3Rainbow
    case sac
    case sacFixed
    case sacRainbow
    case gsde
    case gsdeAtWarmup

    var algorithm: String {
      switch self {
      case .ddpg, .ddpgWalks: "ddpg"
      case .td3, .td3Rainbow: "td3"
      default: "sac"
      }
    }

    var settings: [(key: String, value: ConfigurationValue)] {
      let rainbow: [(key: String, value: ConfigurationValue)] = [
        ("prioritized", .bool(true)), ("nSteps", .integer(3)), ("gradientSteps", .integer(-1)),
        ("trainFrequency", .integer(10)),
      ]
      switch self {
      case .ddpg, .sac: return []
      case .ddpgWalks:
        return [
          ("noiseType", .text("ornstein-uhlenbeck")), ("noiseStd", .number(0.5)),
          ("noiseStdFinal", .number(0.1)),
        ]
      case .td3: return [("policyDelay", .integer(3))]
      case .td3Rainbow: return rainbow
      case .sacFixed: return [("entCoef", .number(0.1)), ("learningRate", .text("lin_1e-3"))]
      case .sacRainbow: return rainbow + [("targetUpdateInterval", .integer(3))]
      case .gsde:
        return [
          ("useSDE", .bool(true)), ("trainFrequency", .integer(40)), ("sdeSampleFreq", .integer(3)),
        ]
      case .gsdeAtWarmup: return [("useSDE", .bool(true)), ("useSDEAtWarmup", .bool(true))]
      }
    }
  }

  private func agent(
    _ variant: Variant, seed: UInt64 = 7, pool: WorkerPool = .single
  ) throws -> any Agent {
    let entry = try AlgorithmCatalog.entry(named: variant.algorithm)
    let common: [(key: String, value: ConfigurationValue)] = [
      ("hidden", .list([.integer(19), .integer(33)])), ("batchSize", .integer(37)),
      ("bufferSize", .integer(150)), ("learningStarts", .integer(30)),
    ]
    return try entry.makeAgent(
      spec: RandomEnvironment(action: RandomEnvironment.controls, lanes: 5).spec, lanes: 5,
      configuration: entry.configure(common + variant.settings), steps: 500, seed: seed,
      pool: pool)
  }

  private func trained(
    _ variant: Variant, seed: UInt64 = 7, pool: WorkerPool = .single, iterations: Int
  ) throws -> (agent: any Agent, environment: RandomEnvironment) {
    var environment = RandomEnvironment(action: RandomEnvironment.controls, lanes: 5)
    var agent = try agent(variant, seed: seed, pool: pool)
    try environment.train(&agent, iterations: iterations)
    return (agent, environment)
  }

  @Test(arguments: Variant.allCases)
  func theNumberOfThreadsChangesNothing(variant: Variant) throws {
    let one = try trained(variant, iterations: 45).agent.saveState()
    for threads in 2...3 {
      let pool = WorkerPool(oversubscribing: threads)
      #expect(try trained(variant, pool: pool, iterations: 45).agent.saveState() == one)
    }
    #expect(try trained(variant, seed: 8, iterations: 45).agent.saveState() != one)
  }

  @Test(arguments: Variant.allCases, [0, 3, 29, 41])
  func aRestoredAgentGoesOnWithTheSameBits(variant: Variant, iterations: Int) throws {
    var (agent, environment) = try trained(variant, iterations: iterations)
    var other = try self.agent(variant, seed: 999)
    try other.restore(agent.saveState())
    #expect(other.saveState() == agent.saveState())
    var otherEnvironment = environment
    try environment.train(&agent, iterations: 30)
    try otherEnvironment.train(&other, iterations: 30)
    #expect(agent.saveState() == other.saveState())
    #expect(agent.takeMetrics() == other.takeMetrics())
    #expect(
      try trained(variant, iterations: iterations + 30).agent.saveState()
        == trained(variant, pool: WorkerPool(threads: 2), iterations: iterations + 30).agent
        .saveState())
  }

  @Test(arguments: Variant.allCases)
  func capturesPutTogetherGiveTheWholeState(variant: Variant) throws {
    var (agent, environment) = try trained(variant, iterations: 0)
    var assembled = AssembledState()
    for iterations in [1, 7, 20, 50, 3] {
      try environment.train(&agent, iterations: iterations)
      assembled.apply(agent.capture())
      #expect(assembled.state == agent.saveState())
    }
    agent.captureAnew()
    var anew = AssembledState()
    anew.apply(agent.capture())
    #expect(anew.state == agent.saveState())
  }

  @Test(arguments: Variant.allCases)
  func anExportedPolicyActsAsTheAgentsOwn(variant: Variant) throws {
    let (agent, environment) = try trained(variant, iterations: 30)
    let spec = environment.spec
    let export = agent.policy.export()
    #expect(export.algorithm == variant.algorithm)
    let name = variant.algorithm == "sac" ? "actor.latent_pi.0.weight" : "actor.mu.0.weight"
    #expect(export.tensors[0].name == name)
    #expect(export.tensors[0].shape == [19, 5])
    let entry = try AlgorithmCatalog.entry(named: variant.algorithm)
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 2)] {
      var policy: any Policy = agent.policy
      var loaded: any Policy = try entry.loadPolicy(
        observation: spec.observation, action: spec.action.space, tensors: export.tensors,
        attributes: export.attributes, pool: pool)
      #expect(loaded.export() == export)
      let rows = environment.batch.observations
      #expect(loaded.outputs(for: rows, count: 5) == policy.outputs(for: rows, count: 5))
      for deterministic in [true, false] {
        var (mine, theirs) = (environment.batch, environment.batch)
        var streams = (0..<5).map { RandomStream(seed: $0) }
        policy.act(&mine, deterministic: deterministic, random: &streams)
        streams = (0..<5).map { RandomStream(seed: $0) }
        loaded.act(&theirs, deterministic: deterministic, random: &streams)
        #expect(mine.controls == theirs.controls)
        #expect(mine.controls.allSatisfy { abs($0) <= 1 })
      }
    }
  }

  @Test(arguments: ["ddpg", "td3", "sac"])
  func aPolicyThatDoesNotFitIsRefused(name: String) throws {
    let (agent, environment) = try trained(Variant(rawValue: name) ?? .sac, iterations: 1)
    let export = agent.policy.export()
    let entry = try AlgorithmCatalog.entry(named: name)
    func load(
      _ action: [Leaf], _ change: (inout [String: String]) -> Void = { _ in }
    ) throws {
      var attributes = export.attributes
      change(&attributes)
      _ = try entry.loadPolicy(
        observation: environment.spec.observation, action: Space(action),
        tensors: export.tensors, attributes: attributes, pool: .single)
    }
    try load(RandomEnvironment.controls)
    let three = [Leaf(kind: .box(low: [0, 0, 0], high: [1, 1, 1]), element: .f32, shape: [3])]
    #expect(throws: StateError.self) { try load(three) }
    #expect(throws: StateError.self) { try load(RandomEnvironment.choice) }
    #expect(throws: StateError.self) { try load(RandomEnvironment.mixed) }
    for hidden in ["99999999999,2", "65536,65536", "19", "a", "-1,3"] {
      #expect(throws: StateError.self) {
        try load(RandomEnvironment.controls) { $0["hidden"] = hidden }
      }
    }
    for missing in export.attributes.keys {
      #expect(throws: StateError.self) {
        try load(RandomEnvironment.controls) { $0[missing] = nil }
      }
    }
  }
}
