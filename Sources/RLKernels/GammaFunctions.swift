internal import CKernels

/// A function of the gamma family, for numbers of at least 1.
public enum GammaFunction: Sendable, CaseIterable {
  /// ln Gamma(x), to 2 units in the last place of x max(1, ln x).
  case logGamma
  /// The slope of ln Gamma, to 1.5 units in the last place of max(1, ln x).
  case digamma
  /// The slope of digamma, to 2 units in its last place.
  case trigamma
}

/// Replaces every `x`, at least 1, by `function(x)`, with the same bits on every CPU.
public func apply(
  _ function: GammaFunction, to values: inout [Float], kernels: KernelSet = .current
) {
  let set = kernels.code
  unsafe values.withUnsafeMutableBufferPointer { values in
    guard let x = values.baseAddress else { return }
    switch function {
    case .logGamma: unsafe ck_log_gamma(set, values.count, x, x)
    case .digamma: unsafe ck_digamma(set, values.count, x, x)
    case .trigamma: unsafe ck_trigamma(set, values.count, x, x)
    }
  }
}

/// Alpha and beta of Beta's controls.
///
/// - Parameters:
///   - shape: a distribution with Beta's controls.
///   - input: its outputs.
///   - rows: B, how many.
///   - concentrations: `[B or more, C, 2]`, overwritten.
///   - kernels: the implementation.
public func headConcentrations(
  _ shape: HeadShape, _ input: borrowing HeadRows, rows: Int, into concentrations: inout [Float],
  kernels: KernelSet = .current
) {
  precondition(shape.controls == .beta, "\(shape.controls) has no alpha and beta")
  precondition(concentrations.count >= rows * shape.controlCount * 2, "room for [rows, C, 2]")
  input.checkOutputs(shape, rows: rows)
  unsafe shape.withCode { head in
    unsafe input.withInput(shape) { input in
      unsafe concentrations.withUnsafeMutableBufferPointer { concentrations in
        var (head, input) = unsafe (head, input)
        unsafe ck_head_concentrations(
          kernels.code, &head, &input, 0, rows, concentrations.baseAddress)
      }
    }
  }
}
