import RLCore
import RLSystem

private let format = "rl-host/policy/1"
private let observationsName = "self_test.observations"
private let outputsName = "self_test.outputs"
private let statisticPrefix = "wrapper."
private let digestKey = "content_sha256"
private let damaged = "the file is damaged: restore it from a copy or train again"

extension PolicyFile {
  /// The file's bytes: equal policies give equal bytes.
  ///
  /// - Throws: `PolicyFileError` when the contents contradict each other, such as a self-test of
  ///   too few rows or weights that are not finite.
  public func encoded(file: String) throws(PolicyFileError) -> [UInt8] {
    try check(file: file)
    var contents = Safetensors(metadata: metadata, tensors: encodedTensors)
    contents.metadata[digestKey] = SHA256.hex(of: contents.encoded())
    return contents.encoded()
  }

  /// Reads the bytes of a file that may be damaged or hostile.
  ///
  /// - Throws: `PolicyFileError` that names what is wrong.
  public init(_ bytes: [UInt8], file: String) throws(PolicyFileError) {
    var contents: Safetensors
    do { contents = try Safetensors(bytes, file: file) } catch {
      throw PolicyFileError(file: file, reason: error.reason)
    }
    let found = contents.metadata["format"]
    guard found == format else {
      throw PolicyFileError(
        file: file,
        reason: "is not a policy file of this host: its format is "
          + "\(found.map { "\"\($0)\"" } ?? "not given"), expected \"\(format)\"")
    }
    let digest = contents.metadata.removeValue(forKey: digestKey)
    guard digest == SHA256.hex(of: contents.encoded()) else {
      throw PolicyFileError(
        file: file, reason: "its contents are not those that were written; \(damaged)")
    }
    var metadata = PolicyMetadata(contents.metadata, file: file)
    self = try Self(&metadata, tensors: contents.tensors)
    try metadata.refuseUnread()
    try check(file: file)
  }

  private init(
    _ metadata: inout PolicyMetadata, tensors all: [Safetensors.Tensor]
  ) throws(PolicyFileError) {
    _ = try metadata.text("format")
    algorithm = try metadata.text("algo")
    environmentID = try metadata.text("env_id")
    pluginSHA256 = try metadata.text("plugin_sha256")
    abi = try metadata.text("abi")
    observation = try metadata.space("obs_space")
    action = try metadata.space("act_space")
    maxEpisodeSteps = try metadata.optionalNumber("max_episode_steps")
    encoder = try metadata.text("encoder")
    seed = try metadata.number("seed")
    steps = try metadata.number("steps")
    hostVersion = try metadata.text("host_version")
    numerics = try metadata.text("numerics")
    configuration = metadata.group("config.")
    attributes = metadata.group("policy.")
    tensors = []
    selfTest = try Self.selfTest(all, file: metadata.file)
    wrappers = try Self.wrappers(metadata.group("wrapper."), all, file: metadata.file)
    for tensor in all where Self.isWeight(tensor) {
      guard let values = tensor.floats else {
        throw PolicyFileError(
          file: metadata.file, reason: "tensor \"\(tensor.name)\" is not of type F32; \(damaged)")
      }
      tensors.append(.init(name: tensor.name, shape: tensor.shape, values: values))
    }
    tensors.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private static func isWeight(_ tensor: Safetensors.Tensor) -> Bool {
    tensor.name != observationsName && tensor.name != outputsName
      && !tensor.name.hasPrefix(statisticPrefix)
  }

  /// The wrappers' settings, and the tensors that are their statistics.
  private static func wrappers(
    _ settings: [String: String], _ all: [Safetensors.Tensor], file: String
  ) throws(PolicyFileError) -> WrapperState? {
    var state = WrapperState(settings: settings)
    for tensor in all where tensor.name.hasPrefix(statisticPrefix) {
      guard let values = tensor.doubles, tensor.shape.count == 1 else {
        throw PolicyFileError(
          file: file,
          reason: "statistic \"\(tensor.name)\" is not a row of type F64; \(damaged)")
      }
      state.statistics[String(tensor.name.dropFirst(statisticPrefix.count))] = values
    }
    return state.settings.isEmpty && state.statistics.isEmpty ? nil : state
  }

  private static func selfTest(
    _ all: [Safetensors.Tensor], file: String
  ) throws(PolicyFileError) -> SelfTest {
    let rows = all.first { $0.name == observationsName }
    let answers = all.first { $0.name == outputsName }
    guard let rows, let answers, let observations = rows.unsignedBytes,
      let outputs = answers.floats, rows.shape.count == 2, answers.shape.count == 2,
      rows.shape[0] == answers.shape[0]
    else {
      throw PolicyFileError(
        file: file,
        reason: "has no self-test: \(observationsName) U8 [n, bytes], \(outputsName) F32 [n, k]")
    }
    return SelfTest(count: rows.shape[0], observations: observations, outputs: outputs)
  }

  private var metadata: [String: String] {
    var metadata = [
      "format": format, "algo": algorithm, "env_id": environmentID,
      "plugin_sha256": pluginSHA256, "abi": abi, "obs_space": canonicalJSON(observation),
      "act_space": canonicalJSON(action), "encoder": encoder, "seed": "\(seed)",
      "steps": "\(steps)", "host_version": hostVersion, "numerics": numerics,
    ]
    metadata["max_episode_steps"] = maxEpisodeSteps.map { "\($0)" }
    for (name, value) in configuration { metadata["config.\(name)"] = value }
    for (name, value) in attributes { metadata["policy.\(name)"] = value }
    for (name, value) in wrappers?.settings ?? [:] { metadata["wrapper.\(name)"] = value }
    return metadata
  }

  private var encodedTensors: [Safetensors.Tensor] {
    let rowBytes = selfTest.observations.count / selfTest.count
    let width = selfTest.outputs.count / selfTest.count
    let statistics = (wrappers?.statistics ?? [:]).map {
      Safetensors.Tensor(statisticPrefix + $0.key, $0.value)
    }
    let weights = tensors.map { Safetensors.Tensor($0.name, $0.values, shape: $0.shape) }
    return weights + statistics + [
      Safetensors.Tensor(
        observationsName, selfTest.observations, shape: [selfTest.count, rowBytes]),
      Safetensors.Tensor(outputsName, selfTest.outputs, shape: [selfTest.count, width]),
    ]
  }
}

/// Metadata that is taken out key by key, so that what nobody asked for is noticed.
private struct PolicyMetadata {
  private var values: [String: String]
  let file: String

  init(_ values: [String: String], file: String) {
    self.values = values
    self.file = file
  }

  mutating func text(_ key: String) throws(PolicyFileError) -> String {
    guard let value = values.removeValue(forKey: key) else {
      throw error("has no \"\(key)\"; \(damaged)")
    }
    return value
  }

  mutating func number<Number: FixedWidthInteger>(_ key: String) throws(PolicyFileError) -> Number {
    let text = try text(key)
    guard let number = Number(text), number >= 0, "\(number)" == text else {
      throw error("\(key): \"\(text)\" is not a whole number; \(damaged)")
    }
    return number
  }

  mutating func optionalNumber(_ key: String) throws(PolicyFileError) -> Int? {
    values[key] == nil ? nil : try number(key)
  }

  mutating func space(_ key: String) throws(PolicyFileError) -> Space {
    let text = try text(key)
    do { return try parseSpace(text) } catch {
      throw self.error("\(key): \(error.reason); \(damaged)")
    }
  }

  /// Every value whose key starts with `prefix`, under the rest of the key.
  mutating func group(_ prefix: String) -> [String: String] {
    var group: [String: String] = [:]
    for (key, value) in values where key.hasPrefix(prefix) {
      group[String(key.dropFirst(prefix.count))] = value
      values[key] = nil
    }
    return group
  }

  func refuseUnread() throws(PolicyFileError) {
    guard let key = values.keys.min() else { return }
    throw error("has \"\(key)\", which this version does not know: use the version that wrote it")
  }

  private func error(_ reason: String) -> PolicyFileError {
    PolicyFileError(file: file, reason: reason)
  }
}
