extension [UInt8] {
  /// The bytes as 32-bit floats.
  var floats: [Float] {
    stride(from: 0, to: count, by: 4).map { start in
      let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(self[start + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: word)
    }
  }
}
