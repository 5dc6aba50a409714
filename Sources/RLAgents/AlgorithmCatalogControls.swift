import RLCore

/// The algorithms that learn bounded controls from replay.
extension AlgorithmCatalog {
  static let ddpg = AlgorithmEntry(
    name: "ddpg",
    summary: "Deep deterministic policy gradient, with n-step returns and prioritised replay as "
      + "options",
    actions: boundedControls,
    paper: "Lillicrap et al. 2016; prioritised: Schaul et al. 2016",
    configuration: DDPG.Configuration.self, memoryField: "bufferSize", support: DDPG.checkSupport,
    byteCount: { DDPG.byteCount(spec: $0, lanes: $1, configuration: $2) },
    make: { (spec, lanes, configuration, steps, seed, pool) throws(ConfigurationError) in
      try DDPG(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: pool)
    },
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try DeterministicPolicy(
        algorithm: "ddpg", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  static let td3 = AlgorithmEntry(
    name: "td3",
    summary: "Twin delayed DDPG: two critics, smoothed targets and delayed updates of the policy",
    actions: boundedControls,
    paper: "Fujimoto et al. 2018; prioritised: Schaul et al. 2016",
    configuration: TD3.Configuration.self, memoryField: "bufferSize", support: TD3.checkSupport,
    byteCount: { TD3.byteCount(spec: $0, lanes: $1, configuration: $2) },
    make: { (spec, lanes, configuration, steps, seed, pool) throws(ConfigurationError) in
      try TD3(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: pool)
    },
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try DeterministicPolicy(
        algorithm: "td3", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  static let sac = AlgorithmEntry(
    name: "sac",
    summary: "Soft actor-critic with a squashed Gaussian, two critics and a learned temperature",
    actions: boundedControls,
    paper: "Haarnoja et al. 2018; gSDE: Raffin et al. 2021; prioritised: Schaul et al. 2016",
    configuration: SAC.Configuration.self, memoryField: "bufferSize", support: SAC.checkSupport,
    byteCount: { SAC.byteCount(spec: $0, lanes: $1, configuration: $2) },
    make: { (spec, lanes, configuration, steps, seed, pool) throws(ConfigurationError) in
      try SAC(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: pool)
    },
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try SquashedPolicy(
        algorithm: "sac", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let boundedControls = "Box with bounds, and nothing beside it"
}
