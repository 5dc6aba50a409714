public import RLCore
import RLKernels
public import RLParallel

/// gSDE's exploration of N lanes: a matrix each that makes noise of the latent, until drawn anew.
/// Part of an agent's state.
public struct SquashedNoise: Sendable, Equatable {
  /// `[N, L, C]`.
  public var weights: [Float]
  let latent: Int
  let controls: Int
  fileprivate var std: [Float]  // [L, C]

  /// Noise of `lanes` lanes that is 0 until it is drawn.
  public init(_ actor: SquashedActor, lanes: Int) {
    latent = actor.latentWidth
    controls = actor.controls
    weights = Array(repeating: 0, count: lanes * latent * controls)
    std = Array(repeating: 0, count: latent * controls)
  }

  /// Σ_l latent_l W_lc of lane `lane`, with the latent from index `start` on.
  func value(_ lane: Int, _ c: Int, latent values: [Float], at start: Int) -> Float {
    var sum: Float = 0
    for l in 0..<latent { sum += values[start + l] * weights[(lane * latent + l) * controls + c] }
    return sum
  }
}

extension SquashedActor {
  /// Draws every lane's matrix, normal with the std of each weight.
  ///
  /// - Parameters:
  ///   - noise: of any number of lanes.
  ///   - random: of all lanes, in their order.
  public func resetNoise(_ noise: inout SquashedNoise, random: inout RandomStream) {
    precondition(architecture.usesSDE, "there is no noise to reset")
    let (count, free) = (latentWidth * controls, logStdRange.lowerBound)
    for i in 0..<count { noise.std[i] = parameters[free + i] }
    apply(.exp, to: &noise.std)
    for i in noise.weights.indices {
      noise.weights[i] = noise.std[i % count] * Float(random.normal())
    }
  }

  /// Draws the matrix of all rows of `tape`.
  public func resetNoise(
    _ tape: inout SquashedTape, random: inout [RandomStream], pool: WorkerPool
  ) {
    tape.sde?.reset(parameters, logStdRange.lowerBound, random: &random, pool: pool)
  }

  /// Makes the matrix of all rows of `tape` from standard normal numbers, `[L, C]`.
  package func setNoise(_ tape: inout SquashedTape, draws: [Float]) {
    tape.sde?.reset(parameters, logStdRange.lowerBound, draws: draws)
  }
}

/// gSDE over a batch: noise and variance are linear maps of the latent and of its squares, so that
/// both and their slopes are products of dense layers.
struct SquashedSDE: Sendable {
  private let stack: DenseStack  // [L, C], for both maps
  private let latentWidth: Int
  private let controls: Int
  let stride: Int  // of noise and variance
  private var draws: [Float]  // [L * C], standard normal
  private var std: [Float]  // [L * C]
  private var matrix: [Float]  // the noise's map
  private var squares: [Float]  // std², the variance's map
  private var squaredLatent: [Float]  // [rows, L padded]
  private(set) var noise: [Float]  // [rows, stride]
  private(set) var variance: [Float]  // [rows, stride]
  private var noiseSlopes: [Float]
  private var varianceSlopes: [Float]
  private var matrixGradient: [Float]
  private var squaresGradient: [Float]
  private var inputSlopes: [Float]  // [rows, L padded]
  private var scratch: DenseScratch

  init(latent: Int, controls: Int, rows: Int) {
    stack = DenseStack(sizes: [latent, controls], hidden: .identity, output: .identity)
    latentWidth = latent
    self.controls = controls
    stride = stack.outputStride
    draws = Array(repeating: 0, count: latent * controls)
    std = draws
    matrix = Array(repeating: 0, count: stack.parameterCount)
    squares = matrix
    matrixGradient = matrix
    squaresGradient = matrix
    squaredLatent = Array(repeating: 0, count: rows * stack.inputStride)
    inputSlopes = squaredLatent
    noise = Array(repeating: 0, count: rows * stride)
    variance = noise
    noiseSlopes = noise
    varianceSlopes = noise
    scratch = DenseScratch(stack, rows: rows)
  }

  /// Draws the matrix anew.
  mutating func reset(
    _ parameters: [Float], _ free: Int, random: inout [RandomStream], pool: WorkerPool
  ) {
    precondition(random.count == 1, "gSDE draws from one stream")
    fillNormals(&draws, width: draws.count, rows: 1, streams: &random, pool: pool)
    setMatrix(parameters, free)
  }

  /// Makes the matrix of given draws, `[L, C]`.
  mutating func reset(_ parameters: [Float], _ free: Int, draws: [Float]) {
    copy(draws, to: &self.draws)
    setMatrix(parameters, free)
  }

  private mutating func setMatrix(_ parameters: [Float], _ free: Int) {
    prepareStd(parameters, free)
    for l in 0..<latentWidth {
      for c in 0..<controls {
        let i = l * controls + c
        matrix[stack.layers[0].weightIndex(l, c)] = draws[i] * std[i]
      }
    }
  }

  private mutating func prepareStd(_ parameters: [Float], _ free: Int) {
    for i in std.indices { std[i] = parameters[free + i] }
    apply(.exp, to: &std)
  }

  /// Fills `variance`: Σ latent² · std² + 1e-6.
  mutating func spread(
    _ parameters: [Float], _ free: Int, latent: [Float], rows: Int, pool: WorkerPool
  ) {
    prepareStd(parameters, free)
    let layer = stack.layers[0]
    for l in 0..<latentWidth {
      for c in 0..<controls {
        let s = std[l * controls + c]
        squares[layer.weightIndex(l, c)] = s * s
      }
    }
    for c in 0..<controls { squares[layer.biasOffset + c] = SquashedActor.varianceFloor }
    for i in 0..<rows * stack.inputStride { squaredLatent[i] = latent[i] * latent[i] }
    denseForward(
      stack, parameters: squares, input: squaredLatent, rows: rows, scratch: &scratch,
      output: &variance, pool: pool)
  }

  /// Fills `noise` with the latent times the matrix.
  mutating func noise(latent: [Float], rows: Int, pool: WorkerPool) {
    denseForward(
      stack, parameters: matrix, input: latent, rows: rows, scratch: &scratch, output: &noise,
      pool: pool)
  }

  /// Fills `noise` with the std of each row times its own draws, `[rows, C]`.
  mutating func noise(draws: [Float], rows: Int) {
    for row in 0..<rows {
      for c in 0..<controls {
        let at = row * stride + c
        noise[at] = variance[at].squareRoot() * draws[row * controls + c]
      }
    }
  }

  /// Sets the slopes at a row's noise n and variance v, from that at u and that at the
  /// log-probability: ln p holds -n²/(2v) - ln(v)/2.
  mutating func setSlopes(_ row: Int, _ c: Int, _ slope: Float, _ logProbabilitySlope: Float) {
    let at = row * stride + c
    let ratio = noise[at] / variance[at]
    noiseSlopes[at] = slope - logProbabilitySlope * ratio
    varianceSlopes[at] = 0.5 * logProbabilitySlope * (ratio * ratio - 1 / variance[at])
  }

  /// Writes the log-stds' gradient, and adds to the latent's the slopes through noise and variance.
  mutating func backward(
    _ parameters: [Float], _ free: Int, latent: [Float], rows: Int,
    latentGradient: inout [Float], gradient: inout [Float], pool: WorkerPool
  ) {
    denseBackward(
      stack, parameters: matrix, input: latent, output: noise, rows: rows, scratch: &scratch,
      outputGradient: &noiseSlopes, gradient: &matrixGradient, inputGradient: &inputSlopes,
      pool: pool)
    for i in 0..<rows * stack.inputStride { latentGradient[i] += inputSlopes[i] }
    denseBackward(
      stack, parameters: squares, input: squaredLatent, output: variance, rows: rows,
      scratch: &scratch, outputGradient: &varianceSlopes, gradient: &squaresGradient,
      inputGradient: &inputSlopes, pool: pool)
    for i in 0..<rows * stack.inputStride { latentGradient[i] += 2 * latent[i] * inputSlopes[i] }
    let layer = stack.layers[0]
    for l in 0..<latentWidth {
      for c in 0..<controls {
        let (i, at) = (l * controls + c, layer.weightIndex(l, c))
        gradient[free + i] =
          matrixGradient[at] * matrix[at] + 2 * squaresGradient[at] * squares[at]
      }
    }
  }
}
