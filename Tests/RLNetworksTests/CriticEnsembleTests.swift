import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

@Suite struct CriticEnsembleTests {
  private static let encoder = ObservationEncoder(
    Space([Leaf(kind: .box(low: [-9, -9], high: [9, 9]), element: .f32, shape: [2])]))

  private static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private func ensemble(
    _ count: Int, hidden: [Int] = [12, 9], rows: Int = 21
  ) -> CriticEnsemble {
    var random = RandomStream(seed: 5)
    var critics = CriticEnsemble(
      count: count, observationWidth: 2, controls: 3, hidden: hidden, activation: .tanh,
      learningRate: 0.01, batchSize: rows, random: &random)
    var places = RandomStream(seed: 8)
    let ring = Self.bytes((0..<2 * rows).map { _ in Float(places.normal()) })
    let indices = (0..<Int32(rows)).reversed().map { $0 }
    critics.setObservations(Self.encoder, gathering: indices, from: ring)
    critics.setNextObservations(Self.encoder, gathering: indices, from: ring)
    return critics
  }

  private func actions(_ rows: Int) -> [Float] {
    var random = RandomStream(seed: 6)
    return (0..<rows * 3).map { _ in 2 * random.uniform() - 1 }
  }

  @Test(arguments: [1, 2])
  func slopesAtActionsEqualCentralDifferences(count: Int) {
    var critics = ensemble(count)
    let actions = actions(21)
    var values = [Float](repeating: 0, count: 21)
    var slopes = [Float](repeating: 0, count: 63)
    var unused = slopes
    critics.setActions(actions)
    critics.leastValues(into: &values, slopes: &slopes, pool: .single)
    for i in actions.indices {
      var (above, below) = (values, values)
      for (step, side) in [(Float(1e-2), 0), (-1e-2, 1)] {
        var moved = actions
        moved[i] += step
        critics.setActions(moved)
        if side == 0 {
          critics.leastValues(into: &above, slopes: &unused, pool: .single)
        } else {
          critics.leastValues(into: &below, slopes: &unused, pool: .single)
        }
      }
      let slope = (above[i / 3] - below[i / 3]) / 0.02
      #expect(abs(slope - slopes[i]) < 2e-3, "at \(i)")
    }
  }

  @Test func theFirstCriticsSlopesAreItsOwn() {
    var (one, two) = (ensemble(1), ensemble(2))
    var values = [[Float]](repeating: Array(repeating: 0, count: 21), count: 2)
    var slopes = [[Float]](repeating: Array(repeating: 0, count: 63), count: 2)
    let actions = actions(21)
    one.setActions(actions)
    two.setActions(actions)
    one.leastValues(into: &values[0], slopes: &slopes[0], pool: .single)
    two.firstValues(into: &values[1], slopes: &slopes[1], pool: .single)
    #expect(values[0] == values[1])
    #expect(slopes[0] == slopes[1])
  }

  @Test func aRowsSlopeIsThatOfItsLesserCritic() {
    var (both, first) = (ensemble(2), ensemble(2))
    var values = [Float](repeating: 0, count: 21)
    var (slopes, firstSlopes) = ([Float](repeating: 0, count: 63), [Float](repeating: 0, count: 63))
    both.setActions(actions(21))
    first.setActions(actions(21))
    both.leastValues(into: &values, slopes: &slopes, pool: .single)
    first.firstValues(into: &values, slopes: &firstSlopes, pool: .single)
    for b in 0..<21 {
      let isFirst = both.value(b, of: 0) <= both.value(b, of: 1)
      let row = 3 * b..<3 * b + 3
      #expect((slopes[row] == firstSlopes[row]) == isFirst)
    }
  }

  @Test func theTargetIsTheLesserOfBoth() throws {
    var critics = ensemble(2)
    let actions = actions(21)
    critics.setActions(actions)
    critics.setNextActions(actions)
    var targets = [Float](repeating: 0, count: 21)
    var least = targets
    var slopes = [Float](repeating: 0, count: 63)
    // fresh targets are copies of the critics
    critics.targetValues(into: &targets, pool: .single)
    critics.leastValues(into: &least, slopes: &slopes, pool: .single)
    #expect(targets == least)
    #expect((0..<21).contains { critics.value($0, of: 0) < critics.value($0, of: 1) })
    #expect((0..<21).contains { critics.value($0, of: 0) > critics.value($0, of: 1) })
  }

  // One linear critic Q = b: L = s mean w (b - y)², and Adam's first step has the size of the rate.
  @Test func aStepGoesDownTheWeightedMeanSquare() throws {
    var critics = ensemble(1, hidden: [], rows: 4)
    try critics.setBias(2)
    let loss = critics.learn(
      targets: [1, 2, 3, 5], weights: [1, 1, 0.5, 1],
      CriticStep(lossScale: 0.5, learningRate: 0.25, tau: 0.5), pool: .single)
    // 0.5 (1 + 0 + 0.5 + 9) / 4; the slope at b is negative: b rises by 0.25, the target by half
    #expect(loss == 1.3125)
    #expect(try abs(critics.bias(ofTarget: false) - 2.25) < 1e-6)
    #expect(try abs(critics.bias(ofTarget: true) - 2.125) < 1e-6)
    var errors = [Float](repeating: 0, count: 4)
    critics.copyErrors(into: &errors)
    #expect(errors == [1, 0, 1, 3])
  }

  @Test func aLossThatIsNotFiniteChangesNothing() {
    var critics = ensemble(2)
    critics.setActions(actions(21))
    let before = critics.saveState()
    var targets = [Float](repeating: 0, count: 21)
    targets[7] = .nan
    let step = CriticStep(lossScale: 1, learningRate: 0.1, tau: 0.1)
    #expect(
      critics.learn(
        targets: targets, weights: Array(repeating: 1, count: 21), step, pool: .single) == nil)
    #expect(critics.saveState() == before)
  }

  @Test(arguments: [1, 2, 3], [2, 3, 4])
  func theBitsDoNotDependOnTheThreads(count: Int, threads: Int) {
    func learned(_ pool: WorkerPool) -> (SavedState, [Float]) {
      var critics = ensemble(count, hidden: [40, 20], rows: 70)
      let actions = actions(70)
      var values = [Float](repeating: 0, count: 70)
      var slopes = [Float](repeating: 0, count: 210)
      for _ in 0..<5 {
        critics.setActions(actions)
        critics.setNextActions(actions)
        critics.targetValues(into: &values, pool: pool)
        _ = critics.learn(
          targets: values.map { $0 + 1 }, weights: Array(repeating: 1, count: 70),
          CriticStep(lossScale: 1, learningRate: 0.01, tau: 0.1), pool: pool)
        critics.leastValues(into: &values, slopes: &slopes, pool: pool)
      }
      return (critics.saveState(), slopes)
    }
    let (one, several) = (learned(.single), learned(WorkerPool(oversubscribing: threads)))
    #expect(one.0 == several.0)
    #expect(one.1 == several.1)
  }

  @Test func aFixedTemperatureStaysAndALearnedOneMovesToItsTarget() {
    var fixed = Temperature(
      initial: 0.2, isLearned: false, targetEntropy: -1, learningRate: 0.1)
    #expect(
      fixed.learn(logProbabilities: [5], rows: 1, learningRate: 0.1, pool: .single) == 0)
    #expect(fixed.value == 0.2)
    // the entropy is -3, below -1: alpha grows, by Adam's first step in its logarithm
    var learned = Temperature(initial: 1, isLearned: true, targetEntropy: -1, learningRate: 0.1)
    #expect(
      learned.learn(logProbabilities: [2, 4], rows: 2, learningRate: 0.1, pool: .single) == 0)
    #expect(abs(learned.value - 1.105_171) < 1e-5)
    // -ln alpha · mean(ln p - 1)
    let loss = learned.learn(
      logProbabilities: [-1, 0], rows: 2, learningRate: 0.1, pool: .single)
    #expect(abs(loss - 0.15) < 1e-6)
  }
}

extension CriticEnsemble {
  /// A linear critic's bias; its weights become 0.
  fileprivate mutating func setBias(_ value: Float) throws {
    let tensors = tensors(prefix: "").map { tensor in
      PolicyExport.Tensor(
        name: tensor.name, shape: tensor.shape,
        values: tensor.values.map { _ in tensor.shape.count == 1 ? value : 0 })
    }
    try load(tensors: tensors, prefix: "", targetPrefix: "")
  }

  fileprivate func bias(ofTarget: Bool) throws -> Float {
    try #require(tensors(prefix: "", ofTarget: ofTarget).last?.values.first)
  }
}
