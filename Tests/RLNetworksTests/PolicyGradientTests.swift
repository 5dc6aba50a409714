import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// The gradient of a minibatch, shard by shard, against the passes that it is made of, and its bits.
@Suite struct PolicyGradientTests {
  /// A network and a head.
  enum Variant: String, CaseIterable, Sendable {
    case discrete
    case masked
    case shared
    case mixed
    case gaussian
    case stateDependent
    case gsde
    case gsdeOfPlainNetwork
    case beta
    case wide

    var space: ActionSpace {
      switch self {
      case .discrete, .shared, .wide: ActionSpaces.discrete
      case .masked: ActionSpaces.maskedDiscrete
      case .mixed: ActionSpaces.mixed
      default: ActionSpaces.controls
      }
    }

    var controls: ControlDistribution {
      switch self {
      case .stateDependent: .stateDependentGaussian
      case .gsde, .gsdeOfPlainNetwork: .gsde
      case .beta: .beta
      default: .gaussian
      }
    }

    var hidden: [Int] {
      switch self {
      case .gsdeOfPlainNetwork: []
      case .wide: [130, 70]
      default: [21, 40]
      }
    }

    /// Whether the value's network is like the policy's: then a thread may have one to itself.
    var hasEqualSides: Bool { [.mixed, .gsde, .beta, .wide].contains(self) }
  }

  /// A rollout of `count` rows, an order over twice as many places, and what works on them.
  struct Problem {
    let network: ActorCritic
    let head: PolicyHead
    let encoder: ObservationEncoder
    let count: Int
    var actions: ActionRows
    var minibatch: PolicyMinibatch

    init(_ variant: Variant, count: Int, seed: UInt64 = 3) throws {
      var random = RandomStream(seed: seed)
      func numbers(_ count: Int, _ scale: Float = 1) -> [Float] {
        (0..<count).map { _ in (2 * random.uniform() - 1) * scale }
      }
      let observation = Space([
        ActionSpaces.box(Array(repeating: -1, count: 7), Array(repeating: 1, count: 7))
      ])
      encoder = ObservationEncoder(observation)
      head = try PolicyHead(
        action: variant.space, controls: variant.controls, latentWidth: variant.hidden.last ?? 7)
      var weights = RandomStream(seed: seed + 1)
      network = ActorCritic(
        ActorCritic.Architecture(
          inputs: 7, hidden: variant.hidden,
          criticHidden: variant.hasEqualSides ? variant.hidden : [18],
          isShared: variant == .shared, activation: variant == .gaussian ? .relu : .tanh,
          outputs: head.outputs,
          freeShape: head.freeShape),
        isOrthogonal: false, free: head.initialFree(logStdInit: -0.3), random: &weights)
      self.count = count
      let values = numbers(7 * count)
      actions = head.makeActions(rows: count)
      for index in actions.masks.indices where random.uniform() < 0.3 { actions.masks[index] = 0 }
      minibatch = PolicyMinibatch(
        observations: values.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }, rowBytes: 28, choices: [], controls: [], masks: actions.masks, logProbabilities: [],
        advantages: numbers(count, 2), returns: numbers(count, 2), values: numbers(count),
        places: 0..<count, order: (0..<Int32(2 * count)).map { $0 % Int32(count) },
        normalizesAdvantages: false)
      draw(seed)
      minibatch.choices = actions.choices
      minibatch.controls = actions.controls
      minibatch.logProbabilities = zip(actions.logProbabilities, numbers(count, 0.5)).map(+)
    }

    private mutating func draw(_ seed: UInt64) {
      var tape = network.makeTape(rows: count, for: .policy)
      encoder.encode(
        minibatch.observations, count: count, into: &tape.input, stride: tape.inputStride)
      network.forwardPolicy(&tape, rows: count, pool: .single)
      var streams = (0..<count).map { RandomStream(seed: seed, purpose: "row \($0)") }
      head.sample(
        outputs: tape.policy.output, stride: tape.policy.outputStride,
        latent: network.lastHidden(tape), free: network.free, rows: count, random: &streams,
        into: &actions, pool: .single)
    }

    func gradient(
      _ loss: PolicyLoss, pool: WorkerPool = .single, kernels: KernelSet = .current
    ) -> (sums: PolicyLossSums, gradient: [Float]) {
      let (sums, gradient, _) = gradientAndSquares(loss, pool: pool, kernels: kernels)
      return (sums, gradient)
    }

    func gradientAndSquares(
      _ loss: PolicyLoss, pool: WorkerPool, kernels: KernelSet = .current
    ) -> (PolicyLossSums, [Float], squares: Double?) {
      var room = GradientRoom(network, head, encoder, rows: count, threads: pool.threads)
      var gradient = [Float](repeating: 0, count: network.parameters.count)
      // nothing of another pass may be left
      _ = network.gradient(
        of: loss, minibatch, head: head, room: &room, gradient: &gradient, pool: pool,
        kernels: kernels)
      let sums = network.gradient(
        of: loss, minibatch, head: head, room: &room, gradient: &gradient, pool: pool,
        kernels: kernels)
      return (sums, gradient, room.squares)
    }

    /// The same of the first `count` rows in their order, one pass over all rows after the other.
    func reference(_ loss: PolicyLoss) -> (sums: PolicyLossSums, gradient: [Float]) {
      var (tape, actions) = (network.makeTape(rows: count, for: .training), actions)
      var (values, valueSlopes) = ([Float](repeating: 0, count: count), minibatch.values)
      var slopes = HeadSlopes(logProbability: values, entropy: values)
      var sums = PolicyLossSums()
      var gradient = [Float](repeating: 0, count: network.parameters.count)
      var advantages = minibatch.advantages
      if minibatch.normalizesAdvantages { normalize(&advantages, count: count) }
      encoder.encode(
        minibatch.observations, count: count, into: &tape.input, stride: tape.inputStride)
      network.forward(&tape, rows: count, values: &values, pool: .single)
      head.evaluate(
        outputs: tape.policy.output, stride: tape.policy.outputStride,
        latent: network.lastHidden(tape), free: network.free, rows: count, actions: &actions,
        pool: .single)
      policyLoss(
        loss, count: count, logProbabilities: actions.logProbabilities,
        oldLogProbabilities: minibatch.logProbabilities, advantages: advantages,
        entropies: actions.entropies, slopes: &slopes, sums: &sums)
      valueLoss(
        loss, count: count, values: values, oldValues: minibatch.values,
        returns: minibatch.returns, slopes: &valueSlopes, sums: &sums)
      var freeGradient = [Float](repeating: 0, count: head.freeCount)
      head.backward(
        outputs: tape.policy.output, stride: tape.policy.outputStride,
        latent: network.lastHidden(tape), free: network.free, rows: count, actions: &actions,
        slopes: slopes, outputGradient: &tape.policy.outputGradient, freeGradient: &freeGradient,
        pool: .single)
      network.backward(
        &tape, rows: count, valueSlopes: valueSlopes, gradient: &gradient, pool: .single)
      for (i, slope) in freeGradient.enumerated() {
        gradient[network.freeRange.lowerBound + i] = slope
      }
      return (sums, gradient)
    }
  }

  private static let clipped = PolicyLoss(
    clipRange: 0.2, clipRangeVf: 0.3, entCoef: 0.05, vfCoef: 0.7)
  private static let plain = PolicyLoss(
    clipRange: nil, clipRangeVf: nil, entCoef: 0.05, vfCoef: 0.7)

  @Test(arguments: Variant.allCases) func theGradientIsThatOfThePassesOneByOne(
    _ variant: Variant
  ) throws {
    for (count, loss) in [
      (1, Self.plain), (64, Self.clipped), (333, Self.clipped), (700, Self.plain),
    ] {
      var problem = try Problem(variant, count: count)
      problem.minibatch.normalizesAdvantages = count == 333
      let (sums, gradient) = problem.gradient(loss)
      let (expectedSums, expected) = problem.reference(loss)
      let size = expected.reduce(0) { max($0, abs($1)) }
      for i in expected.indices {
        #expect(abs(gradient[i] - expected[i]) <= 2e-5 * size, "\(count) rows, parameter \(i)")
      }
      expectClose(sums.objective, expectedSums.objective, rows: count)
      expectClose(sums.divergence, expectedSums.divergence, rows: count)
      expectClose(sums.entropy, expectedSums.entropy, rows: count)
      expectClose(sums.error, expectedSums.error, rows: count)
      #expect(sums.clipped == expectedSums.clipped)
    }
  }

  private func expectClose(_ a: Double, _ b: Double, rows: Int) {
    #expect(abs(a - b) <= 1e-5 * Double(rows))
  }

  @Test(arguments: Variant.allCases) func theBitsDependNeitherOnThreadsNorOnKernels(
    _ variant: Variant
  ) throws {
    // of one group, and of several
    for count in [100, 700] {
      var problem = try Problem(variant, count: count)
      problem.minibatch.normalizesAdvantages = true
      expectTheSameBits(problem)
    }
  }

  private func expectTheSameBits(_ problem: Problem) {
    let expected = problem.gradient(Self.clipped)
    for kernels in KernelSet.allCases where kernels.isAvailable {
      for pool in [WorkerPool.single] + [2, 3].map({ WorkerPool(oversubscribing: $0) }) {
        let (sums, gradient) = problem.gradient(Self.clipped, pool: pool, kernels: kernels)
        #expect(sums == expected.sums, "\(kernels)")
        #expect(
          gradient.map(\.bitPattern) == expected.gradient.map(\.bitPattern), "\(kernels)")
      }
    }
  }

  @Test(arguments: Variant.allCases) func squaresMetOnTheWayAreThoseOfTheGradient(
    _ variant: Variant
  ) throws {
    for count in [100, 333] { try expectSquares(Problem(variant, count: count), variant) }
  }

  private func expectSquares(_ problem: Problem, _ variant: Variant) throws {
    #expect((problem.network.boundary != nil) == variant.hasEqualSides)
    for pool in [WorkerPool.single] + [2, 3].map({ WorkerPool(oversubscribing: $0) }) {
      let (_, gradient, squares) = problem.gradientAndSquares(Self.clipped, pool: pool)
      let expected = sumOfSquares(gradient, pool: .single)
      #expect(squares == nil || squares == expected)
      #expect(pool.threads > 1 || (squares != nil) == variant.hasEqualSides)
    }
  }

  @Test func rowsAreTakenInTheirOrderFromTheirPlaces() throws {
    var problem = try Problem(.mixed, count: 150)
    let rows = (0..<100).map { Int32(($0 * 37 + 11) % 150) }
    problem.minibatch.order = Array(repeating: 0, count: 20) + rows + [7]
    problem.minibatch.places = 20..<120
    let chosen = problem.gradient(Self.clipped)
    // the same rows, one after the other
    var moved = problem
    let width = (problem.head.action.choices.count, problem.head.action.controlCount)
    for (i, row) in rows.map(Int.init).enumerated() {
      copyRow(&moved.minibatch.observations, from: problem.minibatch.observations, row, i, 28)
      copyRow(&moved.minibatch.choices, from: problem.minibatch.choices, row, i, width.0)
      copyRow(&moved.minibatch.controls, from: problem.minibatch.controls, row, i, width.1)
      copyRow(
        &moved.minibatch.masks, from: problem.minibatch.masks, row, i,
        problem.head.action.maskLength)
      moved.minibatch.logProbabilities[i] = problem.minibatch.logProbabilities[row]
      moved.minibatch.advantages[i] = problem.minibatch.advantages[row]
      moved.minibatch.returns[i] = problem.minibatch.returns[row]
      moved.minibatch.values[i] = problem.minibatch.values[row]
    }
    moved.minibatch.order = (0..<100).map { $0 }
    moved.minibatch.places = 0..<100
    let expected = moved.gradient(Self.clipped)
    #expect(chosen.sums == expected.sums && chosen.gradient == expected.gradient)
  }

  private func copyRow<Element>(
    _ target: inout [Element], from source: [Element], _ row: Int, _ place: Int, _ width: Int
  ) {
    for k in 0..<width { target[place * width + k] = source[row * width + k] }
  }
}
