public import RLCore
import RLNetworks
public import RLParallel

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
    let architecture = try Architecture(attributes)
    let (inputs, actions) = (observation.encodedWidth, action.choices[0].count)
    try architecture.check(tensors, inputs: inputs, actions: actions)
    var random = RandomStream(seed: 0)
    var network = QNetwork(
      inputs: inputs, hidden: architecture.hidden, actions: actions,
      isDueling: architecture.isDueling, activation: architecture.activation, random: &random)
    try network.load(tensors: tensors, prefix: Self.tensorPrefix)
    self.init(
      network: network, activation: architecture.activation, observation: observation,
      action: action, epsilon: architecture.epsilon, pool: pool)
  }
}

/// What the attributes of a policy say.
private struct Architecture {
  let hidden: [Int]
  let isDueling: Bool
  let activation: Activation
  let epsilon: Float

  init(_ attributes: [String: String]) throws(StateError) {
    let hidden = attributes["hidden"]?.split(separator: ",").map { Int($0) }
    let isDueling = ["false": false, "true": true][attributes["dueling"] ?? "false"]
    guard let hidden, hidden.allSatisfy({ (1...65_536).contains($0 ?? 0) }), let isDueling,
      let activation = attributes["activation"].flatMap(Activation.init(rawValue:)),
      let epsilon = attributes["epsilon"].flatMap(Float.init), epsilon >= 0, epsilon <= 1
    else {
      throw StateError(reason: "hidden, activation, epsilon or dueling is missing or damaged")
    }
    self.hidden = hidden.compactMap { $0 }
    self.isDueling = isDueling
    self.activation = activation
    self.epsilon = epsilon
  }

  /// Refuses widths that the tensors do not have before anything of that size is allocated.
  func check(
    _ tensors: [PolicyExport.Tensor], inputs: Int, actions: Int
  ) throws(StateError) {
    let shapes = QNetwork.weightShapes(
      prefix: QPolicy.tensorPrefix, inputs: inputs, hidden: hidden, actions: actions,
      isDueling: isDueling)
    for (name, shape) in shapes {
      guard let tensor = tensors.first(where: { $0.name == name }) else {
        throw StateError(reason: "tensor \(name) is missing")
      }
      guard tensor.shape == shape else {
        throw StateError(reason: "tensor \(name) is \(tensor.shape), the spaces need \(shape)")
      }
    }
  }
}
