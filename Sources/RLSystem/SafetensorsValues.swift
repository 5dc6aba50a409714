// The values are moved as they lie in memory, which is the file's order on a little-endian machine.
#if !_endian(little)
#error("safetensors files are little-endian")
#endif

extension Safetensors.Tensor {
  public init(_ name: String, _ values: [Float], shape: [Int]? = nil) {
    self.init(name, values, as: .f32, shape)
  }

  public init(_ name: String, _ values: [Double], shape: [Int]? = nil) {
    self.init(name, values, as: .f64, shape)
  }

  public init(_ name: String, _ values: [UInt8], shape: [Int]? = nil) {
    self.init(name: name, element: .u8, shape: shape ?? [values.count], bytes: values[...])
  }

  public init(_ name: String, _ values: [Int32], shape: [Int]? = nil) {
    self.init(name, values, as: .i32, shape)
  }

  public init(_ name: String, _ values: [Int64], shape: [Int]? = nil) {
    self.init(name, values, as: .i64, shape)
  }

  public init(_ name: String, _ values: [UInt64], shape: [Int]? = nil) {
    self.init(name, values, as: .u64, shape)
  }

  /// The values, if they are 32-bit floats.
  public var floats: [Float]? { values(as: .f32) }

  /// The values, if they are 64-bit floats.
  public var doubles: [Double]? { values(as: .f64) }

  /// The values, if they are bytes.
  public var unsignedBytes: [UInt8]? { element == .u8 ? Array(bytes) : nil }

  /// The values, if they are 32-bit integers.
  public var integers: [Int32]? { values(as: .i32) }

  /// The values, if they are 64-bit integers.
  public var longIntegers: [Int64]? { values(as: .i64) }

  /// The values, if they are unsigned 64-bit integers.
  public var words: [UInt64]? { values(as: .u64) }

  private init<Value: BitwiseCopyable>(
    _ name: String, _ values: [Value], as element: Safetensors.Element, _ shape: [Int]?
  ) {
    let bytes = unsafe values.withUnsafeBytes { unsafe Array($0) }
    self.init(name: name, element: element, shape: shape ?? [values.count], bytes: bytes[...])
  }

  private func values<Value: BitwiseCopyable>(as expected: Safetensors.Element) -> [Value]? {
    guard element == expected else { return nil }
    let count = bytes.count / element.byteCount
    return unsafe [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      initialized = count
    }
  }
}
