import RLAgents
import RLCore
import RLParallel
import RLSystem
import RLTraining

/// Policy files: read, rebuilt and tested as `eval` does.
func policyTarget() throws -> FuzzTarget {
  FuzzTarget(
    "policy", samples: try policySamples(),
    words: [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "null", "true", "F32", "U8", "I64",
      "\"dtype\":\"F64\"", "\"shape\":[]", "\"shape\":[4294967296,4294967296]",
      "\"data_offsets\":[0,0]", "__metadata__", "\"algo\":\"dqn\"", "policy.hidden", "65536,65536",
      "policy.dueling", "true", "config.gamma", "\\\"high\\\":[1]", "\\\"count\\\":1000000",
      "\\\"discrete\\\"", "\\\"multiBinary\\\":{}", "self_test.outputs", "q_net.q_net.0.weight",
      "NaN", "nan", "inf",
    ],
    seal: signed
  ) { bytes, _ in
    do {
      let file = try PolicyFile(bytes, file: "fuzzed")
      let entry = try AlgorithmCatalog.entry(named: file.algorithm)
      var policy = try entry.loadPolicy(
        observation: file.observation, action: file.action, tensors: file.tensors,
        attributes: file.attributes, pool: .single)
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
  try sampleSpecs.flatMap { spec in
    try sampleSettings.map { settings in
      let entry = try AlgorithmCatalog.entry(named: "dqn")
      let agent = try entry.makeAgent(
        spec: spec, lanes: 2, configuration: entry.configure(settings), steps: 100, seed: 3,
        pool: .single)
      return try policyBytes(agent.policy, spec)
    }
  }
}

private func policyBytes(_ policy: some Policy, _ spec: EnvironmentSpec) throws -> [UInt8] {
  var policy = policy
  let rows = [UInt8](repeating: 0, count: 16 * RowLayout(spec.observation).rowBytes)
  let test = PolicyFile.SelfTest(&policy, observations: rows, count: 16)
  let file = PolicyFile(
    policy.export(), spec: spec, pluginSHA256: SHA256.hex(of: []), abi: "1.0", encoder: "flat",
    configuration: ["gamma": "0.99"], seed: 3, steps: 100, hostVersion: hostVersion,
    numerics: "sample", selfTest: test)
  return try file.encoded(file: "sample")
}
