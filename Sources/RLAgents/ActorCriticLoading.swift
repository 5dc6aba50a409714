public import RLCore
import RLNetworks
public import RLParallel

extension ActorCriticPolicy {
  /// Rebuilds an exported policy.
  ///
  /// - Throws: `StateError` when an attribute or tensor is missing or does not fit the spaces.
  public init(
    algorithm: String, observation: Space, action: ActionSpace, tensors: [PolicyExport.Tensor],
    attributes: [String: String], pool: WorkerPool
  ) throws(StateError) {
    let (architecture, head) = try Self.read(attributes, observation, action)
    try architecture.check(tensors)
    var network = ActorCritic(zeros: architecture)
    try network.load(tensors: tensors)
    self.init(
      algorithm: algorithm, network: network, head: head, observation: observation, pool: pool)
  }

  /// What the attributes of a policy say.
  private static func read(
    _ attributes: [String: String], _ observation: Space, _ action: ActionSpace
  ) throws(StateError) -> (ActorCritic.Architecture, PolicyHead) {
    guard let hidden = widths(attributes["hidden"]),
      let criticHidden = widths(attributes["criticHidden"]),
      let isShared = ["false": false, "true": true][attributes["sharedTrunk"] ?? ""],
      let activation = attributes["activation"].flatMap(Activation.init(rawValue:)),
      let controls = attributes["controlDistribution"].flatMap(ControlDistribution.init(rawValue:))
    else {
      throw StateError(
        reason: "hidden, criticHidden, sharedTrunk, activation or controlDistribution is missing "
          + "or damaged")
    }
    let inputs = observation.encodedWidth
    let head: PolicyHead
    do {
      head = try PolicyHead(
        action: action, controls: controls, latentWidth: hidden.last ?? inputs)
    } catch {
      throw StateError(reason: "the policy does not fit the action space: \(error.reason)")
    }
    return (
      ActorCritic.Architecture(
        inputs: inputs, hidden: hidden, criticHidden: criticHidden, isShared: isShared,
        activation: activation, outputs: head.outputs, freeShape: head.freeShape),
      head
    )
  }

  /// `64,64` as widths of layers, each possible; `nil` for other texts.
  private static func widths(_ text: String?) -> [Int]? {
    guard let text else { return nil }
    let widths = text.split(separator: ",").map { Int($0) ?? 0 }
    return widths.allSatisfy { (1...65_536).contains($0) } ? widths : nil
  }
}
