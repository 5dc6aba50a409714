import RLAgents
import RLCore
import RLParallel
import RLSystem
import RLTraining
import Testing

/// The same seed and options give the same files.
@Suite struct ReproductionTests {
  @Test(arguments: [1, 2, 3])
  func theThreadsChangeNoByteOfWhatARunWrites(threads: Int) throws {
    let folder = try TemporaryFolder()
    let one = try trained(in: folder.path, seed: 3, threads: 1)
    let many = try trained(in: folder.path, seed: 3, threads: threads)
    #expect(one.path != many.path)
    #expect(try timeless(one) == timeless(many))
    for path in [\RunDirectory.episodesPath, \.policyPath, \.bestPolicyPath] {
      let bytes = try FileReader.bytes(of: one[keyPath: path], limit: 1 << 24)
      #expect(try FileReader.bytes(of: many[keyPath: path], limit: 1 << 24) == bytes)
    }
  }

  @Test func anotherSeedChangesTheFiles() throws {
    let folder = try TemporaryFolder()
    let first = try trained(in: folder.path, seed: 3, threads: 1)
    let other = try trained(in: folder.path, seed: 4, threads: 1)
    #expect(try timeless(first) != timeless(other))
    let policies = try [first, other].map { try PolicyFile.read($0.policyPath).tensors }
    #expect(policies[0] != policies[1])
  }

  private func timeless(_ run: RunDirectory) throws -> [String] {
    try MetricsLog.read(run.metricsPath).map(\.withoutTime.json)
  }

  /// A short run of DQN with everything a run writes.
  private func trained(in root: String, seed: UInt64, threads: Int) throws -> RunDirectory {
    let run = try RunDirectory.create(in: root, env: "Toy-v0", algo: "dqn", seed: seed)
    let pool = WorkerPool(oversubscribing: threads)
    var environment = ToyEnvironment(lanes: 4, seed: seed)
    var agent = try DQN(
      spec: environment.spec, lanes: 4, configuration: configuration, plannedSteps: 1500,
      seed: seed, pool: pool)
    var observer = SavingObserver(log: try RunLog(in: run, spec: environment.spec), run: run)
    let plan = try TrainingPlan(steps: 1500, logEvery: 200, evaluateEvery: 500)
    let summary = try train(
      &agent, in: &environment, plan: plan,
      evaluate: { trained in
        var policy = trained
        var environment = ToyEnvironment(lanes: 3, plan: .next(count: 20), seed: seed)
        return try evaluate(&policy, in: &environment, deterministic: true, seed: seed)
      }, observer: &observer)
    #expect(summary.updates > 100)
    try save(agent.policy, step: summary.steps, to: run.policyPath)
    return run
  }

  private var configuration: DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [64, 64]
    configuration.learningRate = .constant(1e-3)
    configuration.bufferSize = 1000
    configuration.batchSize = 64
    configuration.targetUpdateInterval = 100
    configuration.explorationFraction = 0.5
    return configuration
  }
}

/// Writes the logs and keeps the best policy.
private struct SavingObserver: TrainingObserver, ~Copyable {
  var log: RunLog
  let run: RunDirectory

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws {
    try log.episodeEnded(episode, step: step)
  }

  mutating func logged(_ record: TrainingRecord) throws { try log.logged(record) }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws {
    try log.evaluated(evaluation, step: step, isBest: isBest, policy: policy)
    if isBest { try save(policy, step: step, to: run.bestPolicyPath) }
  }
}

private func save(_ policy: some Policy, step: Int, to path: String) throws {
  var policy = policy
  let count = PolicyFile.SelfTest.leastRows
  let rows = (0..<count * 8).map { $0 % 4 == 3 ? UInt8(0x3F) : UInt8($0 * 5 % 128) }  // 2 floats
  let file = PolicyFile(
    policy.export(), spec: ToyEnvironment.specification,
    pluginSHA256: String(repeating: "0", count: 64), abi: "1.0", encoder: "toy",
    configuration: [:], seed: 3, steps: step, hostVersion: "test", numerics: "test",
    selfTest: PolicyFile.SelfTest(&policy, observations: rows, count: count))
  try file.write(path)
}
