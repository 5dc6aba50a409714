import RLCore
import RLNetworks
import Testing

/// Observation rows of every kind of leaf become inputs in the space's order.
@Suite struct ObservationEncoderTests {
  private let space = Space([
    Leaf(
      name: "position", kind: .box(low: [-1, -1], high: [1, 1]), element: .f64, shape: [2]),
    Leaf(name: "mode", kind: .discrete(count: 3, start: 5), element: .i64),
    Leaf(
      name: "gears", kind: .multiDiscrete(counts: [2, 3], starts: [0, 1]), element: .i32,
      shape: [2]),
    Leaf(name: "lamps", kind: .multiBinary, element: .bool, shape: [3]),
    Leaf(
      name: "picture", kind: .box(low: [0, 0], high: [255, 255]), element: .u8, shape: [1, 2, 1],
      image: .hwc),
  ])

  /// A row in the layout of the space: values as they are stored, at their offsets.
  private func row(
    _ position: [Float], _ mode: Int64, _ gears: [Int32], _ lamps: [UInt8], _ picture: [UInt8]
  ) -> [UInt8] {
    let layout = RowLayout(space)
    var bytes = [UInt8](repeating: 0, count: layout.rowBytes)
    let parts: [[UInt8]] = [
      position.flatMap { littleEndian($0.bitPattern) }, littleEndian(mode),
      gears.flatMap { littleEndian($0) }, lamps, picture,
    ]
    for (field, part) in zip(layout.fields, parts) {
      bytes.replaceSubrange(field.offset..<field.offset + field.byteCount, with: part)
    }
    return bytes
  }

  private func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: 0, to: number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  @Test func everyLeafIsEncodedInOrder() {
    let encoder = ObservationEncoder(space)
    #expect(encoder.width == 2 + 3 + 5 + 3 + 2)
    #expect(encoder.width == space.encodedWidth)
    var input = [Float](repeating: -7, count: 2 * 16)
    let rows =
      row([0.5, -2], 6, [1, 3], [1, 0, 1], [0, 255])
      + row([1, 2], 5, [0, 1], [0, 0, 0], [51, 1])
    encoder.encode(rows, count: 2, into: &input, stride: 16)
    let first: [Float] = [0.5, -2, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, -7]
    let second: [Float] = [1, 2, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0.2, 1 / 255, -7]
    #expect(input == first + second)
  }

  @Test func gatheringEqualsEncodingTheGatheredRows() {
    let encoder = ObservationEncoder(space)
    let rows: [[UInt8]] = (0..<30).map { (index: Int) -> [UInt8] in
      let position = [Float(index), 1 / Float(index + 1)]
      let gears = [Int32(index % 2), Int32(1 + index % 3)]
      return row(position, Int64(5 + index % 3), gears, [1, 0, 1], [UInt8(index), 9])
    }
    let indices = (0..<50).map { Int32($0 * 7 % 30) }
    var gathered = [Float](repeating: 0, count: 50 * 16)
    encoder.encode(
      gathering: indices, count: 50, from: rows.flatMap { $0 }, into: &gathered, stride: 16)
    var expected = gathered.map { _ in Float(0) }
    encoder.encode(
      indices.flatMap { rows[Int($0)] }, count: 50, into: &expected, stride: 16)
    #expect(gathered == expected)
  }
}
