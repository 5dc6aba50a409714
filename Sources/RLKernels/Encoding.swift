internal import CKernels

/// How an element of a row of bytes is stored.
public enum StoredElement: Sendable, CaseIterable {
  case f32
  case u8
  case i8
  case u16
  case i16
  case u32
  case i32
  case i64

  var code: ck_element {
    switch self {
    case .f32: CK_F32
    case .u8: CK_U8
    case .i8: CK_I8
    case .u16: CK_U16
    case .i16: CK_I16
    case .u32: CK_U32
    case .i32: CK_I32
    case .i64: CK_I64
    }
  }

  var byteCount: Int {
    switch self {
    case .u8, .i8: 1
    case .u16, .i16: 2
    case .f32, .u32, .i32: 4
    case .i64: 8
    }
  }
}

/// One piece of a row of bytes and the columns it becomes.
public struct EncodedField: Sendable, Equatable {
  public enum Form: Sendable, Equatable {
    /// `count` numbers, each over `divisor`.
    case numbers(count: Int, divisor: Float)
    /// One integer in `start ..< start + count` as a one-hot row of `count` columns.
    case choice(count: Int, start: Int)
  }

  public var form: Form
  public var element: StoredElement
  public var offset: Int  // bytes from the start of the row
  public var column: Int  // first of the columns it becomes

  public init(form: Form, element: StoredElement, offset: Int, column: Int) {
    self.form = form
    self.element = element
    self.offset = offset
    self.column = column
  }

  var byteEnd: Int {
    switch form {
    case .numbers(let count, _): offset + count * element.byteCount
    case .choice: offset + element.byteCount
    }
  }

  var columnEnd: Int {
    switch form {
    case .numbers(let count, _), .choice(let count, _): column + count
    }
  }
}

/// Turns `count` rows of bytes into rows of floats.
///
/// - Parameters:
///   - fields: where each column comes from.
///   - rows: the bytes, `rowBytes` a row.
///   - rowBytes: bytes of a row.
///   - indices: which row becomes row `i`; `nil` is row `i` itself.
///   - count: rows to write.
///   - output: `[count or more, stride]`; only the fields' columns are written.
///   - stride: floats of an output row.
public func encode(
  _ fields: [EncodedField], rows: [UInt8], rowBytes: Int, indices: [Int32]? = nil, count: Int,
  into output: inout [Float], stride: Int
) {
  precondition(count >= 0 && output.count >= count * stride, "output is not [count, stride]")
  precondition(fields.allSatisfy { $0.offset >= 0 && $0.byteEnd <= rowBytes }, "field outside row")
  precondition(fields.allSatisfy { $0.column >= 0 && $0.columnEnd <= stride }, "column outside row")
  let available = rowBytes > 0 ? rows.count / rowBytes : 0
  if let indices {
    precondition(indices.count >= count, "\(indices.count) indices for \(count) rows")
    precondition(areIndices(indices, count, below: available), "an index outside the rows")
  } else {
    precondition(available >= count, "\(available) rows, \(count) wanted")
  }
  unsafe rows.withUnsafeBufferPointer { rows in
    unsafe output.withUnsafeMutableBufferPointer { output in
      guard let x = rows.baseAddress, let y = output.baseAddress else { return }
      guard let indices else {
        let table = unsafe ck_rows(rows: x, row_bytes: rowBytes, index: nil, count: count)
        return unsafe encode(fields, table, y, stride)
      }
      unsafe indices.withUnsafeBufferPointer { indices in
        let table = unsafe ck_rows(
          rows: x, row_bytes: rowBytes, index: indices.baseAddress, count: count)
        unsafe encode(fields, table, y, stride)
      }
    }
  }
}

private func encode(
  _ fields: [EncodedField], _ rows: ck_rows, _ y: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for field in fields {
    switch field.form {
    case .numbers(let count, let divisor):
      unsafe ck_encode_numbers(
        rows, field.element.code, field.offset, count, divisor, y + field.column, stride)
    case .choice(let count, let start):
      let stray = unsafe ck_encode_choice(
        rows, field.element.code, field.offset, Int64(start), count, y + field.column, stride)
      precondition(stray < 0, "row \(stray): a choice outside \(start)..<\(start + count)")
    }
  }
}

/// Whether the first `count` indices are in `0..<limit`. Unsigned, a negative index is large.
private func areIndices(_ indices: [Int32], _ count: Int, below limit: Int) -> Bool {
  var largest: UInt32 = 0
  for i in 0..<count { largest = max(largest, UInt32(bitPattern: indices[i])) }
  return count == 0 || Int(largest) < limit
}
