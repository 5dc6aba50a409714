import Foundation
import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Log-probabilities and entropies where they are known.
@Suite struct PolicyHeadClosedFormTests {
  private func filled(
    _ space: ActionSpace, _ outputs: [Float], _ controls: ControlDistribution = .gaussian
  ) throws -> HeadProblem {
    var problem = try HeadProblem(space, controls, rows: 1)
    problem.outputs.replaceSubrange(0..<outputs.count, with: outputs)
    problem.free = problem.head.initialFree(logStdInit: 0)
    for index in problem.actions.masks.indices { problem.actions.masks[index] = 1 }
    return problem
  }

  @Test func equalLogitsAreUniform() throws {
    var problem = try filled(ActionSpaces.discrete, [700, 700, 700, 700, 700])
    problem.evaluate()
    #expect(abs(problem.actions.entropies[0] - logf(5)) < 1e-6)
    #expect(abs(problem.actions.logProbabilities[0] + logf(5)) < 1e-6)
    var masked = try filled(ActionSpaces.maskedDiscrete, [3, 3, 9, 3])
    masked.actions.masks = [1, 1, 0, 1]
    masked.evaluate()
    #expect(abs(masked.actions.entropies[0] - logf(3)) < 1e-6)
  }

  @Test func certainChoicesHaveNoEntropy() throws {
    var problem = try filled(ActionSpaces.discrete, [-500, 500, 0, 0, 0])
    problem.actions.choices = [1]
    problem.evaluate()
    #expect(problem.actions.entropies == [0])
    #expect(problem.actions.logProbabilities == [0])
    var binary = try filled(ActionSpaces.multiBinary, [200, -200, 0])
    binary.actions.choices = [1, 0, 1]
    binary.evaluate()
    #expect(abs(binary.actions.entropies[0] - logf(2)) < 1e-6)
    #expect(abs(binary.actions.logProbabilities[0] + logf(2)) < 1e-6)
    binary.actions.choices = [0, 0, 1]
    binary.evaluate()
    #expect(abs(binary.actions.logProbabilities[0] + 200 + logf(2)) < 1e-4)
  }

  @Test func standardNormalsHaveTheirDensity() throws {
    var problem = try filled(ActionSpaces.controls, [1, 2, 3])
    problem.actions.controls = [1, 3, 1]
    problem.evaluate()
    let constant = 1.5 * logf(2 * .pi)
    #expect(abs(problem.actions.logProbabilities[0] + constant + 0.5 + 2) < 1e-5)
    #expect(abs(problem.actions.entropies[0] - constant - 1.5) < 1e-5)
  }

  @Test func logStdsOfTheNetworkAreClamped() throws {
    var problem = try filled(
      ActionSpaces.controls, [0, 0, 0, -25, 5, 1], .stateDependentGaussian)
    problem.evaluate()
    let constant = 1.5 * (1 + logf(2 * .pi))
    #expect(abs(problem.actions.entropies[0] - constant - (-20 + 2 + 1)) < 1e-5)
    problem.actions.controls = [0, 1, 1]
    let slopes = HeadSlopes(logProbability: [1], entropy: [1])
    let gradient = problem.gradients(slopes).outputs
    #expect(gradient[3] == 0 && gradient[4] == 0 && gradient[5] != 0)
  }

  /// Concentrations up to thousands, in double precision: nothing large cancels.
  @Test func betasHaveTheirDensityAndEntropy() throws {
    for (first, second) in [(-4.0, 0.5), (3, 3), (50, 20), (1500, 900), (4, 3000), (-30, -30)] {
      var problem = try filled(
        ActionSpaces.space([ActionSpaces.box([0], [1])]), [Float(first), Float(second)], .beta)
      let (alpha, beta) = (concentration(first), concentration(second))
      let mean = alpha / (alpha + beta)
      for x in [Float(mean), Float(mean * 0.97), 0.3] {
        problem.actions.controls = [x]
        problem.evaluate()
        let logBeta = lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta)
        let density = (alpha - 1) * log(Double(x)) + (beta - 1) * log1p(-Double(x)) - logBeta
        let error = abs(Double(problem.actions.logProbabilities[0]) - density)
        // an x of 24 bits is worth (alpha + beta) 2^-24, more in the tails
        #expect(error < 4e-7 * (2 + abs(density) + alpha + beta), "\(first), \(second) at \(x)")
      }
      let s = alpha + beta
      let variance = alpha * beta / (s * s * (s + 1))
      if alpha > 20 && beta > 20 {
        let normal = 0.5 * log(2 * .pi * M_E * variance)
        #expect(abs(Double(problem.actions.entropies[0]) - normal) < 0.01)
      }
      if first < -20 { #expect(abs(problem.actions.entropies[0]) < 1e-6) }
    }
  }

  @Test func theModeOfABetaIsWhereItsDensityIsLargest() throws {
    let space = ActionSpaces.space([ActionSpaces.box([0], [1])])
    for (first, second) in [(0.5, 2.0), (6, 1), (-2, -3)] {
      var problem = try filled(space, [Float(first), Float(second)], .beta)
      problem.head.mode(
        outputs: problem.outputs, stride: problem.stride, rows: 1, into: &problem.actions)
      let mode = problem.actions.controls[0]
      problem.evaluate()
      let top = problem.actions.logProbabilities[0]
      for x in [mode - 0.02, mode + 0.02] {
        problem.actions.controls = [x]
        problem.evaluate()
        #expect(problem.actions.logProbabilities[0] < top)
      }
    }
    var flat = try filled(space, [-200, -200], .beta)
    flat.head.mode(outputs: flat.outputs, stride: flat.stride, rows: 1, into: &flat.actions)
    #expect(flat.actions.controls == [0.5])
  }
}

/// softplus(z) + 1.
private func concentration(_ z: Double) -> Double { log1p(exp(-abs(z))) + max(z, 0) + 1 }
