public import RLCore
import RLKernels
public import RLNetworks
public import RLParallel

/// Acts greedily, or epsilon-greedily, on a network's action values.
public struct QPolicy: Policy {
  public private(set) var network: QNetwork
  public let epsilon: Float  // of sampled acting
  private let activation: Activation
  private let encoder: ObservationEncoder
  private let choiceCount: Int
  private let isMasked: Bool
  private let pool: WorkerPool
  private var tape: Tape

  /// - Parameters:
  ///   - network: from the encoded observation to one value for each choice.
  ///   - activation: of the network's hidden layers.
  ///   - observation: the observation's space.
  ///   - action: a space of one choice.
  ///   - epsilon: the share of uniformly random choices when sampled.
  ///   - pool: the threads to act on.
  public init(
    network: QNetwork, activation: Activation, observation: Space, action: ActionSpace,
    epsilon: Float,
    pool: WorkerPool
  ) {
    self.network = network
    self.activation = activation
    self.epsilon = epsilon
    self.pool = pool
    encoder = ObservationEncoder(observation)
    choiceCount = action.choices[0].count
    isMasked = action.maskLength > 0
    tape = network.makeTape(rows: 1)
  }

  public mutating func act(
    _ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]
  ) {
    forward(step.observations, count: step.lanes)
    for lane in 0..<step.lanes {
      let maskStart = lane * choiceCount
      if !deterministic, random[lane].uniform() < epsilon {
        step.choices[lane] = Int32(
          randomChoice(
            count: choiceCount, masks: step.masks, maskStart: maskStart, random: &random[lane]))
      } else {
        step.choices[lane] = Int32(
          greedyChoice(
            tape.output, start: lane * tape.outputStride, count: choiceCount, masks: step.masks,
            maskStart: maskStart))
      }
    }
  }

  public mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    forward(rows, count: count)
    return (0..<count).flatMap { row in
      tape.output[row * tape.outputStride..<row * tape.outputStride + choiceCount]
    }
  }

  public func export() -> PolicyExport {
    var attributes = [
      "hidden": network.hidden.map { "\($0)" }.joined(separator: ","),
      "activation": activation.rawValue, "epsilon": "\(epsilon)",
    ]
    if network.isDueling { attributes["dueling"] = "true" }
    return PolicyExport(
      algorithm: "dqn", tensors: network.tensors(prefix: Self.tensorPrefix),
      attributes: attributes)
  }

  /// Stable-Baselines3's name for the layers of `DQNPolicy.q_net`.
  static let tensorPrefix = "q_net.q_net."

  private mutating func forward(_ rows: [UInt8], count: Int) {
    if tape.rows < count { tape = network.makeTape(rows: count) }
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    network.forward(&tape, rows: count, pool: pool)
  }
}
