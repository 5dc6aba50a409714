import RLKernels
import Testing

/// Rows of bytes become rows of floats.
@Suite struct EncodingTests {
  @Test func numbersOfEveryTypeAreCast() {
    expect(.f32, ([1.5, -2.25, 1e30] as [Float]).map(\.bitPattern), [1.5, -2.25, 1e30])
    expect(.u8, [0, 7, 255] as [UInt8], [0, 7, 255])
    expect(.i8, [-128, 0, 127] as [Int8], [-128, 0, 127])
    expect(.u16, [0, 1, 65535] as [UInt16], [0, 1, 65535])
    expect(.i16, [-32768, 0, 5] as [Int16], [-32768, 0, 5])
    expect(.u32, [0, 1, 4_000_000_000] as [UInt32], [0, 1, 4e9])
    expect(.i32, [-2_000_000_000, 0, 9] as [Int32], [-2e9, 0, 9])
    expect(.i64, [-5_000_000_000, 0, 3] as [Int64], [-5e9, 0, 3])
  }

  @Test func bytesOfAPictureAreDividedBy255() {
    let field = EncodedField(
      form: .numbers(count: 256, divisor: 255), element: .u8, offset: 0, column: 0)
    var output = [Float](repeating: -1, count: 256)
    encode(
      [field], rows: (0...255).map { UInt8($0) }, rowBytes: 256, count: 1, into: &output,
      stride: 256)
    #expect(output == (0...255).map { Float($0) / 255 })
  }

  @Test func gatheringReadsTheIndexedRows() {
    let rows = (0..<50).flatMap { row in (0..<3).map { UInt8(row * 3 + $0) } }
    let indices = (0..<40).map { Int32(($0 * 17 + 3) % 50) }
    let field = EncodedField(
      form: .numbers(count: 3, divisor: 1), element: .u8, offset: 0, column: 1)
    var output = [Float](repeating: -1, count: 40 * 5)
    encode(
      [field], rows: rows, rowBytes: 3, indices: indices, count: 40, into: &output, stride: 5)
    for (row, index) in indices.enumerated() {
      let values = (0..<3).map { Float(Int(index) * 3 + $0) }
      #expect(Array(output[row * 5..<row * 5 + 5]) == [-1] + values + [-1])
    }
  }

  @Test func aChoiceBecomesAOneHotRowAndErasesTheLast() {
    let field = EncodedField(
      form: .choice(count: 3, start: -1), element: .i8, offset: 0, column: 0)
    var output = [Float](repeating: 9, count: 9)
    let rows = [-1, 1, 0].map { UInt8(bitPattern: $0) }
    encode([field], rows: rows, rowBytes: 1, count: 3, into: &output, stride: 3)
    #expect(output == [1, 0, 0, 0, 0, 1, 0, 1, 0])
  }

  @Test func whatLiesOutsideIsRefused() async {
    await #expect(processExitsWith: .failure) {
      let field = EncodedField(
        form: .choice(count: 3, start: 0), element: .u8, offset: 0, column: 0)
      var output = [Float](repeating: 0, count: 3)
      encode([field], rows: [3], rowBytes: 1, count: 1, into: &output, stride: 3)
    }
    await #expect(processExitsWith: .failure) {
      let field = EncodedField(
        form: .numbers(count: 1, divisor: 1), element: .u8, offset: 0, column: 0)
      var output: [Float] = [0]
      encode(
        [field], rows: [3, 4], rowBytes: 1, indices: [-1], count: 1, into: &output, stride: 1)
    }
  }

  private func expect<Number: FixedWidthInteger>(
    _ element: StoredElement, _ numbers: [Number], _ expected: [Float]
  ) {
    let bytes = numbers.flatMap { number in
      (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let field = EncodedField(
      form: .numbers(count: numbers.count, divisor: 1), element: element, offset: 0, column: 0)
    var output = [Float](repeating: 0, count: numbers.count)
    encode(
      [field], rows: bytes, rowBytes: bytes.count, count: 1, into: &output, stride: output.count)
    #expect(output == expected, "\(element)")
  }
}
