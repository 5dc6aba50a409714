import RLKernels
import Testing

/// Moments, standardised copies and stacks of fields in rows of bytes, against loops that spell out
/// what is meant.
@Suite struct RowFieldTests {
  private func bytes<Value>(_ value: Value) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
  }

  /// Rows of `n` 32-bit floats behind `offset` bytes, with a gap of `gap` bytes after them.
  private func rows(_ numbers: [[Float]], offset: Int, gap: Int) -> (
    bytes: [UInt8], field: RowField
  ) {
    let rows = numbers.flatMap { row in
      [UInt8](repeating: 7, count: offset) + row.flatMap { bytes($0) }
        + [UInt8](repeating: 9, count: gap)
    }
    return (rows, RowField(offset: offset, rowBytes: offset + 4 * numbers[0].count + gap))
  }

  private func numbers(_ count: Int, _ n: Int) -> [[Float]] {
    (0..<count).map { row in (0..<n).map { Float((row * 31 + $0 * 17) % 23) * 0.37 - 3 } }
  }

  /// What the kernel promises: rows added in four lanes, then (0 + 1) + (2 + 3).
  private func sum(_ values: [Double]) -> Double {
    var lanes = [0.0, 0, 0, 0]
    for (index, value) in values.enumerated() { lanes[index % 4] += value }
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
  }

  private func expectMoments(_ chosen: [[Float]], _ mean: [Double], _ squares: [Double]) {
    for k in chosen[0].indices {
      let column = chosen.map { Double($0[k]) }
      let expected = sum(column) / Double(column.count)
      #expect(mean[k] == expected)
      #expect(squares[k] == sum(column.map { ($0 - expected) * ($0 - expected) }))
    }
  }

  @Test func momentsAreThoseOfTheColumnsToTheLastBit() {
    for count in [1, 2, 3, 4, 5, 7, 8, 9, 33] {
      for n in [1, 2, 3, 4, 5, 16, 17] {
        for (offset, gap) in [(0, 0), (8, 0), (0, 4), (3, 1)] {
          let numbers = numbers(count, n)
          let (rows, field) = rows(numbers, offset: offset, gap: gap)
          var (mean, squares) = (
            [Double](repeating: -1, count: n + 2), [Double](repeating: -1, count: n + 2)
          )
          var work = [Double](repeating: 3, count: 8 * n)
          columnMoments(
            .f32, at: field, of: rows, .first(count), columns: 1..<n + 1, mean: &mean,
            squares: &squares, work: &work)
          expectMoments(numbers, Array(mean[1...n]), Array(squares[1...n]))
          #expect(mean[0] == -1 && mean[n + 1] == -1, "nothing else is written")
          let lanes = stride(from: 0, to: count, by: 2).map { Int32($0) }
          columnMoments(
            .f32, at: field, of: rows, .of(lanes), columns: 0..<n, mean: &mean, squares: &squares,
            work: &work)
          expectMoments(lanes.map { numbers[Int($0)] }, mean, squares)
        }
      }
    }
  }

  @Test func everyTypeIsStandardised() {
    func expect<Value>(_ element: StoredElement, _ value: Value, _ number: Double) {
      let field = RowField(offset: 0, rowBytes: MemoryLayout<Value>.size)
      var output = [UInt8](repeating: 0, count: 8)
      standardize(
        element, at: field, of: bytes(value), .first(1), columns: 0..<1, mean: [1.5],
        scale: [0.25], limit: 1e30, into: &output, at: RowField(offset: 4, rowBytes: 8))
      #expect(output == [0, 0, 0, 0] + bytes(Float((number - 1.5) * 0.25)))
      var (mean, squares, work) = ([0.0], [0.0], [Double](repeating: 0, count: 8))
      columnMoments(
        element, at: field, of: bytes(value), .first(1), columns: 0..<1, mean: &mean,
        squares: &squares, work: &work)
      #expect(mean == [number] && squares == [0])
    }
    expect(.f32, Float(-7.25), -7.25)
    expect(.u8, UInt8(200), 200)
    expect(.i8, Int8(-100), -100)
    expect(.u16, UInt16(60000), 60000)
    expect(.i16, Int16(-30000), -30000)
    expect(.u32, UInt32(4_000_000_000), 4e9)
    expect(.i32, Int32(-2_000_000_000), -2e9)
    expect(.i64, Int64(-5_000_000_000), -5e9)
  }

  @Test func theLimitHoldsOnBothSides() {
    let (rows, field) = rows([[-50, -2, 2, 50, .nan]], offset: 0, gap: 0)
    var output = [UInt8](repeating: 0, count: 20)
    standardize(
      .f32, at: field, of: rows, .first(1), columns: 0..<5, mean: [Double](repeating: 0, count: 5),
      scale: [Double](repeating: 2, count: 5), limit: 10, into: &output, at: field)
    #expect(Array(output[..<16]) == [-10, -4, 4, 10].flatMap { bytes(Float($0)) })
    #expect(output[16...] != bytes(Float(10))[...], "what is no number does not become one")
  }

  @Test func framesAreStackedWithTheNewestLast() {
    // two rows around an axis, frames of three bytes, four of them
    let (outer, inner, frames) = (2, 3, 4)
    let stack = FrameField(
      RowField(offset: 2, rowBytes: 27), outer: outer, frames: frames, bytes: inner)
    let frame = RowField(offset: 1, rowBytes: 8)
    func row(_ time: Int, _ lane: Int) -> [UInt8] {
      [99] + (0..<outer * inner).map { UInt8(time * 50 + lane * 20 + $0) } + [98]
    }
    var now = [UInt8](repeating: 1, count: 3 * 27)
    let first = (0..<3).flatMap { row(0, $0) }
    pushFrame(frame, of: first, .first(3), after: nil, into: &now, at: stack)
    var next = [UInt8](repeating: 2, count: 3 * 27)
    let second = (0..<3).flatMap { row(1, $0) }
    pushFrame(frame, of: second, .of([0, 2]), after: now, into: &next, at: stack)
    for lane in [0, 2] {
      for o in 0..<outer {
        for f in 0..<frames {
          for k in 0..<inner {
            let value = next[lane * 27 + 2 + (o * frames + f) * inner + k]
            #expect(value == row(f == frames - 1 ? 1 : 0, lane)[1 + o * inner + k])
          }
        }
      }
      #expect(next[lane * 27] == 2 && next[lane * 27 + 26] == 2)
    }
    #expect(next[27..<54].allSatisfy { $0 == 2 }, "lane 1 is left alone")
  }

  @Test func fieldsAndColumnsAreCopiedToTheirRows() {
    let rows = (0..<24).map { UInt8($0) }
    var target = [UInt8](repeating: 0, count: 40)
    copyField(
      RowField(offset: 2, rowBytes: 6), of: rows, .of([1, 3]), bytes: 3, into: &target,
      at: RowField(offset: 1, rowBytes: 10))
    var expected = [UInt8](repeating: 0, count: 40)
    expected.replaceSubrange(11..<14, with: [8, 9, 10])
    expected.replaceSubrange(31..<34, with: [20, 21, 22])
    #expect(target == expected)
    storeColumn([1, 2, 3, 4], .of([2]), into: &target, at: RowField(offset: 6, rowBytes: 10))
    expected.replaceSubrange(26..<30, with: bytes(Float(3)))
    #expect(target == expected)
  }

  @Test func rowsOutsideAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var target = [UInt8](repeating: 0, count: 8)
      copyField(
        RowField(offset: 0, rowBytes: 4), of: [1, 2, 3, 4], .of([1]), bytes: 4, into: &target,
        at: RowField(offset: 0, rowBytes: 4))
    }
    await #expect(processExitsWith: .failure) {
      var target = [UInt8](repeating: 0, count: 4)
      copyField(
        RowField(offset: 0, rowBytes: 4), of: [1, 2, 3, 4], .of([-1]), bytes: 4, into: &target,
        at: RowField(offset: 0, rowBytes: 4))
    }
  }
}
