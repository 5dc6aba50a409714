import RLAgents
import RLCore
import RLEnvironments
import RLNetworks
import RLParallel
import RLTestSupport
import RLTraining
import Testing

/// DDPG, TD3 and SAC repeat what they see on BoxEcho; every other probe has choices, and is refused.
@Suite struct OffPolicyProbeTests {
  enum Learner: String, CaseIterable {
    case ddpg
    case ddpgWalks
    case td3
    case td3Rainbow
    case sac
    case sacFixed
    case sacRainbow
    case gsde
  }

  private func set<C: OffPolicyConfiguration>(_ configuration: inout C, _ learner: Learner) {
    configuration.hidden = [32]
    configuration.learningRate = .linear(from: 5e-3)
    configuration.bufferSize = 4000
    configuration.batchSize = 32
    configuration.gamma = 0.9
    configuration.trainFrequency = 2
    configuration.tau = 0.02
    guard learner == .td3Rainbow || learner == .sacRainbow else { return }
    configuration.prioritized = true
    configuration.priorityBetaStart = 1
    configuration.nSteps = 3
  }

  /// The mean return of 200 greedy episodes.
  private func learned<A: Agent>(
    _ training: ProbeTraining, steps: Int, _ make: (EnvironmentSpec, Int) throws -> A
  ) throws -> Double {
    let policy = try training.policy(steps: steps, make)
    return try training.meanReturn(of: policy)
  }

  private func meanReturn(_ learner: Learner, steps: Int) throws -> Double {
    let training = try ProbeTraining("BoxEcho-v0")
    switch learner {
    case .ddpg, .ddpgWalks:
      var configuration = DDPG.Configuration()
      set(&configuration, learner)
      configuration.noiseType = learner == .ddpg ? .normal : .ornsteinUhlenbeck
      configuration.noiseStd = 0.3
      return try learned(training, steps: steps) { spec, lanes in
        try DDPG(
          spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: 1,
          pool: .single)
      }
    case .td3, .td3Rainbow:
      var configuration = TD3.Configuration()
      set(&configuration, learner)
      configuration.noiseStd = 0.3
      configuration.targetPolicyNoise = 0.05
      return try learned(training, steps: steps) { spec, lanes in
        try TD3(
          spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: 1,
          pool: .single)
      }
    case .sac, .sacFixed, .sacRainbow, .gsde:
      var configuration = SAC.Configuration()
      set(&configuration, learner)
      if learner == .sacFixed { configuration.entCoef = .fixed(0.005) }
      configuration.useSDE = learner == .gsde
      return try learned(training, steps: steps) { spec, lanes in
        try SAC(
          spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: 1,
          pool: .single)
      }
    }
  }

  // The constant action 0 gets -1/3, an action of the wrong sign -4/3.
  @Test(arguments: Learner.allCases)
  func aContinuousActionRepeatsWhatIsSeen(learner: Learner) throws {
    let mean = try meanReturn(learner, steps: 20_000)
    #expect(mean >= -0.01, "\(mean) should be 0")
  }

  @Test(arguments: [
    "ConstantReward-v0", "ObservationReward-v0", "MaskedBandit-v0", "Memory-v0", "DictEcho-v0",
  ])
  func choicesAreRefused(id: String) throws {
    for name in ["ddpg", "td3", "sac"] {
      let plugin = try EnvironmentPlugin(path: PluginBuild.plugin("probes"))
      let environment = try VectorEnvironment(plugin, id: id, lanes: 1, plan: .training(seed: 1))
      let entry = try AlgorithmCatalog.entry(named: name)
      let error = #expect(throws: ConfigurationError.self) {
        try entry.checkSupport(environment.spec)
      }
      #expect(error?.reason.contains("\(name) needs continuous actions alone") == true)
    }
  }
}
