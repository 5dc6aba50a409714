/// The bytes of some rows of an array, one range after the other, as they lie in memory:
/// little-endian on every CPU that is supported.
///
/// - Parameters:
///   - values: `[R, width]`.
///   - width: elements of a row.
///   - ranges: of rows, each within the array.
/// - Returns: `width` elements for each row of the ranges.
public func rowBytes<Element: BitwiseCopyable>(
  _ values: [Element], width: Int, ranges: [Range<Int>]
) -> [UInt8] {
  let rowBytes = width * MemoryLayout<Element>.stride
  let total = ranges.reduce(0) { $0 + $1.count } * rowBytes
  return unsafe values.withUnsafeBytes { source in
    unsafe [UInt8](unsafeUninitializedCapacity: total) { target, count in
      for range in ranges {
        let bytes = range.lowerBound * rowBytes..<range.upperBound * rowBytes
        let place = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(target)[count...])
        unsafe place.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[bytes]))
        count += bytes.count
      }
    }
  }
}

/// Copies all elements of `source` over those of `values` from `start` on.
@inlinable
public func copyElements<Element: BitwiseCopyable>(
  _ source: [Element], to values: inout [Element], at start: Int
) {
  precondition(
    start >= 0 && start <= values.count - source.count, "\(source.count) elements at \(start)")
  // an empty array shares the storage of all empty ones, and would be copied to be written
  if source.isEmpty { return }
  unsafe source.withUnsafeBytes { source in
    unsafe values.withUnsafeMutableBytes { target in
      let offset = start * MemoryLayout<Element>.stride
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
    }
  }
}

/// Copies `rows` rows of `width` elements that lie one after the other to places `stride` elements
/// apart, the first at `start`.
public func copyRows<Element: BitwiseCopyable>(
  _ source: [Element], rows: Int, width: Int, to values: inout [Element], at start: Int, stride: Int
) {
  guard rows > 0, width > 0 else { return }
  precondition(source.count >= rows * width && stride >= width, "\(rows) rows of \(width)")
  precondition(
    start >= 0 && start + (rows - 1) * stride + width <= values.count, "rows from \(start) on")
  let size = MemoryLayout<Element>.stride
  unsafe source.withUnsafeBytes { source in
    unsafe values.withUnsafeMutableBytes { values in
      guard let from = source.baseAddress, let to = values.baseAddress else { return }
      for row in 0..<rows {
        unsafe (to + (start + row * stride) * size).copyMemory(
          from: from + row * width * size, byteCount: width * size)
      }
    }
  }
}
