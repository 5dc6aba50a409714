public import RLCore
public import RLKernels
public import RLParallel

/// gSDE's exploration of N lanes: matrices that make noise of the latent, until drawn anew. Part of
/// an agent's state.
public struct SDENoise: Sendable, Equatable {
  /// `[N, C, L padded to a multiple of 16]`.
  public var weights: [Float]
}

extension PolicyHead {
  /// Noise of `lanes` lanes that is 0 until it is drawn.
  public func makeNoise(lanes: Int) -> SDENoise {
    SDENoise(
      weights: Array(repeating: 0, count: lanes * action.controlCount * shape.latentStride))
  }

  /// Draws every lane's matrix, normal with the std of each weight.
  ///
  /// - Parameters:
  ///   - noise: of `random.count` lanes.
  ///   - free: `[E]`, the log-stds.
  ///   - random: one stream a lane; a lane draws from its own alone.
  ///   - scratch: any rows of this head.
  ///   - pool: the threads; the bits do not depend on their number.
  public func resetNoise(
    _ noise: inout SDENoise, free: [Float], random: inout [RandomStream],
    scratch: inout ActionRows, pool: WorkerPool
  ) {
    precondition(distribution == .gsde, "\(distribution) has no noise to reset")
    precondition(free.count == freeCount, "\(free.count) free parameters, not \(freeCount)")
    let width = action.controlCount * shape.latentStride
    precondition(noise.weights.count == random.count * width, "noise is not [lanes, C, L]")
    fillNormals(
      &noise.weights, width: width, rows: random.count, streams: &random, pool: pool)
    prepareStd(free, &scratch.scratch)
    for lane in random.indices {
      for i in 0..<width {
        noise.weights[lane * width + i] *= scratch.scratch.std[i].squareRoot()
      }
    }
  }

  /// Fills `std`, `[C, latentStride]`, with std², and `stdSlopes` with its slope at the log-std.
  func prepareStd(_ free: [Float], _ scratch: inout HeadScratch) {
    let (controls, stride) = (action.controlCount, shape.latentStride)
    makeRoom(&scratch.std, count: controls * stride, of: 0)
    makeRoom(&scratch.stdSlopes, count: controls * stride, of: 0)
    for l in 0..<stride {
      for c in 0..<controls {
        // the padding has std 0
        let x = l < shape.latentWidth ? free[l * controls + c] : -.infinity
        scratch.std[c * stride + l] = usesExpln && x > 0 ? 0 : x
        scratch.stdSlopes[c * stride + l] = usesExpln && x > 0 ? 1 + (x + Self.explnEpsilon) : 1
      }
    }
    apply(.exp, to: &scratch.std)
    if usesExpln { addLogarithms(free, &scratch) }
    for i in scratch.std.indices {
      let std = scratch.std[i]
      scratch.std[i] = std * std
      scratch.stdSlopes[i] = 2 * std * (usesExpln ? scratch.stdSlopes[i] : std)
    }
  }

  /// Continues std above 0: ln(1 + x + epsilon) + 1. Then `stdSlopes` is dstd / dx.
  private func addLogarithms(_ free: [Float], _ scratch: inout HeadScratch) {
    let (controls, stride) = (action.controlCount, shape.latentStride)
    apply(.log, to: &scratch.stdSlopes)
    for l in 0..<shape.latentWidth {
      for c in 0..<controls {
        let (x, at) = (free[l * controls + c], c * stride + l)
        if x > 0 { scratch.std[at] = scratch.stdSlopes[at] + 1 }
        scratch.stdSlopes[at] = x > 0 ? 1 / (1 + (x + Self.explnEpsilon)) : scratch.std[at]
      }
    }
  }

  /// SB3's, where expln takes its logarithm.
  private static var explnEpsilon: Float { 1e-6 }

  /// `freeGradient`, `[L, C]`, from the slopes at the variances.
  func sdeGradient(
    _ latent: HiddenRows, _ rows: Int, _ scratch: inout HeadScratch,
    _ freeGradient: inout [Float], _ pool: WorkerPool
  ) {
    let (controls, stride) = (action.controlCount, shape.latentStride)
    makeRoom(&scratch.squaresGradient, count: controls * stride, of: 0)
    shape.sumSquares(
      latent, rows: rows, varianceGradient: scratch.spreadGradient,
      into: &scratch.squaresGradient, pool: pool)
    for l in 0..<shape.latentWidth {
      for c in 0..<controls {
        let at = c * stride + l
        freeGradient[l * controls + c] = scratch.squaresGradient[at] * scratch.stdSlopes[at]
      }
    }
  }
}

extension Tape {
  /// What the network's last `forward` left in its last hidden layer, or its input if it has none.
  ///
  /// It shares the tape's storage: let it go before the next `forward`.
  public var lastHidden: HiddenRows {
    stack.layers.count > 1
      ? HiddenRows(scratch, stack)
      : HiddenRows(input, width: stack.layers[0].inputs, stride: inputStride)
  }
}
