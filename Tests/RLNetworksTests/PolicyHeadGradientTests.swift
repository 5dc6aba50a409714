import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Gradients of log-probabilities and entropies.
@Suite struct PolicyHeadGradientTests {
  /// Central differences of float results: their rounding over the step, and its square.
  static let tolerance: Float = 4e-3

  @Test(arguments: HeadCase.all)
  func theGradientAtTheOutputsEqualsCentralDifferences(_ head: HeadCase) throws {
    var problem = try head.problem(rows: 19)
    problem.sample()
    let slopes = HeadProblem.slopes(rows: 19)
    let gradient = problem.gradients(slopes).outputs
    for row in 0..<19 {
      for column in 0..<problem.head.outputs {
        let index = row * problem.stride + column
        let expected = difference(problem, slopes) { $0.outputs[index] += $1 }
        #expect(abs(gradient[index] - expected) < Self.tolerance, "row \(row), column \(column)")
      }
    }
  }

  @Test(arguments: HeadCase.all)
  func theGradientAtTheFreeParametersEqualsCentralDifferences(_ head: HeadCase) throws {
    var problem = try head.problem(rows: 19)
    problem.sample()
    let slopes = HeadProblem.slopes(rows: 19)
    let gradient = problem.gradients(slopes).free
    for index in problem.free.indices {
      let expected = difference(problem, slopes) { $0.free[index] += $1 }
      #expect(abs(gradient[index] - expected) < 4 * Self.tolerance, "parameter \(index)")
    }
  }

  @Test(arguments: HeadCase.all)
  func columnsBesideTheHeadsAreLeftAlone(_ head: HeadCase) throws {
    var problem = try head.problem(rows: 35)
    problem.sample()
    let gradient = problem.gradients(HeadProblem.slopes(rows: 35)).outputs
    for row in 0..<35 {
      for column in problem.head.outputs..<problem.stride {
        #expect(gradient[row * problem.stride + column] == 77)
      }
    }
  }

  private func difference(
    _ problem: HeadProblem, _ slopes: HeadSlopes, _ change: (inout HeadProblem, Float) -> Void
  ) -> Float {
    let step: Float = 0x1p-9
    var (above, below) = (problem, problem)
    change(&above, step)
    change(&below, -step)
    return Float((above.loss(slopes) - below.loss(slopes)) / Double(2 * step))
  }
}
