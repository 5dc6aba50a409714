public import RLCore
public import RLParallel

/// An algorithm that the host can train, load and describe.
public struct AlgorithmEntry: Sendable {
  /// One hyperparameter, for people.
  public struct Field: Sendable {
    public var name: String
    public var aliases: [String]
    public var doc: String
    public var defaultValue: ConfigurationValue
  }

  public let name: String
  public let summary: String
  /// The actions that it can choose, in a few words.
  public let actions: String
  public let paper: String
  public let fields: [Field]
  private let memoryField: String
  private let support: @Sendable (EnvironmentSpec) throws(ConfigurationError) -> Void
  private let configuring:
    @Sendable ([(key: String, value: ConfigurationValue)]) throws(ConfigurationError) ->
      any AlgorithmConfiguration
  private let counting: @Sendable (EnvironmentSpec, Int, any AlgorithmConfiguration) -> Int
  private let making:
    @Sendable (
      EnvironmentSpec, Int, any AlgorithmConfiguration, Int, UInt64, WorkerPool
    ) throws(ConfigurationError) -> any Agent
  private let loading:
    @Sendable (
      Space, ActionSpace, [PolicyExport.Tensor], [String: String], WorkerPool
    ) throws(StateError) -> any Policy

  /// - Throws: `ConfigurationError` when the algorithm cannot act in the environment's spaces.
  public func checkSupport(_ spec: EnvironmentSpec) throws(ConfigurationError) {
    try support(spec)
  }

  /// The algorithm's defaults with `settings` applied in order, and checked.
  ///
  /// - Throws: `ConfigurationError` naming the hyperparameter.
  public func configure(
    _ settings: [(key: String, value: ConfigurationValue)]
  ) throws(ConfigurationError) -> any AlgorithmConfiguration {
    try configuring(settings)
  }

  /// A fresh agent; see the agent's own initialiser.
  ///
  /// - Parameters:
  ///   - spec: the environment.
  ///   - lanes: of every batch.
  ///   - configuration: one of this algorithm.
  ///   - steps: of the whole run, for schedules.
  ///   - seed: of the run.
  ///   - pool: the threads to work on.
  ///   - memoryLimit: bytes that the agent may take.
  /// - Returns: the agent.
  /// - Throws: `ConfigurationError` when the configuration or the spaces cannot be run, or do not
  ///   fit in memory.
  public func makeAgent(
    spec: EnvironmentSpec, lanes: Int, configuration: any AlgorithmConfiguration, steps: Int,
    seed: UInt64, pool: WorkerPool, memoryLimit: Int = .max
  ) throws(ConfigurationError) -> any Agent {
    let bytes = counting(spec, lanes, configuration)
    guard bytes <= memoryLimit else {
      throw ConfigurationError(
        field: memoryField,
        reason: "the agent would take \(bytes >> 20) MiB and there are \(memoryLimit >> 20) MiB of "
          + "memory: lower \(memoryField) or the widths of hidden")
    }
    return try making(spec, lanes, configuration, steps, seed, pool)
  }

  /// A policy from what `Policy.export` gave.
  ///
  /// - Throws: `StateError` when tensors or attributes do not fit the spaces.
  public func loadPolicy(
    observation: Space, action: Space, tensors: [PolicyExport.Tensor],
    attributes: [String: String], pool: WorkerPool
  ) throws(StateError) -> any Policy {
    try loading(observation, ActionSpace(action), tensors, attributes, pool)
  }

  init<A: ConfigurableAgent, P: Policy>(
    _ agent: A.Type, name: String, summary: String, actions: String, paper: String,
    memoryField: String,
    load:
      @escaping @Sendable (
        Space, ActionSpace, [PolicyExport.Tensor], [String: String], WorkerPool
      ) throws(StateError) -> P
  ) {
    self.name = name
    self.summary = summary
    self.actions = actions
    self.paper = paper
    self.memoryField = memoryField
    support = { (spec) throws(ConfigurationError) in try A.checkSupport(spec) }
    let defaults = A.Configuration()
    fields = A.Configuration.fields.map {
      Field(name: $0.name, aliases: $0.aliases, doc: $0.doc, defaultValue: $0.read(defaults))
    }
    configuring = { (settings) throws(ConfigurationError) in
      var configuration = A.Configuration()
      for setting in settings { try configuration.set(setting.key, to: setting.value) }
      try configuration.validate()
      return configuration
    }
    counting = { spec, lanes, configuration in
      (configuration as? A.Configuration).map {
        A.byteCount(spec: spec, lanes: lanes, configuration: $0)
      } ?? 0
    }
    making = { (spec, lanes, configuration, steps, seed, pool) throws(ConfigurationError) in
      guard let configuration = configuration as? A.Configuration else {
        throw ConfigurationError(field: "algo", reason: "the configuration is not one of \(name)")
      }
      return try A(
        spec: spec, lanes: lanes, configuration: configuration, plannedSteps: steps, seed: seed,
        pool: pool)
    }
    loading = { (observation, action, tensors, attributes, pool) throws(StateError) in
      try load(observation, action, tensors, attributes, pool)
    }
  }
}

/// Every algorithm: a new one is one line here.
public enum AlgorithmCatalog {
  public static let all: [AlgorithmEntry] = [dqn, ppo, a2c, ddpg, td3, sac]

  /// - Throws: `ConfigurationError` for an unknown name, with a suggestion and the list.
  public static func entry(named name: String) throws(ConfigurationError) -> AlgorithmEntry {
    if let entry = all.first(where: { $0.name == name }) { return entry }
    let names = all.map(\.name)
    let near = suggestion(for: name, among: names).map { "; did you mean \($0)? Known" }
    throw ConfigurationError(
      field: "algo",
      reason: "no algorithm is called \(name)\(near ?? "; known"): \(names.joined(separator: ", "))"
    )
  }

  private static let dqn = AlgorithmEntry(
    DQN.self, name: "dqn",
    summary: "Deep Q-learning with replay and a target network; double Q, dueling streams, n-step "
      + "returns and prioritised replay as options",
    actions: "one Discrete action, with or without a mask",
    paper: "Mnih et al. 2015; double Q: van Hasselt et al. 2016; dueling: Wang et al. 2016; "
      + "prioritised: Schaul et al. 2016; n steps: Hessel et al. 2018",
    memoryField: "bufferSize",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try QPolicy(
        observation: observation, action: action, tensors: tensors, attributes: attributes,
        pool: pool)
    })

  private static let ppo = AlgorithmEntry(
    PPO.self, name: "ppo",
    summary: "Proximal policy optimisation with the clipped objective and generalised advantage "
      + "estimation",
    actions: onPolicyActions,
    paper: "Schulman et al. 2017; advantages: Schulman et al. 2016; gSDE: Raffin et al. 2021",
    memoryField: "nSteps",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try ActorCriticPolicy(
        algorithm: "ppo", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let a2c = AlgorithmEntry(
    A2C.self, name: "a2c",
    summary: "Advantage actor-critic, synchronous, with n-step returns or generalised advantage "
      + "estimation",
    actions: onPolicyActions,
    paper: "Mnih et al. 2016; advantages: Schulman et al. 2016; gSDE: Raffin et al. 2021",
    memoryField: "nSteps",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try ActorCriticPolicy(
        algorithm: "a2c", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let onPolicyActions =
    "any mix of Box, Discrete, MultiDiscrete and MultiBinary, with or without masks"

  private static let ddpg = AlgorithmEntry(
    DDPG.self, name: "ddpg",
    summary: "Deep deterministic policy gradient, with n-step returns and prioritised replay as "
      + "options",
    actions: boundedControls,
    paper: "Lillicrap et al. 2016; prioritised: Schaul et al. 2016",
    memoryField: "bufferSize",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try DeterministicPolicy(
        algorithm: "ddpg", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let td3 = AlgorithmEntry(
    TD3.self, name: "td3",
    summary: "Twin delayed DDPG: two critics, smoothed targets and delayed updates of the policy",
    actions: boundedControls,
    paper: "Fujimoto et al. 2018; prioritised: Schaul et al. 2016",
    memoryField: "bufferSize",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try DeterministicPolicy(
        algorithm: "td3", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let sac = AlgorithmEntry(
    SAC.self, name: "sac",
    summary: "Soft actor-critic with a squashed Gaussian, two critics and a learned temperature",
    actions: boundedControls,
    paper: "Haarnoja et al. 2018; gSDE: Raffin et al. 2021; prioritised: Schaul et al. 2016",
    memoryField: "bufferSize",
    load: { (observation, action, tensors, attributes, pool) throws(StateError) in
      try SquashedPolicy(
        algorithm: "sac", observation: observation, action: action, tensors: tensors,
        attributes: attributes, pool: pool)
    })

  private static let boundedControls = "Box with bounds, and nothing beside it"
}
