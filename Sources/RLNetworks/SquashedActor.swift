public import RLCore
import RLKernels
public import RLParallel

/// The policy of SAC (Haarnoja et al. 2018b): a Gaussian whose draws go through tanh, so that actions
/// lie in -1 ... 1. What it draws and how probable that was is in `SquashedTape`.
///
/// A trunk of hidden layers makes a latent, linear layers over it the means and the logarithms of the
/// standard deviations, these clamped to -20 ... 2 as in Stable-Baselines3. With gSDE (Raffin et al.
/// 2021) the noise is a fixed function of the latent until it is drawn anew, its variance is
/// Σ latent² · std² + 1e-6, the means are clipped to -2 ... 2, and the latent learns from the noise
/// too: Stable-Baselines3's SAC with `use_sde`.
public struct SquashedActor: Sendable, Equatable {
  /// Sizes and the kind of noise.
  public struct Architecture: Sendable, Equatable {
    public var inputs: Int
    public var hidden: [Int]  // at least one
    public var controls: Int  // C
    public var activation: Activation
    public var usesSDE: Bool

    public init(
      inputs: Int, hidden: [Int], controls: Int, activation: Activation, usesSDE: Bool
    ) {
      self.inputs = inputs
      self.hidden = hidden
      self.controls = controls
      self.activation = activation
      self.usesSDE = usesSDE
    }
  }

  public let architecture: Architecture
  /// From the observation to the latent.
  let trunk: DenseStack
  /// From the latent to C means, then C log-stds unless gSDE has them beside.
  let head: DenseStack
  let blocks: [LinearBlock]

  /// `[P]`: the trunk's weights and biases, the head's, then gSDE's log-stds, `[L, C]`; each part
  /// padded with zeros to a multiple of 16.
  public var parameters: [Float]

  /// Stable-Baselines3's `LOG_STD_MIN` and `LOG_STD_MAX`.
  static let logStdRange: ClosedRange<Float> = -20...2
  /// Stable-Baselines3's `clip_mean`, with gSDE.
  static let meanLimit: Float = 2
  /// What gSDE's variance is never below.
  static let varianceFloor: Float = 1e-6

  /// A policy with fresh weights and biases, uniform in ±1/sqrt(inputs).
  ///
  /// - Parameters:
  ///   - architecture: sizes.
  ///   - logStdInit: gSDE's log-stds at first; not used without.
  ///   - random: where the weights are drawn from.
  public init(_ architecture: Architecture, logStdInit: Float, random: inout RandomStream) {
    self.init(zeros: architecture)
    for block in blocks {
      block.draw(isOrthogonal: false, into: &parameters, random: &random)
    }
    for i in logStdRange { parameters[i] = logStdInit }
  }

  /// A policy whose parameters are all 0.
  public init(zeros architecture: Architecture) {
    let (controls, latent) = (architecture.controls, architecture.hidden.last ?? 0)
    precondition(latent > 0 && controls > 0, "a squashed actor needs a hidden layer and controls")
    self.architecture = architecture
    trunk = DenseStack(
      sizes: [architecture.inputs] + architecture.hidden, hidden: architecture.activation.dense,
      output: architecture.activation.dense)
    head = DenseStack(
      sizes: [latent, architecture.usesSDE ? controls : 2 * controls], hidden: .identity,
      output: .identity, parameterOffset: trunk.parameterRange.upperBound)
    blocks = Self.blocks(architecture, trunk, head)
    let free = architecture.usesSDE ? padded(latent * controls) : 0
    parameters = Array(repeating: 0, count: head.parameterRange.upperBound + free)
  }

  private static func blocks(
    _ architecture: Architecture, _ trunk: DenseStack, _ head: DenseStack
  ) -> [LinearBlock] {
    let (layer, controls) = (head.layers[0], architecture.controls)
    let below = LinearBlock.blocks(trunk.layers, "actor.latent_pi.", gain: 1)
    guard !architecture.usesSDE else {
      return below + [
        LinearBlock(name: "actor.mu.0", layer: layer, outputs: 0..<controls, gain: 1)
      ]
    }
    return below + [
      LinearBlock(name: "actor.mu", layer: layer, outputs: 0..<controls, gain: 1),
      LinearBlock(name: "actor.log_std", layer: layer, outputs: controls..<2 * controls, gain: 1),
    ]
  }

  /// L, the width of the latent.
  public var latentWidth: Int { head.layers[0].inputs }
  public var controls: Int { architecture.controls }
  /// Numbers that the head gives for a row.
  public var outputs: Int { head.layers[0].outputs }

  /// The place of gSDE's log-stds, `[L, C]`, in `parameters`; empty without.
  public var logStdRange: Range<Int> {
    let start = head.parameterRange.upperBound
    return start..<start + (architecture.usesSDE ? latentWidth * controls : 0)
  }

  /// Room for passes over up to `rows` rows.
  ///
  /// - Parameters:
  ///   - rows: the most rows of a pass.
  ///   - isTrained: whether `backward` is to follow.
  /// - Returns: a tape of zeros.
  public func makeTape(rows: Int, isTrained: Bool = false) -> SquashedTape {
    SquashedTape(self, rows: rows, isTrained: isTrained)
  }

  /// Evaluates latent and head at the first `rows` rows of `tape.input`.
  ///
  /// A row's result does not depend on the batch, its place in it or the threads.
  public func forward(_ tape: inout SquashedTape, rows: Int, pool: WorkerPool) {
    denseForward(
      trunk, parameters: parameters, input: tape.input, rows: rows, scratch: &tape.trunkScratch,
      output: &tape.latent, pool: pool)
    denseForward(
      head, parameters: parameters, input: tape.latent, rows: rows, scratch: &tape.headScratch,
      output: &tape.output, pool: pool)
  }

  /// Writes the gradient of a loss of the actions and log-probabilities that `sample` drew, summed
  /// over `rows` rows: through the draws, with the noise held (Haarnoja et al. 2018b, equation 10).
  ///
  /// - Parameters:
  ///   - tape: as `sample` left it.
  ///   - rows: the first ones of those that were sampled.
  ///   - actionSlopes: `[rows, C]`, of the loss at the actions.
  ///   - logProbabilitySlope: of the loss at each row's log-probability.
  ///   - gradient: `[P]`, overwritten.
  ///   - pool: the threads; the bits do not depend on their number.
  public func backward(
    _ tape: inout SquashedTape, rows: Int, actionSlopes: [Float], logProbabilitySlope: Float,
    gradient: inout [Float], pool: WorkerPool
  ) {
    writeHeadSlopes(
      &tape, rows: rows, actionSlopes: actionSlopes, logProbabilitySlope: logProbabilitySlope)
    denseBackward(
      head, parameters: parameters, input: tape.latent, output: tape.output, rows: rows,
      scratch: &tape.headScratch, outputGradient: &tape.outputGradient, gradient: &gradient,
      inputGradient: &tape.latentGradient, pool: pool)
    if architecture.usesSDE {
      let free = logStdRange.lowerBound
      tape.sde?.backward(
        parameters, free, latent: tape.latent, rows: rows, latentGradient: &tape.latentGradient,
        gradient: &gradient, pool: pool)
    }
    denseBackward(
      trunk, parameters: parameters, input: tape.input, output: tape.latent, rows: rows,
      scratch: &tape.trunkScratch, outputGradient: &tape.latentGradient, gradient: &gradient,
      inputGradient: &tape.none, pool: pool)
  }

  /// The parameters, to be saved.
  public func saveState() -> SavedState {
    SavedState(entries: ["parameters": .floats(parameters)])
  }

  /// Takes over saved parameters.
  ///
  /// - Throws: `StateError` when they are of another policy; nothing is changed then.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    copy(try state.floats("parameters", count: parameters.count), to: &parameters)
  }
}
