public import RLCore
import RLKernels
public import RLNetworks
public import RLParallel

/// Acts greedily, or epsilon-greedily, on a network's action values.
public struct QPolicy: Policy {
  public private(set) var network: MLP
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
    network: MLP, activation: Activation, observation: Space, action: ActionSpace, epsilon: Float,
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
    PolicyExport(
      algorithm: "dqn", tensors: network.tensors(prefix: Self.tensorPrefix),
      attributes: [
        "hidden": network.layers.dropLast().map { "\($0.outputs)" }.joined(separator: ","),
        "activation": activation.rawValue, "epsilon": "\(epsilon)",
      ])
  }

  /// Stable-Baselines3's name for the layers of `DQNPolicy.q_net`.
  static let tensorPrefix = "q_net.q_net."

  private mutating func forward(_ rows: [UInt8], count: Int) {
    if tape.rows < count { tape = network.makeTape(rows: count) }
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    network.forward(&tape, rows: count, pool: pool)
  }
}

extension QPolicy {
  /// Rebuilds an exported policy.
  ///
  /// - Throws: `StateError` when an attribute or tensor is missing or does not fit the spaces.
  public init(
    observation: Space, action: ActionSpace, tensors: [PolicyExport.Tensor],
    attributes: [String: String], pool: WorkerPool
  ) throws(StateError) {
    guard action.choices.count == 1, action.controlCount == 0 else {
      throw StateError(reason: "a dqn policy needs one Discrete action, not \(action.space)")
    }
    let hidden = attributes["hidden"]?.split(separator: ",").map { Int($0) } ?? []
    guard let activation = attributes["activation"].flatMap(Activation.init(rawValue:)),
      let epsilon = attributes["epsilon"].flatMap(Float.init), epsilon >= 0, epsilon <= 1,
      attributes["hidden"] != nil, hidden.allSatisfy({ (1...65_536).contains($0 ?? 0) })
    else { throw StateError(reason: "hidden, activation or epsilon is missing or damaged") }
    let widths = hidden.compactMap { $0 }
    try Self.checkSizes(
      [observation.encodedWidth] + widths + [action.choices[0].count], tensors: tensors)
    var random = RandomStream(seed: 0)
    var network = MLP(
      inputs: observation.encodedWidth, hidden: widths, outputs: action.choices[0].count,
      activation: activation, initialisation: .uniformFanIn, random: &random)
    try network.load(tensors: tensors, prefix: Self.tensorPrefix)
    self.init(
      network: network, activation: activation, observation: observation, action: action,
      epsilon: epsilon, pool: pool)
  }

  /// Refuses widths that the tensors do not have before anything of that size is allocated.
  private static func checkSizes(
    _ widths: [Int], tensors: [PolicyExport.Tensor]
  ) throws(StateError) {
    for (i, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let name = "\(tensorPrefix)\(2 * i).weight"
      guard let tensor = tensors.first(where: { $0.name == name }) else {
        throw StateError(reason: "tensor \(name) is missing")
      }
      guard tensor.shape == [outputs, inputs] else {
        throw StateError(
          reason: "tensor \(name) is \(tensor.shape), the spaces need [\(outputs), \(inputs)]")
      }
    }
  }
}
