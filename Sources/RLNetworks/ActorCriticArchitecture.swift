import RLKernels

extension ActorCritic {
  /// Sizes of an actor-critic.
  public struct Architecture: Sendable, Equatable {
    public var inputs: Int  // numbers in an encoded observation
    public var hidden: [Int]  // widths of the policy's hidden layers
    public var criticHidden: [Int]  // of the value's; not used when the trunk is shared
    public var isShared: Bool  // whether both read the same hidden layers
    public var activation: Activation  // of the hidden layers
    public var outputs: Int  // K, numbers that describe a distribution of actions
    public var freeShape: [Int]  // of the parameters beside the networks, E in all; [] is none

    public init(
      inputs: Int, hidden: [Int], criticHidden: [Int], isShared: Bool, activation: Activation,
      outputs: Int, freeShape: [Int]
    ) {
      self.inputs = inputs
      self.hidden = hidden
      self.criticHidden = isShared ? hidden : criticHidden
      self.isShared = isShared
      self.activation = activation
      self.outputs = outputs
      self.freeShape = freeShape
    }

    /// E.
    public var freeCount: Int { freeShape.isEmpty ? 0 : freeShape.reduce(1, *) }

    /// Numbers from layer to layer of the policy and of the value, or twice those of both.
    private var sizes: (actor: [Int], critic: [Int]) {
      if isShared {
        let both = [inputs] + hidden + [outputs + 1]
        return (both, both)
      }
      return ([inputs] + hidden + [outputs], [inputs] + criticHidden + [1])
    }

    /// Floats of all parameters, padding included.
    public var parameterCount: Int {
      let (actor, critic) = sizes
      return Self.floats(actor) + (isShared ? 0 : Self.floats(critic)) + padded(freeCount)
    }

    private static func floats(_ sizes: [Int]) -> Int {
      zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * padded($1.1) }
    }

    /// Floats of a row of a tape for training.
    public var tapeWidth: Int {
      let (actor, critic) = sizes
      let widths = (isShared ? [actor] : [actor, critic]).map { sizes in
        sizes.dropFirst().reduce(0) { $0 + 2 * padded($1) }
      }
      return padded(inputs) + widths.reduce(0, +)
    }

    var stacks: (actor: DenseStack, critic: DenseStack) {
      let (actor, critic) = sizes
      let first = DenseStack(sizes: actor, hidden: activation.dense, output: .identity)
      if isShared { return (first, first) }
      return (
        first,
        DenseStack(
          sizes: critic, hidden: activation.dense, output: .identity,
          parameterOffset: first.parameterRange.upperBound)
      )
    }

    /// Every `Linear` of Stable-Baselines3's `ActorCriticPolicy`, under its name there. The shared
    /// trunk has the name that it had before version 1.8, which took it out.
    func blocks(_ stacks: (actor: DenseStack, critic: DenseStack)) -> [LinearBlock] {
      let (root, extractor) = (Float(2).squareRoot(), "mlp_extractor.")
      let (actor, critic) = (stacks.actor.layers, stacks.critic.layers)
      return LinearBlock.blocks(
        actor.dropLast(), extractor + (isShared ? "shared_net." : "policy_net."),
        gain: root)
        + (isShared
          ? []
          : LinearBlock.blocks(
            critic.dropLast(), extractor + "value_net.", gain: root))
        + [
          LinearBlock(
            name: "action_net", layer: actor[actor.count - 1], outputs: 0..<outputs, gain: 0.01),
          LinearBlock(
            name: "value_net", layer: critic[critic.count - 1],
            outputs: isShared ? outputs..<outputs + 1 : 0..<1, gain: 1),
        ]
    }
  }
}
