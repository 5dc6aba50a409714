import RLKernels
public import RLParallel

/// What is drawn of the Gaussian u = mean + noise, a = tanh u, and the slopes through it.
///
/// log p(a) = Σ_c [ -z²/2 - ln std - ln(2π)/2 - ln(1 - tanh² u) ], z = noise / std (Haarnoja et al.
/// 2018b, equation 26). The last term is taken as 2 (ln 2 - |u| - softplus(-2 |u|)), which neither
/// overflows nor loses what is small; Stable-Baselines3 adds 1e-6 inside its logarithm instead.
extension SquashedActor {
  /// Writes the actions tanh(mean), the most probable ones before they are squashed.
  public func mode(_ tape: inout SquashedTape, rows: Int) {
    for row in 0..<rows {
      for c in 0..<controls { tape.actions[row * controls + c] = mean(tape, row, c) }
    }
    apply(.tanh, to: &tape.actions)
  }

  /// Draws an action for each of the first `rows` rows, and computes its log-probability.
  ///
  /// Without gSDE the noise is made of `tape.draws`; with it of the latent and the matrix that
  /// `resetNoise` drew for the whole batch.
  ///
  /// - Parameters:
  ///   - tape: as `forward` left it.
  ///   - rows: as given to `forward`.
  ///   - pool: the threads; the bits do not depend on their number.
  public func sample(_ tape: inout SquashedTape, rows: Int, pool: WorkerPool) {
    if architecture.usesSDE {
      tape.sde?.spread(
        parameters, logStdRange.lowerBound, latent: tape.latent, rows: rows, pool: pool)
      tape.sde?.noise(latent: tape.latent, rows: rows, pool: pool)
    }
    squash(&tape, rows: rows)
  }

  /// As `sample`, for lanes that act: with gSDE each lane has a matrix of its own, and `tape.draws`
  /// is not read; log-probabilities are not computed.
  public func act(
    _ tape: inout SquashedTape, noise: SquashedNoise?, rows: Int, pool: WorkerPool
  ) {
    let stride = head.inputStride
    for row in 0..<rows {
      for c in 0..<controls {
        let i = row * controls + c
        if let noise {
          tape.preSquash[i] =
            mean(tape, row, c) + noise.value(row, c, latent: tape.latent, at: row * stride)
        } else {
          tape.std[i] = logStd(tape, row, c)
        }
      }
    }
    if noise == nil {
      apply(.exp, to: &tape.std)
      for row in 0..<rows {
        for c in 0..<controls {
          let i = row * controls + c
          tape.preSquash[i] = mean(tape, row, c) + tape.std[i] * tape.draws[i]
        }
      }
    }
    for i in 0..<rows * controls { tape.actions[i] = tape.preSquash[i] }
    apply(.tanh, to: &tape.actions)
  }

  /// As `sample`, with noise that is drawn for each row alone; gSDE's then has the distribution that
  /// it has in training, but consecutive actions are independent.
  public func sampleEach(_ tape: inout SquashedTape, rows: Int, pool: WorkerPool) {
    if architecture.usesSDE {
      tape.sde?.spread(
        parameters, logStdRange.lowerBound, latent: tape.latent, rows: rows, pool: pool)
      tape.sde?.noise(draws: tape.draws, rows: rows)
    }
    squash(&tape, rows: rows)
  }

  /// The mean of control `c`, clipped with gSDE.
  private func mean(_ tape: borrowing SquashedTape, _ row: Int, _ c: Int) -> Float {
    let mean = tape.output[row * tape.outputStride + c]
    guard architecture.usesSDE else { return mean }
    return mean > Self.meanLimit ? Self.meanLimit : mean < -Self.meanLimit ? -Self.meanLimit : mean
  }

  /// The head's log-std of control `c`, clamped.
  private func logStd(_ tape: borrowing SquashedTape, _ row: Int, _ c: Int) -> Float {
    let raw = tape.output[row * tape.outputStride + controls + c]
    let range = Self.logStdRange
    // written so that NaN stays NaN
    return raw < range.lowerBound
      ? range.lowerBound : raw > range.upperBound ? range.upperBound : raw
  }

  /// Noise and std of each row, then actions and log-probabilities.
  private func squash(_ tape: inout SquashedTape, rows: Int) {
    spreadOut(&tape, rows: rows)
    for row in 0..<rows {
      for c in 0..<controls {
        let i = row * controls + c
        tape.preSquash[i] = mean(tape, row, c) + tape.noise[i]
        tape.actions[i] = tape.preSquash[i]
        tape.std[i] = -2 * abs(tape.preSquash[i])
      }
    }
    apply(.tanh, to: &tape.actions)
    apply(.exp, to: &tape.std)
    for row in 0..<rows {
      var total: Float = 0
      for c in 0..<controls { total += tape.logarithms[row * controls + c] }
      tape.logProbabilities[row] = total
    }
    for i in 0..<rows * controls { tape.logarithms[i] = 1 + tape.std[i] }
    apply(.log, to: &tape.logarithms)
    for row in 0..<rows {
      for c in 0..<controls {
        let i = row * controls + c
        tape.logProbabilities[row] -=
          2 * (Self.ln2 - abs(tape.preSquash[i]) - tape.logarithms[i])
      }
    }
  }

  /// Fills `noise`, and `logarithms` with the Gaussian's log-density of it.
  private func spreadOut(_ tape: inout SquashedTape, rows: Int) {
    guard !architecture.usesSDE else { return spreadOutSDE(&tape, rows: rows) }
    for row in 0..<rows {
      for c in 0..<controls { tape.std[row * controls + c] = logStd(tape, row, c) }
    }
    for i in 0..<rows * controls {
      let z = tape.draws[i]
      tape.logarithms[i] = -0.5 * z * z - tape.std[i] - Self.halfLnTwoPi
    }
    apply(.exp, to: &tape.std)
    for i in 0..<rows * controls { tape.noise[i] = tape.std[i] * tape.draws[i] }
  }

  private func spreadOutSDE(_ tape: inout SquashedTape, rows: Int) {
    guard let stride = tape.sde?.stride else { return }
    for row in 0..<rows {
      for c in 0..<controls {
        let (i, at) = (row * controls + c, row * stride + c)
        tape.noise[i] = tape.sde?.noise[at] ?? 0
        tape.std[i] = tape.sde?.variance[at] ?? 1
        tape.logarithms[i] = tape.std[i]
      }
    }
    apply(.log, to: &tape.logarithms)
    for i in 0..<rows * controls {
      let square = tape.noise[i] * tape.noise[i] / tape.std[i]
      tape.logarithms[i] = -0.5 * square - 0.5 * tape.logarithms[i] - Self.halfLnTwoPi
    }
  }

  private static var ln2: Float { 0.693_147_2 }
  private static var halfLnTwoPi: Float { 0.918_938_5 }

  /// The loss's slope at u is that at a times 1 - a², and 2a for each unit of log-probability. The
  /// Gaussian's density depends on the noise and on the std alone.
  func writeHeadSlopes(
    _ tape: inout SquashedTape, rows: Int, actionSlopes: [Float], logProbabilitySlope: Float
  ) {
    let stride = tape.outputStride
    for row in 0..<rows {
      for c in 0..<controls {
        let (i, at) = (row * controls + c, row * stride + c)
        let a = tape.actions[i]
        let slope = actionSlopes[i] * (1 - a * a) + logProbabilitySlope * 2 * a
        let raw = tape.output[at]
        if architecture.usesSDE {
          let isInside = abs(raw) < Self.meanLimit || raw.isNaN
          tape.outputGradient[at] = isInside ? slope : 0
          tape.sde?.setSlopes(row, c, slope, logProbabilitySlope)
        } else {
          tape.outputGradient[at] = slope
          let spread = tape.output[at + controls]
          tape.outputGradient[at + controls] =
            Self.logStdRange.contains(spread) || spread.isNaN
            ? slope * tape.noise[i] - logProbabilitySlope : 0
        }
      }
    }
  }
}
