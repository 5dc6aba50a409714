import RLAgents
import RLCore
import RLNetworks
import RLParallel
import Testing

@Suite struct OnPolicyConfigurationTests {
  @Test func defaultsAreThoseOfStableBaselines3() {
    let ppo = PPO.Configuration()
    #expect(ppo.learningRate == .constant(3e-4) && ppo.clipRange == .constant(0.2))
    #expect((ppo.nSteps, ppo.batchSize, ppo.nEpochs) == (2048, 64, 10))
    #expect((ppo.gamma, ppo.gaeLambda) == (0.99, 0.95))
    #expect((ppo.entCoef, ppo.vfCoef, ppo.maxGradientNorm) == (0, 0.5, 0.5))
    #expect(ppo.normalizeAdvantage && ppo.clipRangeVf == nil && ppo.targetKL == nil)
    #expect(ppo.optimizer == .adam && ppo.optimizerEpsilon == 1e-5)
    let a2c = A2C.Configuration()
    #expect(a2c.learningRate == .constant(7e-4) && a2c.nSteps == 5)
    #expect((a2c.gamma, a2c.gaeLambda) == (0.99, 1))
    #expect((a2c.entCoef, a2c.vfCoef, a2c.maxGradientNorm) == (0, 0.5, 0.5))
    #expect(!a2c.normalizeAdvantage && a2c.optimizerEpsilon == 1e-5)
  }

  @Test(arguments: [
    ("n_steps", ConfigurationValue.integer(128), "nSteps"),
    ("batch_size", .integer(32), "batchSize"), ("n_epochs", .integer(4), "nEpochs"),
    ("gae_lambda", .number(0.9), "gaeLambda"), ("clip_range", .text("lin_0.1"), "clipRange"),
    ("clip_range_vf", .number(0.3), "clipRangeVf"), ("ent_coef", .number(0.1), "entCoef"),
    ("vf_coef", .number(0.25), "vfCoef"), ("max_grad_norm", .number(5), "maxGradientNorm"),
    ("target_kl", .number(0.25), "targetKL"), ("use_sde", .bool(true), "useSDE"),
    ("sde_sample_freq", .integer(4), "sdeSampleFreq"), ("ortho_init", .bool(false), "orthoInit"),
    ("log_std_init", .integer(-2), "logStdInit"), ("activation_fn", .text("relu"), "activation"),
    ("net_arch", .list([.integer(32)]), "hidden"),
    ("learning_rate", .text("lin_3e-4"), "learningRate"),
    ("normalize_advantage", .bool(false), "normalizeAdvantage"),
  ])
  func theNamesOfStableBaselines3AreAccepted(
    key: String, value: ConfigurationValue, name: String
  ) throws {
    var configuration = PPO.Configuration()
    let before = configuration
    try configuration.set(key, to: value)
    #expect(configuration != before)
    // and what is read can be written
    var other = PPO.Configuration()
    for (field, written) in configuration.values { try other.set(field, to: written) }
    #expect(other == configuration)
    #expect(configuration.values.contains { $0.name == name })
  }

  @Test func aScheduleIsANumberOrFallsFromOne() throws {
    var configuration = PPO.Configuration()
    try configuration.set("learningRate", to: .text("lin_3e-4"))
    #expect(configuration.learningRate == .linear(from: 3e-4))
    #expect(configuration.learningRate.value(remaining: 0.5) == 1.5e-4)
    try configuration.set("learningRate", to: .number(1e-3))
    #expect(configuration.learningRate == .constant(1e-3))
    #expect(configuration.learningRate.value(remaining: 0.5) == 1e-3)
    for wrong in ["lin_", "lin_x", "lin_-1", "lin_inf", "linear", "lin_1e9"] {
      let error = #expect(throws: ConfigurationError.self) {
        try configuration.set("learningRate", to: .text(wrong))
      }
      #expect(error?.field == "learningRate")
    }
  }

  @Test func whatIsOffCanBeSwitchedOnAndOff() throws {
    var configuration = PPO.Configuration()
    for name in ["targetKL", "clipRangeVf", "criticHidden"] {
      try configuration.set(name, to: .integer(1))
      #expect(configuration != PPO.Configuration())
      try configuration.set(name, to: .none)
      #expect(configuration == PPO.Configuration())
      try configuration.set(name, to: .text("none"))
      #expect(configuration == PPO.Configuration())
    }
    try configuration.set("useSDE", to: .bool(true))
    #expect(configuration.controlDistribution == .gsde)
    try configuration.set("useSDE", to: .bool(false))
    #expect(configuration.controlDistribution == .gaussian)
    try configuration.set("controlDistribution", to: .text("beta"))
    try configuration.set("useSDE", to: .bool(false))
    #expect(configuration.controlDistribution == .beta)
  }

  @Test(arguments: [
    ("batchSize", ConfigurationValue.integer(1)), ("sdeSampleFreq", .integer(0)),
    ("hidden", .list(Array(repeating: .integer(4), count: 17))),
    ("criticHidden", .list(Array(repeating: .integer(4), count: 17))),
  ])
  func whatCannotBeRunIsRefusedByName(name: String, value: ConfigurationValue) throws {
    var configuration = PPO.Configuration()
    try configuration.set(name, to: value)
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.field == name)
  }

  @Test func aSharedTrunkHasOneSetOfWidths() throws {
    var configuration = A2C.Configuration()
    configuration.sharedTrunk = true
    configuration.criticHidden = [3]
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.field == "criticHidden")
  }

  @Test func oneStepOfOneLaneCannotBeNormalised() throws {
    var configuration = PPO.Configuration()
    configuration.nSteps = 1
    let spec = ToyEnvironment.spec(choices: 2)
    let error = #expect(throws: ConfigurationError.self) {
      try PPO(
        spec: spec, lanes: 1, configuration: configuration, plannedSteps: 10, seed: 0,
        pool: .single)
    }
    #expect(error?.field == "nSteps")
  }

  @Test func unboundedControlsAreRefusedForBeta() throws {
    var configuration = PPO.Configuration()
    configuration.controlDistribution = .beta
    let unbounded = Leaf(
      kind: .box(low: [-.infinity], high: [.infinity]), element: .f32, shape: [1])
    let spec = RandomEnvironment(action: [unbounded], lanes: 1).spec
    let error = #expect(throws: ConfigurationError.self) {
      try PPO(
        spec: spec, lanes: 2, configuration: configuration, plannedSteps: 10, seed: 0,
        pool: .single)
    }
    #expect(error?.field == "controlDistribution")
  }
}
