public import RLCore
public import RLKernels
public import RLParallel

extension PolicyHead {
  /// Draws an action for each row, with its log-probability and its distribution's entropy.
  ///
  /// Row `i` draws from `random[i]` alone. The log-probabilities have the bits that `evaluate`
  /// gives for the same outputs.
  ///
  /// - Parameters:
  ///   - outputs: `[B or more, stride]`, the network's outputs.
  ///   - stride: floats of a row of outputs, such as `Tape.outputStride`.
  ///   - latent: `Tape.lastHidden`, for gSDE; not read otherwise.
  ///   - free: `[E]`.
  ///   - noise: gSDE's, of B lanes; `nil` draws from each row's distribution on its own.
  ///   - rows: B.
  ///   - random: one stream a row.
  ///   - actions: masks are read, all else is written.
  ///   - pool: the threads; the bits do not depend on their number.
  public func sample(
    outputs: [Float], stride: Int, latent: HiddenRows? = nil, free: [Float],
    noise: SDENoise? = nil, rows: Int, random: inout [RandomStream],
    into actions: inout ActionRows, pool: WorkerPool
  ) {
    let input = rowsOf(outputs, stride, latent, free, &actions)
    let width = wordWidth(noise)
    makeRoom(&actions.scratch.words, count: rows * width, of: 0)
    guard shape.controls == .beta, action.controlCount > 0 else {
      return headSample(
        shape, input, rows: rows, streams: &random, words: &actions.scratch.words,
        wordWidth: width, weights: noise?.weights ?? [], choices: &actions.choices,
        controls: &actions.controls, logProbabilities: &actions.logProbabilities,
        entropies: &actions.entropies, pool: pool)
    }
    fillWords(
      &actions.scratch.words, width: width, rows: rows, streams: &random, pool: pool)
    headDraw(
      shape, input, rows: rows, words: actions.scratch.words, wordWidth: width, weights: [],
      choices: &actions.choices, controls: &actions.controls, pool: pool)
    drawBeta(input, rows, &random, &actions)
    values(input, rows, &actions, pool)
  }

  /// Draws Beta's controls, and evaluates actions whose choices are drawn.
  func finishSample(
    outputs: [Float], stride: Int, rows: Int, random: inout [RandomStream],
    into actions: inout ActionRows, pool: WorkerPool
  ) {
    let input = rowsOf(outputs, stride, nil, [], &actions)
    drawBeta(input, rows, &random, &actions)
    values(input, rows, &actions, pool)
  }

  /// Writes the most probable action of each row: the largest logit (the first of equals), the mean
  /// of a Gaussian, the mode of a Beta. Log-probabilities and entropies are left alone.
  ///
  /// - Parameters:
  ///   - outputs: `[B or more, stride]`, the network's outputs.
  ///   - stride: floats of a row of outputs.
  ///   - rows: B.
  ///   - actions: masks are read, choices and controls are written.
  public func mode(outputs: [Float], stride: Int, rows: Int, into actions: inout ActionRows) {
    let input = HeadRows(outputs: outputs, stride: stride, masks: actions.masks)
    headMode(
      shape, input, rows: rows, choices: &actions.choices, controls: &actions.controls)
  }

  /// Writes log-probabilities and entropies of given actions.
  ///
  /// - Parameters:
  ///   - outputs: `[B or more, stride]`, the network's outputs.
  ///   - stride: floats of a row of outputs.
  ///   - latent: `Tape.lastHidden`, for gSDE; not read otherwise.
  ///   - free: `[E]`.
  ///   - rows: B.
  ///   - actions: choices, controls and masks are read. A forbidden choice has log-probability
  ///     -infinity.
  ///   - pool: the threads; the bits do not depend on their number.
  public func evaluate(
    outputs: [Float], stride: Int, latent: HiddenRows? = nil, free: [Float], rows: Int,
    actions: inout ActionRows, pool: WorkerPool
  ) {
    let input = rowsOf(outputs, stride, latent, free, &actions)
    values(input, rows, &actions, pool)
  }

  /// Writes the gradient of a loss whose slopes at log-probabilities and entropies are given. gSDE's
  /// latent counts as a constant, as in SB3 without `learn_features`.
  ///
  /// - Parameters:
  ///   - outputs: as given to `evaluate`, as are the next four.
  ///   - stride: floats of a row of outputs and of `outputGradient`.
  ///   - latent: for gSDE.
  ///   - free: `[E]`.
  ///   - rows: B.
  ///   - actions: choices, controls and masks are read.
  ///   - slopes: the loss's slopes at a row's log-probability and at its entropy.
  ///   - outputGradient: `[B or more, stride]`; columns below K are overwritten, those beside them
  ///     left alone.
  ///   - freeGradient: `[E]`, overwritten: sums over the rows.
  ///   - pool: the threads; the bits do not depend on their number.
  public func backward(
    outputs: [Float], stride: Int, latent: HiddenRows? = nil, free: [Float], rows: Int,
    actions: inout ActionRows, slopes: HeadSlopes, outputGradient: inout [Float],
    freeGradient: inout [Float], pool: WorkerPool
  ) {
    precondition(freeGradient.count == freeCount, "freeGradient is not [E]")
    let input = rowsOf(outputs, stride, latent, free, &actions)
    makeRoom(&actions.scratch.spreadGradient, count: shape.spreadCount(rows: rows), of: 0)
    headGradient(
      shape, input, rows: rows, choices: actions.choices, controls: actions.controls,
      slopes: slopes, outputGradient: &outputGradient,
      spreadGradient: &actions.scratch.spreadGradient, pool: pool)
    guard freeCount > 0 else { return }
    if distribution == .gaussian {
      return shape.sumBlocks(actions.scratch.spreadGradient, rows: rows, into: &freeGradient)
    }
    if let latent { sdeGradient(latent, rows, &actions.scratch, &freeGradient, pool) }
  }

  /// What the kernels read; gSDE's stds are computed.
  private func rowsOf(
    _ outputs: [Float], _ stride: Int, _ latent: HiddenRows?, _ free: [Float],
    _ actions: inout ActionRows
  ) -> HeadRows {
    precondition(free.count == freeCount, "\(free.count) free parameters, not \(freeCount)")
    var input = HeadRows(outputs: outputs, stride: stride, masks: actions.masks)
    guard freeCount > 0 else { return input }
    if distribution == .gaussian {
      input.logStd = free
    } else {
      prepareStd(free, &actions.scratch)
      input.stdSquares = actions.scratch.std
      input.latent = latent
    }
    return input
  }

  private func values(
    _ input: borrowing HeadRows, _ rows: Int, _ actions: inout ActionRows, _ pool: WorkerPool
  ) {
    headValues(
      shape, input, rows: rows, choices: actions.choices, controls: actions.controls,
      logProbabilities: &actions.logProbabilities, entropies: &actions.entropies, pool: pool)
  }

  /// Words that a row draws: one for each choice, and one for each control that needs it.
  private func wordWidth(_ noise: SDENoise?) -> Int {
    let drawsControls = distribution != .beta && noise == nil
    return action.choices.count + (drawsControls ? action.controlCount : 0)
  }
}
