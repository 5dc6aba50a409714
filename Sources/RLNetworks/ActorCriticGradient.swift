import RLCore
public import RLKernels
public import RLParallel

extension ActorCritic {
  /// The networks as `policyGradient` knows them.
  ///
  /// - Parameters:
  ///   - head: the distribution over actions.
  ///   - encoder: of the observations.
  /// - Returns: layers, head and encoding.
  public func shape(_ head: PolicyHead, _ encoder: ObservationEncoder) -> PolicyNetworkShape {
    PolicyNetworkShape(
      fields: encoder.fields, actor: actor, critic: architecture.isShared ? nil : critic,
      head: head.shape)
  }

  /// Where the value's parameters begin, if two threads keep a network each: `nil` where there is
  /// only one, or one costs much more than the other.
  public var boundary: Int? {
    hasEqualSides(actor, architecture.isShared ? nil : critic)
      ? critic.parameterRange.lowerBound : nil
  }

  /// Computes the gradient of a loss over a minibatch, `[P]`: that of the networks and of the free
  /// parameters.
  ///
  /// - Parameters:
  ///   - loss: what is to fall.
  ///   - minibatch: the rows.
  ///   - head: the distribution over actions.
  ///   - room: made for this network and head.
  ///   - gradient: `[P]`, overwritten.
  ///   - pool: the threads; the bits do not depend on their number.
  ///   - kernels: the implementation.
  /// - Returns: sums over the rows.
  public func gradient(
    of loss: PolicyLoss, _ minibatch: PolicyMinibatch, head: PolicyHead,
    room: inout GradientRoom, gradient: inout [Float], pool: WorkerPool,
    kernels: KernelSet = .current
  ) -> PolicyLossSums {
    copyFree(to: &room.free)
    if head.distribution == .gsde { head.prepareStd(room.free, &room.head) }
    let sums = policyGradient(
      of: loss, room.shape, minibatch, parameters: parameters,
      logStd: head.distribution == .gaussian ? room.free : [], stdSquares: room.head.std,
      scratch: &room.scratch, gradient: &gradient, spreadGradient: &room.spreadGradient,
      pool: pool, kernels: kernels)
    let start = freeRange.lowerBound
    for i in 0..<architecture.freeCount {
      gradient[start + i] = head.freeGradient(i, room.spreadGradient, room.head)
    }
    room.addFreeSquares(gradient, from: start, kernels)
    return sums
  }
}

/// What `ActorCritic.gradient` works in; allocated once.
public struct GradientRoom: Sendable {
  let shape: PolicyNetworkShape
  var scratch: PolicyGradientScratch
  var free: [Float]  // [E]
  var spreadGradient: [Float]
  var head = HeadScratch()
  /// The sum of the squares of the gradient that was computed last, the same as `sumOfSquares` of it;
  /// `nil` where it was not met on the way.
  public private(set) var squares: Double?

  /// Room for minibatches of up to `rows` rows on `threads` threads.
  public init(
    _ network: ActorCritic, _ head: PolicyHead, _ encoder: ObservationEncoder, rows: Int,
    threads: Int
  ) {
    shape = network.shape(head, encoder)
    scratch = PolicyGradientScratch(shape, rows: rows, threads: threads)
    free = Array(repeating: 0, count: head.freeCount)
    spreadGradient = Array(repeating: 0, count: shape.spreadCount)
  }

  /// Completes the sum of squares with those at the free parameters, from `start` on.
  fileprivate mutating func addFreeSquares(
    _ gradient: [Float], from start: Int, _ kernels: KernelSet
  ) {
    var sum = scratch.squares
    squares = nil
    guard sum.count == start else { return }
    sum.add(gradient, start..<gradient.count, kernels: kernels)
    squares = sum.value(kernels: kernels)
  }
}

extension PolicyHead {
  /// The slope at free parameter `index` from the slopes at log-stds or at gSDE's std².
  fileprivate func freeGradient(
    _ index: Int, _ spreadGradient: [Float], _ scratch: HeadScratch
  ) -> Float {
    guard distribution == .gsde else { return spreadGradient[index] }
    let (l, c) = index.quotientAndRemainder(dividingBy: action.controlCount)
    let at = c * shape.latentStride + l
    return spreadGradient[at] * scratch.stdSlopes[at]
  }
}
