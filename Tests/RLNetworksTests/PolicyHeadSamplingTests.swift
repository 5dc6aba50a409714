import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Samples against the distribution they are of; seeds are fixed, bounds are five deviations.
@Suite struct PolicyHeadSamplingTests {
  static let draws = 40_000

  /// Rows that are all alike.
  private func alike(
    _ space: ActionSpace, _ controls: ControlDistribution = .gaussian, usesExpln: Bool = false
  ) throws -> HeadProblem {
    var problem = try HeadProblem(space, controls, rows: Self.draws, usesExpln: usesExpln)
    for index in problem.outputs.indices {
      problem.outputs[index] = problem.outputs[index % problem.stride]
    }
    for index in problem.actions.masks.indices {
      problem.actions.masks[index] = problem.actions.masks[index % space.maskLength]
    }
    let latent = problem.latentValues.prefix(problem.latent.stride)
    problem.latent = HiddenRows(
      (0..<Self.draws).flatMap { _ in latent }, width: problem.latent.width,
      stride: problem.latent.stride)
    return problem
  }

  /// The mean of -ln p over samples is the entropy.
  @Test(arguments: HeadCase.all) func surprisesAverageToTheEntropy(_ head: HeadCase) throws {
    var problem = try alike(head.space, head.controls, usesExpln: head.usesExpln)
    problem.sample()
    let surprises = problem.actions.logProbabilities.map { -Double($0) }
    let (mean, deviation) = moments(surprises)
    let entropy = Double(problem.actions.entropies[0])
    #expect(problem.actions.entropies.allSatisfy { Double($0) == entropy })
    let bound = 5 * deviation / Double(Self.draws).squareRoot()
    #expect(abs(mean - entropy) < bound + 1e-5, "\(mean), entropy \(entropy)")
  }

  @Test func choicesHaveTheirProbabilities() throws {
    for space in [ActionSpaces.discrete, ActionSpaces.multiDiscrete, ActionSpaces.multiBinary] {
      var problem = try alike(space)
      problem.sample()
      let choices = problem.action.choices
      for (d, choice) in choices.enumerated() {
        var counts = [Int](repeating: 0, count: choice.count)
        for row in 0..<Self.draws {
          counts[Int(problem.actions.choices[row * choices.count + d])] += 1
        }
        for index in 0..<choice.count {
          let p = problem.probability(of: index, choice: d)
          let bound = 5 * (p * (1 - p) / Double(Self.draws)).squareRoot()
          #expect(abs(Double(counts[index]) / Double(Self.draws) - p) <= bound + 1e-6)
        }
      }
    }
  }

  @Test(arguments: [ControlDistribution.gaussian, .stateDependentGaussian, .gsde])
  func gaussiansHaveTheirMeansAndDeviations(_ controls: ControlDistribution) throws {
    var problem = try alike(ActionSpaces.controls, controls)
    problem.sample()
    for c in 0..<3 {
      let (mean, deviation) = moments(problem.control(c))
      let std = problem.std(of: c)
      #expect(abs(mean - Double(problem.outputs[c])) < 5 * std / 200)
      #expect(abs(deviation / std - 1) < 5 / (2 * Double(Self.draws)).squareRoot())
    }
  }

  @Test func betasHaveTheirMeansAndDeviations() throws {
    var problem = try alike(ActionSpaces.controls, .beta)
    for z: Float in [-1, 2.5, 40] {
      problem.fillOutputs(columns: 0..<3, z)
      problem.sample()
      for c in 0..<3 {
        let (alpha, beta) = (problem.shape(c), problem.shape(3 + c))
        let (mean, deviation) = moments(problem.control(c))
        let s = alpha + beta
        let std = (alpha * beta / (s * s * (s + 1))).squareRoot()
        #expect(abs(mean - alpha / s) < 5 * std / 200)
        #expect(abs(deviation / std - 1) < 0.03)
        #expect(problem.control(c).allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }
}

/// Mean and standard deviation.
private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  return (mean, square.squareRoot())
}

private func exponential(_ x: Double) -> Double {
  var values = [Float(x)]
  apply(.exp, to: &values)
  return Double(values[0])
}

extension HeadProblem {
  fileprivate var action: ActionSpace { head.action }

  fileprivate func control(_ c: Int) -> [Double] {
    let count = action.controlCount
    return (0..<rows).map { Double(actions.controls[$0 * count + c]) }
  }

  /// Of the first row: a softmax over the allowed, or a logit.
  fileprivate func probability(of index: Int, choice d: Int) -> Double {
    let isBinary = action.maskLength == 0 && action.choices.count == head.outputs
    if isBinary {
      let p = 1 / (1 + exponential(-Double(outputs[d])))
      return index == 1 ? p : 1 - p
    }
    let start = action.choices[..<d].reduce(0) { $0 + $1.count }
    let weights = (0..<action.choices[d].count).map { j in
      let isAllowed = actions.masks.isEmpty || actions.masks[start + j] != 0
      return isAllowed ? exponential(Double(outputs[start + j])) : 0
    }
    let sum = weights.reduce(0, +)
    return sum == 0 ? (index == 0 ? 1 : 0) : weights[index] / sum
  }

  /// Of the first row, by the definitions.
  fileprivate func std(of c: Int) -> Double {
    switch head.distribution {
    case .gaussian: return exponential(Double(free[c]))
    case .stateDependentGaussian: return exponential(Double(outputs[3 + c]))
    case .gsde, .beta:
      let variance = (0..<Self.latentWidth).reduce(0.0) { sum, l in
        let std = exponential(Double(free[l * 3 + c]))
        return sum + Double(latentValues[l] * latentValues[l]) * std * std
      }
      return (variance + 1e-6).squareRoot()
    }
  }

  /// softplus + 1 of a column of the first row.
  fileprivate func shape(_ column: Int) -> Double {
    var values = [1 + Float(exponential(Double(outputs[column])))]
    apply(.log, to: &values)
    return Double(values[0]) + 1
  }

  fileprivate mutating func fillOutputs(columns: Range<Int>, _ value: Float) {
    for row in 0..<rows {
      for column in columns { outputs[row * stride + column] = value }
    }
  }
}
