public import RLCore
public import RLNetworks
public import RLParallel

/// Draws actions from a policy network's distribution, or takes the most probable one.
///
/// With gSDE, an action that is sampled has the distribution that it had in training, but
/// consecutive ones are independent.
public struct ActorCriticPolicy: Policy {
  public let algorithm: String
  public private(set) var network: ActorCritic
  public let head: PolicyHead
  private let free: [Float]
  private let encoder: ObservationEncoder
  private let pool: WorkerPool
  private var tape: ActorCriticTape
  private var actions: ActionRows

  /// - Parameters:
  ///   - algorithm: that trained it.
  ///   - network: from the encoded observation to the head's numbers, and to a value.
  ///   - head: the distribution.
  ///   - observation: the observation's space.
  ///   - pool: the threads to act on.
  public init(
    algorithm: String, network: ActorCritic, head: PolicyHead, observation: Space, pool: WorkerPool
  ) {
    self.algorithm = algorithm
    self.network = network
    self.head = head
    self.pool = pool
    free = network.free
    encoder = ObservationEncoder(observation)
    tape = network.makeTape(rows: 0, for: .policy)
    actions = head.makeActions(rows: 0)
  }

  public mutating func act(
    _ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]
  ) {
    forward(step.observations, count: step.lanes)
    for i in step.masks.indices { actions.masks[i] = step.masks[i] }
    if deterministic {
      head.mode(
        outputs: tape.policy.output, stride: tape.policy.outputStride, rows: step.lanes,
        into: &actions)
    } else {
      head.sample(
        outputs: tape.policy.output, stride: tape.policy.outputStride,
        latent: network.lastHidden(tape),
        free: free, rows: step.lanes, random: &random, into: &actions, pool: pool)
    }
    head.write(actions, to: &step)
  }

  /// The head's numbers, then the value: `[count, K + 1]`.
  public mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    var tape = network.makeTape(rows: count, for: .training)
    var values = [Float](repeating: 0, count: count)
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    network.forward(&tape, rows: count, values: &values, pool: pool)
    return (0..<count).flatMap { row in
      let start = row * tape.policy.outputStride
      return tape.policy.output[start..<start + head.outputs] + [values[row]]
    }
  }

  public func export() -> PolicyExport {
    let architecture = network.architecture
    return PolicyExport(
      algorithm: algorithm, tensors: network.tensors,
      attributes: [
        "hidden": Self.text(architecture.hidden),
        "criticHidden": Self.text(architecture.criticHidden),
        "sharedTrunk": "\(architecture.isShared)", "activation": architecture.activation.rawValue,
        "controlDistribution": head.distribution.rawValue,
      ])
  }

  private static func text(_ widths: [Int]) -> String {
    widths.map { "\($0)" }.joined(separator: ",")
  }

  private mutating func forward(_ rows: [UInt8], count: Int) {
    if tape.rows < count {
      tape = network.makeTape(rows: count, for: .policy)
      actions = head.makeActions(rows: count)
    }
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    network.forwardPolicy(&tape, rows: count, pool: pool)
  }
}
