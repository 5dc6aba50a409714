internal import CKernels

/// Rows of a policy's outputs, and what else its distribution is made of. Not to be copied: each
/// copy would count references to every array.
public struct HeadRows: ~Copyable, Sendable {
  /// `[B, stride]`.
  public var outputs: [Float]
  /// Floats from one row of outputs to the next, a multiple of `laneCount`.
  public var stride: Int
  /// Of gSDE.
  public var latent: HiddenRows?
  /// `[C]`, of `gaussian`.
  public var logStd: [Float]
  /// `[C, latentStride]`, std² of gSDE.
  public var stdSquares: [Float]
  /// `[B, M]`, 0 = forbidden; empty when nothing is.
  public var masks: [UInt8]

  public init(
    outputs: [Float], stride: Int, latent: HiddenRows? = nil, logStd: [Float] = [],
    stdSquares: [Float] = [], masks: [UInt8] = []
  ) {
    self.outputs = outputs
    self.stride = stride
    self.latent = latent
    self.logStd = logStd
    self.stdSquares = stdSquares
    self.masks = masks
  }

  /// Stops unless `count` rows of everything that `shape` reads are there.
  func check(_ shape: HeadShape, rows count: Int) {
    checkOutputs(shape, rows: count)
    guard shape.controlCount > 0 else { return }
    if shape.controls == .gaussian { precondition(logStd.count == shape.controlCount, "logStd") }
    guard shape.controls == .gsde else { return }
    guard let latent, latent.width == shape.latentWidth, latent.rows >= count else {
      preconditionFailure("latent is not [rows, \(shape.latentWidth)]")
    }
    precondition(
      latent.stride == shape.latentStride
        && stdSquares.count == shape.controlCount * shape.latentStride, "stdSquares is not [C, L]")
  }

  /// The same of outputs and masks alone.
  func checkOutputs(_ shape: HeadShape, rows count: Int) {
    precondition(count >= 0, "\(count) rows")
    precondition(
      stride >= padded(shape.outputs) && stride.isMultiple(of: laneCount), "stride \(stride)")
    precondition(outputs.count >= count * stride, "outputs is not [rows, stride]")
    precondition(masks.isEmpty || masks.count >= count * shape.maskLength, "masks is not [rows, M]")
  }

  /// Addresses for the time of `body`.
  func withInput(_ shape: HeadShape, _ body: (ck_head_input) -> Void) {
    unsafe outputs.withUnsafeBufferPointer { outputs in
      unsafe logStd.withUnsafeBufferPointer { logStd in
        unsafe stdSquares.withUnsafeBufferPointer { stdSquares in
          unsafe masks.withUnsafeBufferPointer { masks in
            var input = unsafe ck_head_input(
              outputs: outputs.baseAddress, ldo: stride, latent: nil, ldl: shape.latentStride,
              log_std: logStd.baseAddress, std_squares: stdSquares.baseAddress,
              masks: masks.isEmpty ? nil : masks.baseAddress)
            guard shape.controls == .gsde, let latent else { return unsafe body(input) }
            unsafe latent.withPointer {
              unsafe input.latent = unsafe $0
              unsafe body(input)
            }
          }
        }
      }
    }
  }
}

/// Rows cut into blocks of one size: the unit of work, the same for every number of threads.
struct HeadBlocks {
  static let size = 256

  let rows: Int

  var count: Int { (rows + Self.size - 1) / Self.size }

  subscript(block: Int) -> Range<Int> {
    block * Self.size..<min((block + 1) * Self.size, rows)
  }
}
