public import RLCore
public import RLNetworks
public import RLParallel

/// Acts as a deterministic network says; sampled acting is the same, for exploration's noise is no
/// part of the policy.
public struct DeterministicPolicy: Policy {
  public let algorithm: String
  public private(set) var network: MLP
  private let activation: Activation
  private let encoder: ObservationEncoder
  private let range: ControlRange
  private let pool: WorkerPool
  private var tape: Tape
  private var actions: [Float]  // [rows, C] in -1 ... 1

  /// - Parameters:
  ///   - algorithm: that trained it.
  ///   - network: from the encoded observation to actions in -1 ... 1.
  ///   - activation: of the network's hidden layers.
  ///   - observation: the observation's space.
  ///   - range: the environment's bounds.
  ///   - pool: the threads to act on.
  public init(
    algorithm: String, network: MLP, activation: Activation, observation: Space,
    range: ControlRange, pool: WorkerPool
  ) {
    self.algorithm = algorithm
    self.network = network
    self.activation = activation
    self.range = range
    self.pool = pool
    encoder = ObservationEncoder(observation)
    tape = network.makeTape(rows: 0)
    actions = []
  }

  public mutating func act(
    _ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]
  ) {
    forward(step.observations, count: step.lanes)
    range.unscale(actions, rows: step.lanes, into: &step.controls)
  }

  /// The actions in -1 ... 1, `[count, C]`.
  public mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    forward(rows, count: count)
    return Array(actions.prefix(count * range.count))
  }

  public func export() -> PolicyExport {
    PolicyExport(
      algorithm: algorithm, tensors: network.tensors(prefix: Self.tensorPrefix),
      attributes: [
        "hidden": network.hidden.map { "\($0)" }.joined(separator: ","),
        "activation": activation.rawValue,
      ])
  }

  /// Stable-Baselines3's name for the layers of TD3's `Actor`.
  static let tensorPrefix = "actor.mu."

  private mutating func forward(_ rows: [UInt8], count: Int) {
    if tape.rows < count {
      tape = network.makeTape(rows: count)
      actions = Array(repeating: 0, count: count * range.count)
    }
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    network.forward(&tape, rows: count, pool: pool)
    for row in 0..<count {
      for c in 0..<range.count {
        actions[row * range.count + c] = tape.output[row * tape.outputStride + c]
      }
    }
  }
}

extension DeterministicPolicy {
  /// Rebuilds an exported policy.
  ///
  /// - Throws: `StateError` when an attribute or tensor is missing or does not fit the spaces.
  public init(
    algorithm: String, observation: Space, action: ActionSpace, tensors: [PolicyExport.Tensor],
    attributes: [String: String], pool: WorkerPool
  ) throws(StateError) {
    let range = try controlRange(algorithm, action)
    let (hidden, activation) = try hiddenLayers(attributes)
    let sizes = [observation.encodedWidth] + hidden + [range.count]
    try checkWeights(tensors, prefix: Self.tensorPrefix, sizes: sizes)
    var random = RandomStream(seed: 0)
    var network = MLP(
      inputs: sizes[0], hidden: hidden, outputs: range.count, activation: activation,
      outputActivation: .tanh, initialisation: .uniformFanIn, random: &random)
    try network.load(tensors: tensors, prefix: Self.tensorPrefix)
    self.init(
      algorithm: algorithm, network: network, activation: activation, observation: observation,
      range: range, pool: pool)
  }
}

/// The bounds of a policy file's actions.
///
/// - Throws: `StateError` when the policy cannot act in them.
func controlRange(
  _ algorithm: String, _ action: ActionSpace
) throws(StateError) -> ControlRange {
  do { return try ControlRange(action, algorithm: "a \(algorithm) policy", of: "the file") } catch {
    throw StateError(reason: error.reason)
  }
}

/// What the attributes of a policy say of its hidden layers.
func hiddenLayers(
  _ attributes: [String: String]
) throws(StateError) -> (widths: [Int], activation: Activation) {
  let widths = attributes["hidden"]?.split(separator: ",").map { Int($0) ?? 0 }
  guard let widths, widths.allSatisfy({ (1...65_536).contains($0) }),
    let activation = attributes["activation"].flatMap(Activation.init(rawValue:))
  else { throw StateError(reason: "hidden or activation is missing or damaged") }
  return (widths, activation)
}

/// Refuses widths that the tensors do not have before anything of that size is allocated.
private func checkWeights(
  _ tensors: [PolicyExport.Tensor], prefix: String, sizes: [Int]
) throws(StateError) {
  for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
    let name = "\(prefix)\(2 * index).weight"
    guard let tensor = tensors.first(where: { $0.name == name }) else {
      throw StateError(reason: "tensor \(name) is missing")
    }
    guard tensor.shape == [outputs, inputs] else {
      throw StateError(
        reason: "tensor \(name) is \(tensor.shape), the spaces need \([outputs, inputs])")
    }
  }
}
