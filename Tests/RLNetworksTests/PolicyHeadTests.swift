import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Heads as joint distributions: their parts, their masks, their bits.
@Suite struct PolicyHeadTests {
  @Test func columnsAndFreeParametersAreThoseOfTheSpace() throws {
    func head(_ space: ActionSpace, _ controls: ControlDistribution) throws -> PolicyHead {
      try PolicyHead(action: space, controls: controls, latentWidth: 7)
    }
    #expect(try head(ActionSpaces.discrete, .gaussian).outputs == 5)
    #expect(try head(ActionSpaces.discrete, .gaussian).freeShape == [])
    #expect(try head(ActionSpaces.multiDiscrete, .gaussian).outputs == 25)
    #expect(try head(ActionSpaces.multiBinary, .gsde).outputs == 3)
    #expect(try head(ActionSpaces.multiBinary, .gsde).freeCount == 0)
    #expect(try head(ActionSpaces.controls, .gaussian).outputs == 3)
    #expect(try head(ActionSpaces.controls, .gaussian).initialFree(logStdInit: -2) == [-2, -2, -2])
    #expect(try head(ActionSpaces.controls, .gsde).freeShape == [7, 3])
    #expect(try head(ActionSpaces.controls, .beta).outputs == 6)
    #expect(try head(ActionSpaces.controls, .stateDependentGaussian).logStdColumns == 3..<6)
    #expect(try head(ActionSpaces.mixed, .gaussian).outputs == 3 + 2 + 2 + 2)
  }

  @Test func betaRefusesControlsWithoutBounds() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try PolicyHead(action: ActionSpaces.unbounded, controls: .beta, latentWidth: 1)
    }
    #expect(error?.field == "controlDistribution")
    #expect(error?.reason.contains("control 0 is in -inf ... inf") == true)
  }

  @Test(arguments: HeadCase.all)
  func samplesHaveTheBitsOfTheirEvaluation(_ head: HeadCase) throws {
    var problem = try head.problem(rows: 300)
    problem.sample()
    let sampled = (problem.actions.logProbabilities, problem.actions.entropies)
    problem.evaluate()
    #expect(sampled == (problem.actions.logProbabilities, problem.actions.entropies))
    #expect(sampled.0.allSatisfy(\.isFinite) && sampled.1.allSatisfy(\.isFinite))
  }

  @Test(arguments: HeadCase.all)
  func theBitsAreThoseOfOneThread(_ head: HeadCase) throws {
    let slopes = HeadProblem.slopes(rows: 1500)
    var one = try head.problem(rows: 1500)
    one.sample()
    let expected = one.gradients(slopes)
    for threads in [2, 3] {
      let pool = WorkerPool(oversubscribing: threads)
      var several = try head.problem(rows: 1500)
      several.sample(pool: pool)
      #expect(several.actions.choices == one.actions.choices)
      #expect(several.actions.controls == one.actions.controls)
      #expect(several.actions.logProbabilities == one.actions.logProbabilities)
      #expect(several.actions.entropies == one.actions.entropies)
      #expect(several.random == one.random)
      #expect(several.gradients(slopes, pool: pool) == expected, "\(threads) threads")
    }
  }

  @Test(arguments: HeadCase.all)
  func aRowDoesNotDependOnItsBatch(_ head: HeadCase) throws {
    var batch = try head.problem(rows: 40)
    batch.sample()
    for row in [0, 15, 16, 39] {
      var alone = try head.problem(rows: 40)
      let random = alone.random
      alone.random = Array(random[row...])
      alone.outputs = Array(alone.outputs[(row * alone.stride)...])
      alone.latent = alone.latentRows(from: row)
      let masks = alone.head.action.maskLength
      alone.actions.masks = Array(alone.actions.masks[(row * masks)...])
      alone.head.sample(
        outputs: alone.outputs, stride: alone.stride, latent: alone.latent, free: alone.free,
        rows: 1, random: &alone.random, into: &alone.actions, pool: .single)
      #expect(alone.actions.logProbabilities[0] == batch.actions.logProbabilities[row])
      #expect(alone.actions.entropies[0] == batch.actions.entropies[row])
      #expect(alone.random[0] == batch.random[row])
    }
  }

  @Test func forbiddenChoicesHaveNoProbabilityAndNoGradient() throws {
    var problem = try HeadProblem(ActionSpaces.maskedDiscrete, rows: 400)
    for row in 0..<400 { problem.actions.masks[4 * row + row % 4] = 1 }
    problem.sample()
    let gradient = problem.gradients(HeadProblem.slopes(rows: 400)).outputs
    for row in 0..<400 {
      let chosen = Int(problem.actions.choices[row])
      #expect(problem.actions.masks[4 * row + chosen] == 1)
      for j in 0..<4 where problem.actions.masks[4 * row + j] == 0 {
        #expect(gradient[row * problem.stride + j] == 0)
      }
    }
    // only one allowed: certain
    for index in problem.actions.masks.indices {
      problem.actions.masks[index] = index % 4 == index / 4 % 4 ? 1 : 0
    }
    problem.sample()
    #expect(problem.actions.choices == (0..<400).map { Int32($0 % 4) })
    #expect(problem.actions.logProbabilities.allSatisfy { $0 == 0 })
    #expect(problem.actions.entropies.allSatisfy { $0 == 0 })
    for index in problem.actions.choices.indices {
      problem.actions.choices[index] = (problem.actions.choices[index] + 1) % 4
    }
    problem.evaluate()
    #expect(problem.actions.logProbabilities.allSatisfy { $0 == -.infinity })
  }

  @Test func whereNothingIsAllowedTheFirstChoiceIsCertain() throws {
    var problem = try HeadProblem(ActionSpaces.maskedDiscrete, rows: 20)
    for index in problem.actions.masks.indices { problem.actions.masks[index] = 0 }
    problem.sample()
    #expect(problem.actions.choices.allSatisfy { $0 == 0 })
    #expect(problem.actions.logProbabilities.allSatisfy { $0 == 0 })
    #expect(problem.actions.entropies.allSatisfy { $0 == 0 })
    let gradient = problem.gradients(HeadProblem.slopes(rows: 20)).outputs
    for row in 0..<20 {
      #expect((0..<4).allSatisfy { gradient[row * problem.stride + $0] == 0 })
    }
  }

  @Test func aMixedActionIsTheProductOfItsParts() throws {
    var whole = try HeadProblem(ActionSpaces.mixed, rows: 30)
    whole.sample()
    let spaces = whole.head.action.space.leaves.map { ActionSpaces.space([$0]) }
    let columns = [0..<3, 7..<9, 3..<5, 5..<7]  // of choice, box, masked choice, binaries
    var sums = [Float](repeating: 0, count: 30)
    for (space, columns) in zip(spaces, columns) {
      var part = try HeadProblem(space, rows: 30)
      part.take(columns, of: whole)
      part.evaluate()
      for row in 0..<30 { sums[row] += part.actions.logProbabilities[row] }
    }
    for row in 0..<30 { #expect(abs(sums[row] - whole.actions.logProbabilities[row]) < 2e-6) }
  }

  @Test func theModeIsTheMostProbableAction() throws {
    var problem = try HeadProblem(ActionSpaces.maskedDiscrete, rows: 2)
    problem.outputs.replaceSubrange(0..<4, with: [1, 3, 3, 2])
    problem.outputs.replaceSubrange(problem.stride..<problem.stride + 4, with: [1, 3, 3, 2])
    problem.actions.masks = [1, 1, 1, 1, 1, 0, 0, 1]
    problem.head.mode(
      outputs: problem.outputs, stride: problem.stride, rows: 2, into: &problem.actions)
    #expect(problem.actions.choices == [1, 3])

    var binary = try HeadProblem(ActionSpaces.multiBinary, rows: 1)
    binary.outputs.replaceSubrange(0..<3, with: [0, 0.1, -4])
    binary.head.mode(
      outputs: binary.outputs, stride: binary.stride, rows: 1, into: &binary.actions)
    #expect(binary.actions.choices == [0, 1, 0])

    for controls in ControlDistribution.allCases where controls != .beta {
      var gaussian = try HeadProblem(ActionSpaces.controls, controls, rows: 1)
      gaussian.head.mode(
        outputs: gaussian.outputs, stride: gaussian.stride, rows: 1, into: &gaussian.actions)
      #expect(gaussian.actions.controls == Array(gaussian.outputs[0..<3]))
    }
  }

  /// A network that diverged must show it, and must neither hang nor choose what is forbidden.
  @Test(arguments: HeadCase.all) func outputsThatAreNoNumbersShow(_ head: HeadCase) throws {
    var problem = try head.problem(rows: 20)
    for index in problem.outputs.indices { problem.outputs[index] = .nan }
    let entries = problem.head.action.maskLength
    for row in 0..<20 where entries > 0 {
      for entry in 0..<entries {
        problem.actions.masks[row * entries + entry] = entry % 2 == 1 ? 1 : 0
      }
    }
    problem.sample()
    #expect(problem.actions.logProbabilities.allSatisfy { $0.isNaN })
    if head.space == ActionSpaces.maskedDiscrete {
      #expect(problem.actions.choices.allSatisfy { $0 == 1 })
    }
  }
}
