internal import CKernels
public import RLParallel

/// The factors of one Adam step, bias corrections folded in.
public struct AdamStep: Sendable, Equatable {
  public var scale: Float  // of the gradient, before all else
  public var beta1: Double
  public var beta2: Double
  public var stepSize: Float  // learning rate / (1 - beta1^t)
  public var secondScale: Float  // 1 / sqrt(1 - beta2^t)
  public var epsilon: Float

  public init(
    scale: Float, beta1: Double, beta2: Double, stepSize: Float, secondScale: Float,
    epsilon: Float
  ) {
    self.scale = scale
    self.beta1 = beta1
    self.beta2 = beta2
    self.stepSize = stepSize
    self.secondScale = secondScale
    self.epsilon = epsilon
  }

  var code: ck_adam_step {
    ck_adam_step(
      scale: scale, rest1: Float(1 - beta1), rest2: Float(1 - beta2), beta2: Float(beta2),
      step_size: stepSize, second_scale: secondScale, epsilon: epsilon)
  }
}

/// One step of Adam (Kingma & Ba 2015, algorithm 1) in one pass over arrays of `[P]`:
/// `p -= stepSize · m / (sqrt(v) · secondScale + epsilon)`, as PyTorch arranges it. A moment that
/// becomes subnormal is 0: the parameter could not tell, but arithmetic on it costs a multiple.
///
/// Two threads divide the parameters at `boundary`, as `policyGradient` does where each has a side.
public func adamStep(
  _ step: AdamStep, parameters: inout [Float], gradient: [Float], firstMoment: inout [Float],
  secondMoment: inout [Float], boundary: Int? = nil, pool: WorkerPool,
  kernels: KernelSet = .current
) {
  precondition(gradient.count == parameters.count, "gradient is not [P]")
  precondition(firstMoment.count == parameters.count, "firstMoment is not [P]")
  precondition(secondMoment.count == parameters.count, "secondMoment is not [P]")
  guard !parameters.isEmpty else { return }
  let ranges = Ranges(total: parameters.count, boundary: boundary, for: pool)
  let (set, factors) = (kernels.code, step.code)
  unsafe gradient.withUnsafeBufferPointer { gradient in
    unsafe parameters.withUnsafeMutableBufferPointer { parameters in
      unsafe firstMoment.withUnsafeMutableBufferPointer { firstMoment in
        unsafe secondMoment.withUnsafeMutableBufferPointer { secondMoment in
          let pass = unsafe AdamPass(
            ranges: ranges, kernels: set, step: factors, gradient: gradient.baseAddress!,
            parameters: parameters.baseAddress!, firstMoment: firstMoment.baseAddress!,
            secondMoment: secondMoment.baseAddress!)
          ranges.run(pass, on: pool)
        }
      }
    }
  }
}

@safe private struct AdamPass: PoolJob {
  let ranges: Ranges
  let kernels: ck_set
  let step: ck_adam_step
  let gradient: UnsafePointer<Float>
  let parameters: UnsafeMutablePointer<Float>
  let firstMoment: UnsafeMutablePointer<Float>
  let secondMoment: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: AdamPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let range = ranges[index]
    let i = range.lowerBound
    unsafe ck_adam(
      kernels, range.count, step, gradient + i, parameters + i, firstMoment + i,
      secondMoment + i)
  }
}

/// The factors of one RMSProp step.
public struct RMSPropStep: Sendable, Equatable {
  public var scale: Float  // of the gradient, before all else
  public var alpha: Double  // decay of the squares' mean
  public var learningRate: Float
  public var epsilon: Float
  public var isEpsilonInside: Bool  // the root

  public init(
    scale: Float, alpha: Double, learningRate: Float, epsilon: Float, isEpsilonInside: Bool = false
  ) {
    self.scale = scale
    self.alpha = alpha
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.isEpsilonInside = isEpsilonInside
  }

  var code: ck_rmsprop_step {
    ck_rmsprop_step(
      scale: scale, alpha: Float(alpha), rest: Float(1 - alpha), learning_rate: learningRate,
      epsilon: epsilon, epsilon_inside: isEpsilonInside)
  }
}

/// One step of RMSProp (Tieleman & Hinton 2012) in one pass over arrays of `[P]`:
/// `p -= learningRate · g / (sqrt(v) + epsilon)`, or `/ sqrt(v + epsilon)`, as PyTorch and TensorFlow
/// arrange it. A v that becomes subnormal is 0. `boundary` as of `adamStep`.
public func rmspropStep(
  _ step: RMSPropStep, parameters: inout [Float], gradient: [Float], squares: inout [Float],
  boundary: Int? = nil, pool: WorkerPool, kernels: KernelSet = .current
) {
  precondition(gradient.count == parameters.count, "gradient is not [P]")
  precondition(squares.count == parameters.count, "squares is not [P]")
  guard !parameters.isEmpty else { return }
  let ranges = Ranges(total: parameters.count, boundary: boundary, for: pool)
  let (set, factors) = (kernels.code, step.code)
  unsafe gradient.withUnsafeBufferPointer { gradient in
    unsafe parameters.withUnsafeMutableBufferPointer { parameters in
      unsafe squares.withUnsafeMutableBufferPointer { squares in
        let pass = unsafe RMSPropPass(
          ranges: ranges, kernels: set, step: factors, gradient: gradient.baseAddress!,
          parameters: parameters.baseAddress!, squares: squares.baseAddress!)
        ranges.run(pass, on: pool)
      }
    }
  }
}

@safe private struct RMSPropPass: PoolJob {
  let ranges: Ranges
  let kernels: ck_set
  let step: ck_rmsprop_step
  let gradient: UnsafePointer<Float>
  let parameters: UnsafeMutablePointer<Float>
  let squares: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: RMSPropPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let range = ranges[index]
    let i = range.lowerBound
    unsafe ck_rmsprop(kernels, range.count, step, gradient + i, parameters + i, squares + i)
  }
}
