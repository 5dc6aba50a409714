import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLTestSupport
import RLTraining
import RLWrappers
import Testing

/// A policy that was trained behind wrappers, saved and read again.
@Suite struct WrappedPolicyTests {
  private struct Silent: TrainingObserver {}

  private func configuration() -> DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [32]
    configuration.learningRate = .constant(3e-3)
    configuration.bufferSize = 2000
    configuration.batchSize = 32
    configuration.gamma = 0.9
    configuration.trainFrequency = 2
    configuration.learningStarts = 100
    configuration.targetUpdateInterval = 20
    configuration.epsilonEnd = 0.3
    return configuration
  }

  /// Trains on a plugin's environment.
  ///
  /// - Returns: the policy, the wrappers as they stand, the environment's own spec, and the last
  ///   evaluation of the training.
  private func trained(
    _ plugin: EnvironmentPlugin, _ id: String? = nil, _ wrappers: WrapperConfiguration, steps: Int
  ) throws -> (policy: QPolicy, state: WrapperState, spec: EnvironmentSpec, last: Evaluation) {
    let base = try VectorEnvironment(plugin, id: id, lanes: 4, plan: .training(seed: 1))
    let spec = base.spec
    var environment = try WrappedEnvironment(base, wrappers, source: .training(seed: 1))
    var agent = try DQN(
      spec: environment.spec, lanes: 4, configuration: configuration(), plannedSteps: steps,
      seed: 1, pool: .single)
    var silent = Silent()
    let summary = try train(
      &agent, in: &environment,
      plan: TrainingPlan(steps: steps, logEvery: steps, evaluateEvery: steps / 2),
      evaluate: { policy, state in try play(policy, plugin, id, state, lanes: 7) },
      observer: &silent)
    return (
      agent.policy, try #require(summary.wrappers), spec, try #require(summary.last).evaluation
    )
  }

  private func play(
    _ policy: some Policy, _ plugin: EnvironmentPlugin, _ id: String?, _ state: WrapperState?,
    lanes: Int, deterministic: Bool = true
  ) throws -> Evaluation {
    var policy = policy
    let base = try VectorEnvironment(
      plugin, id: id, lanes: lanes, plan: .evaluation(seed: 5, episodes: 40, stepCap: 100))
    var environment = try FrozenWrappers(state, observation: base.spec.observation).wrap(
      base, evaluationSeed: 5)
    return try evaluate(&policy, in: &environment, deterministic: deterministic, seed: 5)
  }

  private func file(
    _ policy: QPolicy, _ state: WrapperState, _ spec: EnvironmentSpec
  ) throws -> PolicyFile {
    var policy = policy
    let rows = (0..<80).flatMap { littleEndian(Float($0 % 7) * 0.3 - 0.9) }
    let frozen = try FrozenWrappers(state, observation: spec.observation)
    return PolicyFile(
      policy.export(), spec: spec, pluginSHA256: String(repeating: "a", count: 64), abi: "1.0",
      encoder: "flat", configuration: [:], seed: 1, steps: 100, hostVersion: "0", numerics: "n",
      selfTest: .init(&policy, observations: rows, count: 20, through: frozen), wrappers: state)
  }

  private func littleEndian(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }

  @Test func aReloadedPolicyActsIdentically() throws {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("cartpole"))
    let all = try wrappers(Everything.all)
    let (policy, state, spec, last) = try trained(plugin, nil, all, steps: 2000)
    let bytes = try file(policy, state, spec).encoded(file: "p")
    let read = try PolicyFile(bytes, file: "p")
    #expect(read.wrappers == state)
    #expect(read.observation == spec.observation, "the file keeps the environment's own spaces")
    #expect(try read.encoded(file: "p") == bytes)
    try read.check(spec, file: "p")
    let frozen = try read.frozenWrappers(file: "p")
    var loaded = try AlgorithmCatalog.entry(named: "dqn").loadPolicy(
      observation: frozen.observation, action: read.action, tensors: read.tensors,
      attributes: read.attributes, pool: .single)
    try verify(&loaded, read)
    for (lanes, deterministic) in [(40, true), (3, true), (40, false), (3, false)] {
      let own = try play(policy, plugin, nil, state, lanes: 7, deterministic: deterministic)
      let again = try play(
        loaded, plugin, nil, read.wrappers, lanes: lanes, deterministic: deterministic)
      #expect(own.episodes == again.episodes)
      if deterministic { #expect(own.episodes == last.episodes) }
    }
  }

  private func verify(_ policy: inout any Policy, _ file: PolicyFile) throws {
    func opened<P: Policy>(_ policy: P) throws {
      var policy = policy
      try file.verify(&policy, numerics: "n", file: "p")
    }
    try opened(policy)
  }

  @Test func theSelfTestCoversTheStatistics() throws {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("cartpole"))
    let normalized = try wrappers(["normalizeObservation": .bool(true)])
    var (policy, state, spec, _) = try trained(plugin, nil, normalized, steps: 400)
    var good = try file(policy, state, spec)
    try good.verify(&policy, numerics: "n", file: "p")
    for name in ["observation.mean", "observation.variance"] {
      var changed = state
      changed.statistics[name]?[2] += 0.5
      good.wrappers = changed
      #expect(throws: PolicyFileError.self) {
        try good.verify(&policy, numerics: "n", file: "p")
      }
    }
    state.statistics["observation.variance"] = nil
    good.wrappers = state
    let error = #expect(throws: PolicyFileError.self) { try good.encoded(file: "p") }
    #expect(error?.reason.contains("missing") == true)
  }

  /// Without memory the answer can only be guessed; a stack that reaches back to the cue knows it.
  @Test(arguments: [(1, 0.35...0.65), (4, 1...1)])
  func framesAreMemory(frames: Int, returns: ClosedRange<Double>) throws {
    let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
    let own = try wrappers(["frameStack": .integer(frames), "rewardScale": .number(0.5)])
    let (_, _, _, last) = try trained(plugin, "Memory-v0", own, steps: 6000)
    #expect(returns.contains(last.returns.mean), "\(last.returns.mean)")
  }
}
