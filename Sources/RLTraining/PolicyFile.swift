public import RLCore
import RLSystem
public import RLWrappers

/// A trained policy with all that is needed to use it, and to refuse its misuse.
///
/// On disk it is one safetensors file: the weights under the names of `PolicyExport`, a self-test,
/// and the rest as metadata. It holds no time, path, thread count or machine, so the same run
/// gives the same bytes.
public struct PolicyFile: Sendable, Equatable {
  /// Observations and what the policy's network answered to them when it was saved.
  public struct SelfTest: Sendable, Equatable {
    /// The fewest rows that a file may have.
    public static let leastRows = 16

    public var count: Int
    public var observations: [UInt8]  // [count, O] rows of the environment
    public var outputs: [Float]  // [count, K]

    public init(count: Int, observations: [UInt8], outputs: [Float]) {
      self.count = count
      self.observations = observations
      self.outputs = outputs
    }

    /// Records what `policy`, behind `wrappers`, answers to `count` of the environment's rows.
    public init(
      _ policy: inout some Policy, observations: [UInt8], count: Int,
      through wrappers: FrozenWrappers? = nil
    ) {
      let rows = wrappers?.show(observations, count: count) ?? observations
      self.init(
        count: count, observations: observations, outputs: policy.outputs(for: rows, count: count))
    }
  }

  public var algorithm: String
  public var environmentID: String
  public var pluginSHA256: String  // 64 hexadecimal digits
  public var abi: String  // of the plugin, such as "1.0"
  public var observation: Space
  public var action: Space
  public var maxEpisodeSteps: Int?  // environment steps; what it was trained with
  public var encoder: String  // how rows become network inputs
  public var configuration: [String: String]  // every hyperparameter
  public var seed: UInt64  // of the run
  public var steps: Int  // environment steps it was trained for
  public var hostVersion: String
  public var numerics: String  // the arithmetic's contract: equal names promise equal bits
  public var attributes: [String: String]  // architecture and constants
  public var tensors: [PolicyExport.Tensor]
  public var selfTest: SelfTest
  /// What stands between the environment and the policy; `nil` when nothing does.
  public var wrappers: WrapperState?

  /// The file of a policy, as its `export` gives it, that was trained in the environment `spec`.
  public init(
    _ export: PolicyExport, spec: EnvironmentSpec, pluginSHA256: String, abi: String,
    encoder: String, configuration: [String: String], seed: UInt64, steps: Int,
    hostVersion: String, numerics: String, selfTest: SelfTest, wrappers: WrapperState? = nil
  ) {
    algorithm = export.algorithm
    environmentID = spec.id
    self.pluginSHA256 = pluginSHA256
    self.abi = abi
    observation = spec.observation
    action = spec.action.space
    maxEpisodeSteps = spec.maxEpisodeSteps
    self.encoder = encoder
    self.configuration = configuration
    self.seed = seed
    self.steps = steps
    self.hostVersion = hostVersion
    self.numerics = numerics
    attributes = export.attributes
    tensors = export.tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.selfTest = selfTest
    self.wrappers = wrappers
  }

  /// What an algorithm needs to rebuild the policy.
  public var export: PolicyExport {
    PolicyExport(algorithm: algorithm, tensors: tensors, attributes: attributes)
  }

  /// The wrappers, ready for use, with the space that the policy sees.
  ///
  /// - Throws: `PolicyFileError` when a setting or a statistic is missing or damaged.
  public func frozenWrappers(file: String) throws(PolicyFileError) -> FrozenWrappers {
    do { return try FrozenWrappers(wrappers, observation: observation) } catch {
      throw PolicyFileError(file: file, reason: error.reason)
    }
  }
}

extension PolicyFile {
  /// The largest file that is read, in bytes.
  public static let byteLimit = 1 << 30

  /// Reads and checks a policy file. The weights are not yet compared with the self-test: rebuild
  /// the policy, then call `verify`.
  ///
  /// - Throws: `FileError` when it cannot be read, `PolicyFileError` when it is damaged.
  public static func read(_ path: String) throws -> PolicyFile {
    try PolicyFile(FileReader.bytes(of: path, limit: byteLimit), file: path)
  }

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: `FileError` when it cannot be written, `PolicyFileError` when its contents could
  ///   not be read back.
  public func write(_ path: String) throws {
    try AtomicFile.write(encoded(file: path), to: path)
  }
}

/// A policy file that was refused, or does not fit.
public struct PolicyFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public var file: String
  public var reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}
