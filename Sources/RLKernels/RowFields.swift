internal import CKernels

/// Where a field lies in rows of bytes.
public struct RowField: Sendable, Equatable {
  public var offset: Int  // bytes from the start of the row
  public var rowBytes: Int

  public init(offset: Int, rowBytes: Int) {
    self.offset = offset
    self.rowBytes = rowBytes
  }
}

/// The rows that are meant: those of `lanes`, or the first `count`.
public struct RowChoice: Sendable, Equatable {
  public var lanes: [Int32]?
  public var count: Int

  /// The first `count` rows.
  public static func first(_ count: Int) -> RowChoice { RowChoice(lanes: nil, count: count) }

  /// The rows of these lanes, each once.
  public static func of(_ lanes: [Int32]) -> RowChoice {
    RowChoice(lanes: lanes, count: lanes.count)
  }

  private init(lanes: [Int32]?, count: Int) {
    self.lanes = lanes
    self.count = count
  }

  /// The row at a position among them.
  @inlinable
  public func lane(_ position: Int) -> Int { lanes.map { Int($0[position]) } ?? position }

  /// Stops the program unless each row's `bytes` at `field` lie in `rows`.
  func check(_ rows: [UInt8], _ field: RowField, bytes: Int) {
    var end = count
    if let lanes {
      end = 0
      for position in 0..<count {
        precondition(lanes[position] >= 0, "a lane below 0")
        end = max(end, Int(lanes[position]) + 1)
      }
    }
    precondition(
      field.offset >= 0 && bytes >= 0 && field.offset + bytes <= field.rowBytes
        && rows.count >= end * field.rowBytes,
      "\(bytes) bytes at \(field.offset) of rows of \(field.rowBytes) do not lie in \(rows.count)")
  }
}

/// Runs `body` with the rows of `choice`, each from `offset` on.
@inline(__always)
private func withTable(
  _ rows: [UInt8], _ field: RowField, _ choice: RowChoice, offset: Int, _ body: (ck_rows) -> Void
) {
  guard choice.count > 0 else { return }
  unsafe rows.withUnsafeBufferPointer { rows in
    guard let x = rows.baseAddress else { return }
    guard let lanes = choice.lanes else {
      return unsafe body(
        ck_rows(rows: x + offset, row_bytes: field.rowBytes, index: nil, count: choice.count))
    }
    unsafe lanes.withUnsafeBufferPointer { lanes in
      unsafe body(
        ck_rows(
          rows: x + offset, row_bytes: field.rowBytes, index: lanes.baseAddress,
          count: choice.count))
    }
  }
}

/// The mean of each of a field's columns and the sum of the squared differences from it.
///
/// - Parameters:
///   - element: how the numbers are stored.
///   - field: where the first of them lies.
///   - rows: the bytes.
///   - choice: at least one row.
///   - columns: which of `mean` and `squares` are written, one for each of the field's numbers.
///   - mean: in double precision, as all sums.
///   - squares: likewise.
///   - work: eight numbers or more for each column.
public func columnMoments(
  _ element: StoredElement, at field: RowField, of rows: [UInt8], _ choice: RowChoice,
  columns: Range<Int>, mean: inout [Double], squares: inout [Double], work: inout [Double]
) {
  choice.check(rows, field, bytes: columns.count * element.byteCount)
  precondition(choice.count > 0, "moments need a row")
  precondition(
    columns.lowerBound >= 0 && columns.upperBound <= min(mean.count, squares.count)
      && work.count >= 8 * columns.count, "no room for the moments of columns \(columns)")
  unsafe mean.withUnsafeMutableBufferPointer { mean in
    unsafe squares.withUnsafeMutableBufferPointer { squares in
      unsafe work.withUnsafeMutableBufferPointer { work in
        guard let m = mean.baseAddress, let s = squares.baseAddress, let w = work.baseAddress
        else { return }
        unsafe withTable(rows, field, choice, offset: 0) { table in
          unsafe ck_moments(
            table, element.code, field.offset, columns.count, m + columns.lowerBound,
            s + columns.lowerBound, w)
        }
      }
    }
  }
}

/// Writes a field's numbers, less `mean` and times `scale`, as 32-bit floats within `limit` on both
/// sides.
///
/// - Parameters:
///   - element: how the numbers are stored.
///   - field: where the first of them lies.
///   - rows: the bytes.
///   - choice: which rows.
///   - columns: of `mean` and `scale`, one for each of the field's numbers.
///   - mean: what is taken off.
///   - scale: the factors, after that.
///   - limit: the largest magnitude.
///   - target: the rows to write, each in the place of its source.
///   - targetField: where the floats begin.
public func standardize(
  _ element: StoredElement, at field: RowField, of rows: [UInt8], _ choice: RowChoice,
  columns: Range<Int>, mean: [Double], scale: [Double], limit: Float, into target: inout [UInt8],
  at targetField: RowField
) {
  choice.check(rows, field, bytes: columns.count * element.byteCount)
  choice.check(target, targetField, bytes: columns.count * 4)
  precondition(
    columns.lowerBound >= 0 && columns.upperBound <= min(mean.count, scale.count),
    "no mean for columns \(columns)")
  unsafe mean.withUnsafeBufferPointer { mean in
    unsafe scale.withUnsafeBufferPointer { scale in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let m = mean.baseAddress, let s = scale.baseAddress, let y = target.baseAddress
        else { return }
        unsafe withTable(rows, field, choice, offset: 0) { table in
          unsafe ck_standardize(
            table, element.code, field.offset, columns.count, m + columns.lowerBound,
            s + columns.lowerBound, limit, y + targetField.offset, targetField.rowBytes)
        }
      }
    }
  }
}

/// Copies `bytes` of each chosen row, into the same row of `target`.
public func copyField(
  _ field: RowField, of rows: [UInt8], _ choice: RowChoice, bytes: Int, into target: inout [UInt8],
  at targetField: RowField
) {
  choice.check(rows, field, bytes: bytes)
  choice.check(target, targetField, bytes: bytes)
  unsafe target.withUnsafeMutableBufferPointer { target in
    guard let y = target.baseAddress else { return }
    unsafe withTable(rows, field, choice, offset: field.offset) { table in
      unsafe ck_copy_field(table, bytes, y + targetField.offset, targetField.rowBytes)
    }
  }
}

/// A field of stacked frames: `[outer, frames, bytes]`, the oldest frame first.
public struct FrameField: Sendable, Equatable {
  public var field: RowField
  public var outer: Int
  public var frames: Int
  public var bytes: Int

  public init(_ field: RowField, outer: Int, frames: Int, bytes: Int) {
    precondition(outer > 0 && frames > 0 && bytes > 0, "a stack has frames")
    self.field = field
    self.outer = outer
    self.frames = frames
    self.bytes = bytes
  }

  fileprivate var byteCount: Int { outer * frames * bytes }
}

/// Writes stacks of frames: those of `before` without the oldest frame, and each row's own.
///
/// - Parameters:
///   - frame: where a row's frame, `[outer, bytes]`, begins.
///   - rows: the frames.
///   - choice: which rows.
///   - before: the stacks that are gone on from; `nil` fills each with the row's own frame.
///   - target: the stacks to write.
///   - stack: where they lie in `before` and `target`.
public func pushFrame(
  _ frame: RowField, of rows: [UInt8], _ choice: RowChoice, after before: [UInt8]?,
  into target: inout [UInt8], at stack: FrameField
) {
  choice.check(rows, frame, bytes: stack.outer * stack.bytes)
  choice.check(target, stack.field, bytes: stack.byteCount)
  if let before { choice.check(before, stack.field, bytes: stack.byteCount) }
  let (place, rowBytes) = (stack.field.offset, stack.field.rowBytes)
  unsafe target.withUnsafeMutableBufferPointer { target in
    guard let y = target.baseAddress else { return }
    unsafe withTable(rows, frame, choice, offset: frame.offset) { table in
      guard let before else {
        return unsafe ck_fill_frames(
          table, stack.outer, stack.bytes, stack.frames, y + place, rowBytes)
      }
      unsafe before.withUnsafeBufferPointer { before in
        guard let x = before.baseAddress else { return }
        unsafe ck_push_frame(
          table, x + place, stack.outer, stack.bytes, stack.frames, y + place, rowBytes)
      }
    }
  }
}

/// Writes one 32-bit float to each chosen row, `values[n]` to row n.
public func storeColumn(
  _ values: [Float], _ choice: RowChoice, into target: inout [UInt8], at field: RowField
) {
  choice.check(target, field, bytes: 4)
  precondition(values.count * field.rowBytes >= target.count, "fewer values than rows")
  unsafe values.withUnsafeBufferPointer { values in
    unsafe target.withUnsafeMutableBufferPointer { target in
      guard let x = values.baseAddress, let y = target.baseAddress else { return }
      let place = unsafe y + field.offset
      guard let lanes = choice.lanes else {
        return unsafe ck_store_column(x, nil, choice.count, place, field.rowBytes)
      }
      unsafe lanes.withUnsafeBufferPointer { lanes in
        unsafe ck_store_column(x, lanes.baseAddress, choice.count, place, field.rowBytes)
      }
    }
  }
}
