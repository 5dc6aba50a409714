import RLKernels

/// The rows of an actor-critic's passes: inputs, outputs and what `backward` needs.
public struct ActorCriticTape: Sendable {
  /// One network's part.
  public struct Side: Sendable {
    /// `[rows, outputStride]`.
    public var output: [Float]
    public let outputStride: Int
    /// `[rows, outputStride]`, the slope of the loss at the output; columns that are no output are
    /// ignored.
    public var outputGradient: [Float]

    var scratch: DenseScratch
    var inputGradient: [Float] = []  // not wanted

    init(_ stack: DenseStack, rows: Int, isTrained: Bool) {
      outputStride = stack.outputStride
      output = Array(repeating: 0, count: rows * outputStride)
      outputGradient = isTrained ? output : []
      scratch = DenseScratch(stack, rows: rows)
    }
  }

  /// What a tape is for.
  public enum Use: Sendable {
    case policy
    case value
    case training
  }

  /// Room, in rows.
  public let rows: Int
  /// `[rows, inputStride]`; columns from the network's inputs on are not read.
  public var input: [Float]
  public let inputStride: Int
  /// The policy's outputs; with a shared trunk the value is the column behind them.
  public var policy: Side
  var value: Side

  init(_ network: ActorCritic, rows: Int, use: Use) {
    precondition(rows >= 0, "room for \(rows) rows")
    self.rows = rows
    inputStride = network.actor.inputStride
    input = Array(repeating: 0, count: rows * inputStride)
    let isShared = network.architecture.isShared
    policy = Side(
      network.actor, rows: use == .value && !isShared ? 0 : rows, isTrained: use == .training)
    value = Side(
      network.critic, rows: use == .policy || isShared ? 0 : rows, isTrained: use == .training)
  }
}

extension ActorCritic {
  /// Room for passes over up to `rows` rows: those of one network forward, or both in both
  /// directions.
  public func makeTape(rows: Int, for use: ActorCriticTape.Use) -> ActorCriticTape {
    ActorCriticTape(self, rows: rows, use: use)
  }
}
