internal import CKernels

/// The sum of the squares of an array that comes part by part, in order, with the bits of
/// `sumOfSquares`: so each part can be added where it is in the caches.
public struct SquareSum: Sendable {
  /// Numbers that are in.
  public private(set) var count = 0
  private var total = 0.0  // of full ranges
  private var lanes = zeros  // of the range that is not full

  private typealias Lanes = (SIMD16<Float>, SIMD16<Float>, SIMD16<Float>, SIMD16<Float>)
  private static var zeros: Lanes { (.zero, .zero, .zero, .zero) }

  public init() {}

  /// Adds the squares of `values` in `part`, which is to follow the numbers that are in. All parts
  /// but the last have a multiple of `laneCount` numbers.
  public mutating func add(
    _ values: [Float], _ part: Range<Int>, kernels: KernelSet = .current
  ) {
    precondition(part.lowerBound == count && part.upperBound <= values.count, "not the next part")
    unsafe values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      unsafe add(values, part.count, kernels.code)
    }
  }

  /// Adds the squares of `length` numbers from number `count` of `values` on.
  mutating func add(_ values: UnsafePointer<Float>, _ length: Int, _ kernels: ck_set) {
    precondition(count.isMultiple(of: laneCount), "a part follows the last one")
    let end = count + length
    while count < end {
      let before = count % Ranges.size
      let size = min(end - count, Ranges.size - before)
      unsafe withUnsafeMutableBytes(of: &lanes) {
        unsafe ck_add_squares(kernels, size, values + count, before, $0.floats)
      }
      count += size
      if count.isMultiple(of: Ranges.size) { closeRange(kernels) }
    }
  }

  /// The sum over all numbers that are in.
  public func value(kernels: KernelSet = .current) -> Double {
    count.isMultiple(of: Ranges.size) ? total : total + laneSum(kernels.code)
  }

  private mutating func closeRange(_ kernels: ck_set) {
    total += laneSum(kernels)
    lanes = Self.zeros
  }

  private func laneSum(_ kernels: ck_set) -> Double {
    unsafe withUnsafeBytes(of: lanes) {
      unsafe Double(ck_sum_of_lanes(kernels, $0.baseAddress?.assumingMemoryBound(to: Float.self)))
    }
  }
}
