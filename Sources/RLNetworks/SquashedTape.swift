import RLKernels

/// The rows of a squashed actor's passes: inputs, latents, and what was drawn.
public struct SquashedTape: Sendable {
  /// Room, in rows.
  public let rows: Int
  /// `[rows, inputStride]`; columns from the network's inputs on are not read.
  public var input: [Float]
  public let inputStride: Int
  /// `[rows, C]`, standard normal: what `sample` makes actions of. gSDE does not read them.
  public var draws: [Float]
  /// `[rows, C]`, in -1 ... 1.
  public internal(set) var actions: [Float]
  /// `[rows]`, of the actions, in nats.
  public internal(set) var logProbabilities: [Float]

  /// `[rows, outputStride]`, of the head: C means, then C log-stds unless gSDE has them.
  public internal(set) var output: [Float]
  public let outputStride: Int

  var trunkScratch: DenseScratch
  var headScratch: DenseScratch
  var latent: [Float]  // [rows, L padded]
  var latentGradient: [Float]
  var outputGradient: [Float]
  var none: [Float] = []
  var noise: [Float]  // [rows, C] before the mean is added
  var std: [Float]  // [rows, C]
  var preSquash: [Float]  // [rows, C]
  var logarithms: [Float]  // [rows, C]
  var sde: SquashedSDE?

  init(_ actor: SquashedActor, rows: Int, isTrained: Bool) {
    precondition(rows >= 0, "room for \(rows) rows")
    self.rows = rows
    inputStride = actor.trunk.inputStride
    outputStride = actor.head.outputStride
    input = Array(repeating: 0, count: rows * inputStride)
    latent = Array(repeating: 0, count: rows * actor.head.inputStride)
    output = Array(repeating: 0, count: rows * outputStride)
    latentGradient = isTrained ? latent : []
    outputGradient = isTrained ? output : []
    trunkScratch = DenseScratch(actor.trunk, rows: rows)
    headScratch = DenseScratch(actor.head, rows: rows)
    draws = Array(repeating: 0, count: rows * actor.controls)
    actions = draws
    noise = draws
    std = draws
    preSquash = draws
    logarithms = draws
    logProbabilities = Array(repeating: 0, count: rows)
    sde =
      actor.architecture.usesSDE
      ? SquashedSDE(latent: actor.latentWidth, controls: actor.controls, rows: rows) : nil
  }
}
