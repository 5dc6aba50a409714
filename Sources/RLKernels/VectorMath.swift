internal import CKernels
public import RLParallel

/// A function of one number that the kernels evaluate for many.
public enum ElementFunction: Sendable, CaseIterable {
  case tanh
  case exp
  case log
}

/// Replaces every `x` by `function(x)`, with the same bits on every CPU.
public func apply(
  _ function: ElementFunction, to values: inout [Float], kernels: KernelSet = .current
) {
  let set = kernels.code
  unsafe values.withUnsafeMutableBufferPointer { values in
    guard let x = values.baseAddress else { return }
    switch function {
    case .tanh: unsafe ck_tanh(set, values.count, x, x)
    case .exp: unsafe ck_exp(set, values.count, x, x)
    case .log: unsafe ck_log(set, values.count, x, x)
    }
  }
}

/// The sum of squares. Ranges of the array are summed in lanes, then added in order in double
/// precision: the same bits for every number of threads.
public func sumOfSquares(
  _ values: [Float], pool: WorkerPool, kernels: KernelSet = .current
) -> Double {
  let ranges = Ranges(total: values.count)
  let set = kernels.code
  return unsafe values.withUnsafeBufferPointer { values in
    guard let x = values.baseAddress, ranges.count > 0 else { return 0 }
    return unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: ranges.count) { sums in
      let pass = unsafe SquaresPass(
        ranges: ranges, kernels: set, values: x, sums: sums.baseAddress!)
      ranges.run(pass, on: pool)
      return unsafe sums.reduce(0) { $0 + Double($1) }
    }
  }
}

@safe private struct SquaresPass: PoolJob {
  let ranges: Ranges
  let kernels: ck_set
  let values: UnsafePointer<Float>
  let sums: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: SquaresPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let range = ranges[index]
    unsafe sums[index] = ck_sum_of_squares(kernels, range.count, values + range.lowerBound)
  }
}

/// Moves `values` a fraction `tau` of the way to `source`; at 1 it becomes `source`.
public func blend(
  _ values: inout [Float], toward source: [Float], tau: Float, kernels: KernelSet = .current
) {
  precondition(values.count == source.count, "\(values.count) values, \(source.count) to follow")
  if tau == 1 { return copy(source, to: &values) }
  let set = kernels.code
  unsafe source.withUnsafeBufferPointer { source in
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let (x, s) = unsafe pair(values.baseAddress, source.baseAddress) else { return }
      unsafe ck_blend(set, values.count, tau, s, x)
    }
  }
}

/// Copies the elements, so that `values` keeps its own storage: an assignment would share it, and
/// the next write would allocate.
public func copy(_ source: [Float], to values: inout [Float]) {
  precondition(values.count == source.count, "\(values.count) values, \(source.count) to copy")
  unsafe values.withUnsafeMutableBufferPointer { values in
    unsafe source.withUnsafeBufferPointer { source in
      unsafe _ = values.update(fromContentsOf: source)
    }
  }
}

private func pair(
  _ a: UnsafeMutablePointer<Float>?, _ b: UnsafePointer<Float>?
) -> (UnsafeMutablePointer<Float>, UnsafePointer<Float>)? {
  guard let a = unsafe a, let b = unsafe b else { return nil }
  return unsafe (a, b)
}
