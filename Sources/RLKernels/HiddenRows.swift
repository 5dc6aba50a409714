/// Rows of a network's last hidden layer, to be read only. It shares their storage: let it go before
/// the next forward pass.
public struct HiddenRows: Sendable {
  /// Numbers in a row.
  public let width: Int
  /// Floats from one row to the next.
  public let stride: Int

  // one of the two is empty
  private let vectors: [SIMD16<Float>]
  private let floats: [Float]
  private let offset: Int

  /// Rows of an array, `[B, stride]`, such as the input of a network without hidden layers.
  ///
  /// - Precondition: `stride` is a multiple of `laneCount`.
  public init(_ floats: [Float], width: Int, stride: Int) {
    precondition(width <= stride && stride.isMultiple(of: laneCount), "\(width) in \(stride)")
    self.width = width
    self.stride = stride
    self.floats = floats
    vectors = []
    offset = 0
  }

  /// What `denseForward` left in the last hidden layer; the stack has one.
  public init(_ scratch: DenseScratch, _ stack: DenseStack) {
    precondition(stack.layers.count > 1, "a stack without hidden layers")
    let layer = stack.layers[stack.layers.count - 2]
    width = layer.outputs
    stride = layer.outputStride
    vectors = scratch.hidden
    floats = []
    offset = scratch.rows * layer.hiddenOffset
  }

  /// Rows that there is room for.
  var rows: Int { (vectors.count * laneCount + floats.count - offset) / stride }

  func withPointer(_ body: (UnsafePointer<Float>) -> Void) {
    if vectors.isEmpty {
      return unsafe floats.withUnsafeBufferPointer { floats in
        guard let start = floats.baseAddress else { return }
        unsafe body(start)
      }
    }
    unsafe vectors.withUnsafeBytes { vectors in
      guard let start = vectors.baseAddress else { return }
      unsafe body(start.assumingMemoryBound(to: Float.self) + offset)
    }
  }
}
