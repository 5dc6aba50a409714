import CFuzz
import RLAgents
import RLCore
import RLParallel
import Testing

/// States that are not what the agent saved, and what a step costs.
@Suite struct OnPolicyStateTests {
  private func trained(iterations: Int = 9) throws -> (agent: PPO, environment: RandomEnvironment) {
    var environment = RandomEnvironment(action: RandomEnvironment.mixed, lanes: 2)
    var configuration = PPO.Configuration()
    configuration.nSteps = 6
    configuration.batchSize = 5
    configuration.nEpochs = 2
    configuration.hidden = [4]
    configuration.useSDE = true
    var agent = try PPO(
      spec: environment.spec, lanes: 2, configuration: configuration, plannedSteps: 100, seed: 0,
      pool: .single)
    try environment.train(&agent, iterations: iterations)
    return (agent, environment)
  }

  private func expectRefused(_ change: (inout SavedState) -> Void) throws {
    var (agent, _) = try trained()
    var state = agent.saveState()
    change(&state)
    let before = agent.saveState()
    #expect(throws: StateError.self) { try agent.restore(state) }
    #expect(agent.saveState() == before)
  }

  @Test func aStateWithoutAnEntryOrWithAnotherLengthIsRefused() throws {
    let names = try trained().agent.saveState().entries.keys
    #expect(names.count > 15)
    for name in names {
      try expectRefused { $0[name] = nil }
      try expectRefused { $0[name] = .words([1, 1, 1]) }
      try expectRefused { $0[name] = .floats([]) }
    }
  }

  @Test(arguments: [6, 7, UInt64.max])
  func aRolloutThatIsFullIsRefused(position: UInt64) throws {
    try expectRefused { $0["rollout.position"] = .words([position]) }
  }

  @Test(arguments: [[UInt64(1) << 63, 0], [18, 1 << 62], [5, 0]])
  func countersThatCannotBeAreRefused(counters: [UInt64]) throws {
    try expectRefused { $0["counters"] = .words(counters) }
  }

  @Test(arguments: [(0, -1), (0, 3), (1, 2), (2, 4), (3, 2), (4, Int32.max)])
  func anActionOutsideItsSpaceIsRefused(component: Int, value: Int32) throws {
    try expectRefused { state in
      guard case .integers(var choices)? = state["rollout.choices"] else { return }
      choices[5 + component] = value
      state["rollout.choices"] = .integers(choices)
    }
  }

  @Test(arguments: [0, 4, 255])
  func anObservationOutsideItsSpaceIsRefused(value: UInt8) throws {
    try expectRefused { state in
      guard case .bytes(var rows)? = state["rollout.observations"] else { return }
      rows[12 + 8] = value
      state["rollout.observations"] = .bytes(rows)
    }
  }

  @Test func aRandomStreamOfZerosIsRefused() throws {
    try expectRefused { $0["random"] = .words(Array(repeating: 0, count: 12)) }
  }

  // Numbers may be anything: they end the run with an error, never with a trap.
  @Test(arguments: [
    "rollout.controls", "rollout.logProbabilities", "rollout.rewards",
    "network.parameters", "noise",
  ])
  func numbersThatAreNoneAreTakenAndEndTheRun(name: String) throws {
    var (agent, environment) = try trained()
    var state = agent.saveState()
    guard case .floats(let values)? = state[name] else {
      Issue.record("no \(name)")
      return
    }
    state[name] = .floats(values.map { _ in .nan })
    try agent.restore(state)
    #expect(throws: DivergenceError.self) { try environment.train(&agent, iterations: 6) }
  }

  @Test(
    arguments: ["ppo", "a2c"], ["gaussian", "gsde", "beta", "stateDependentGaussian"])
  func nothingAllocatesAfterTheFirstUpdate(name: String, distribution: String) throws {
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 2)] {
      try expectNoBlocks(name, distribution, pool)
    }
  }

  private func expectNoBlocks(_ name: String, _ distribution: String, _ pool: WorkerPool) throws {
    var environment = RandomEnvironment(action: RandomEnvironment.mixed, lanes: 3)
    let entry = try AlgorithmCatalog.entry(named: name)
    let configuration = try entry.configure([
      ("nSteps", .integer(4)), ("sdeSampleFreq", .integer(2)),
      ("controlDistribution", .text(distribution)),
    ])
    let agent = try entry.makeAgent(
      spec: environment.spec, lanes: 3, configuration: configuration, steps: 1000, seed: 1,
      pool: pool)
    try expectNoBlocks(agent, &environment)
  }

  private func expectNoBlocks(
    _ agent: consuming some Agent, _ environment: inout RandomEnvironment
  ) throws {
    var agent = agent
    try environment.train(&agent, iterations: 5)
    var blocks: [UInt64] = [0, 0, 0]
    for _ in 0..<12 {
      let start = allocation_meter_thread_blocks()
      agent.act(&environment.batch)
      let acted = allocation_meter_thread_blocks()
      environment.step()
      let stepped = allocation_meter_thread_blocks()
      agent.observe(environment.batch)
      let observed = allocation_meter_thread_blocks()
      _ = try agent.learn()
      blocks[0] += acted - start
      blocks[1] += observed - stepped
      blocks[2] += allocation_meter_thread_blocks() - observed
      environment.advance()
    }
    #expect(blocks == [0, 0, 0])
  }
}
