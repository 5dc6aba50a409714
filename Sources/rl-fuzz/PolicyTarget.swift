import RLAgents
import RLCore
import RLParallel
import RLSystem
import RLTraining
import RLWrappers

/// Policy files: read, rebuilt and tested as `eval` does.
func policyTarget() throws -> FuzzTarget {
  FuzzTarget(
    "policy", samples: try policySamples(),
    words: [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "null", "true", "F32", "U8", "I64",
      "\"dtype\":\"F64\"", "\"shape\":[]", "\"shape\":[4294967296,4294967296]",
      "\"data_offsets\":[0,0]", "__metadata__", "\"algo\":\"dqn\"", "policy.hidden", "65536,65536",
      "policy.dueling", "true", "\"algo\":\"ppo\"", "policy.sharedTrunk", "policy.criticHidden",
      "policy.controlDistribution", "gsde", "log_std", "action_net.weight", "config.gamma",
      "\"algo\":\"sac\"", "policy.useSDE", "actor.mu.weight", "actor.log_std",
      "\\\"high\\\":[1]", "\\\"count\\\":1000000",
      "\\\"discrete\\\"", "\\\"multiBinary\\\":{}", "self_test.outputs", "q_net.q_net.0.weight",
      "NaN", "nan", "inf", "wrapper.frameStack", "\"wrapper.frameStack\":\"128\"",
      "wrapper.epsilon",
      "wrapper.timeLimit", "wrapper.observation.mean", "wrapper.observation.count", "F64",
    ],
    seal: signed
  ) { bytes, _ in
    do {
      let file = try PolicyFile(bytes, file: "fuzzed")
      let entry = try AlgorithmCatalog.entry(named: file.algorithm)
      var policy = try entry.loadPolicy(
        observation: try file.frozenWrappers(file: "fuzzed").observation, action: file.action,
        tensors: file.tensors, attributes: file.attributes, pool: .single)
      try verify(&policy, file)
      return true
    } catch  where error is PolicyFileError || error is ConfigurationError || error is StateError {
      return false
    }
  }
}

private func verify<P: Policy>(_ policy: inout P, _ file: PolicyFile) throws {
  try file.verify(&policy, numerics: "another", file: "fuzzed")
}

/// What a hostile writer can do: the digest of the damaged contents.
@Sendable private func signed(_ bytes: [UInt8], sample: Int) -> [UInt8] {
  guard var contents = try? Safetensors(bytes, file: "damaged") else { return bytes }
  contents.metadata["content_sha256"] = nil
  contents.metadata["content_sha256"] = SHA256.hex(of: contents.encoded())
  return contents.encoded()
}

private func policySamples() throws -> [[UInt8]] {
  try sampleAgents.map { sample in
    let entry = try AlgorithmCatalog.entry(named: sample.algorithm)
    let agent = try entry.makeAgent(
      spec: sample.spec, lanes: 2, configuration: entry.configure(sample.settings), steps: 100,
      seed: 3, pool: .single)
    return try policyBytes(agent.policy, sample.spec)
  } + wrappedSamples()
}

/// Policies behind wrappers, in a file with their statistics.
private func wrappedSamples() throws -> [[UInt8]] {
  try sampleSpecs.enumerated().map { index, spec in
    var state = WrapperState(
      settings: [
        "normalizeObservation": "true", "clipObservation": "10.0", "epsilon": "1e-08",
        "frameStack": "2", "stickyActions": "0.25",
      ],
      statistics: ["observation.count": [100]])
    let columns = index == 0 ? 3 : 6
    state.statistics["observation.mean"] = (0..<columns).map { Double($0) / 4 }
    state.statistics["observation.variance"] = (0..<columns).map { 1 + Double($0) }
    if index == 0 { state.settings.merge(["timeAware": "true", "timeLimit": "20"]) { $1 } }
    let entry = try AlgorithmCatalog.entry(named: "dqn")
    var shown = spec
    shown.observation = try FrozenWrappers(state, observation: spec.observation).observation
    let agent = try entry.makeAgent(
      spec: shown, lanes: 2, configuration: entry.configure(sampleAgents[0].settings), steps: 100,
      seed: 3, pool: .single)
    return try policyBytes(agent.policy, spec, state)
  }
}

private func policyBytes(
  _ policy: some Policy, _ spec: EnvironmentSpec, _ wrappers: WrapperState? = nil
) throws -> [UInt8] {
  var policy = policy
  let rows = [UInt8](repeating: 0, count: 16 * RowLayout(spec.observation).rowBytes)
  let test = PolicyFile.SelfTest(
    &policy, observations: rows, count: 16,
    through: try FrozenWrappers(wrappers, observation: spec.observation))
  let file = PolicyFile(
    policy.export(), spec: spec, pluginSHA256: SHA256.hex(of: []), abi: "1.0", encoder: "flat",
    configuration: ["gamma": "0.99"], seed: 3, steps: 100, hostVersion: hostVersion,
    numerics: "sample", selfTest: test, wrappers: wrappers)
  return try file.encoded(file: "sample")
}
