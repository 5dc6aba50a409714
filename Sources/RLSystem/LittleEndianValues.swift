extension Array where Element: BitwiseCopyable {
  /// Appends the values whose bytes these are, in little-endian order.
  ///
  /// - Precondition: the bytes are those of whole values, and each pattern of bits is a value, as
  ///   it is for numbers.
  public mutating func append(littleEndian bytes: [UInt8]) {
    let stride = MemoryLayout<Element>.stride
    precondition(bytes.count % stride == 0, "\(bytes.count) bytes are no values of \(stride)")
    unsafe bytes.withUnsafeBytes { source in
      // an array's storage is aligned for every number
      unsafe source.withMemoryRebound(to: Element.self) { unsafe append(contentsOf: $0) }
    }
  }
}
