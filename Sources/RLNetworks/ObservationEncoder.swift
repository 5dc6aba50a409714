public import RLCore
import RLKernels

/// Turns observation rows, as the environments wrote them, into a network's inputs.
///
/// Box and MultiBinary elements are cast, pictures of bytes are divided by 255, choices become
/// one-hot. Leaves follow each other in the space's order.
public struct ObservationEncoder: Sendable, Equatable {
  /// Inputs of a network that reads an encoded row.
  public let width: Int
  /// Bytes of an observation row.
  public let rowBytes: Int
  let fields: [EncodedField]

  public init(_ space: Space) {
    let layout = RowLayout(space)
    var fields: [EncodedField] = []
    var column = 0
    for field in layout.fields {
      fields += field.encoded(column: column)
      column += field.leaf.encodedWidth
    }
    self.fields = fields
    width = column
    rowBytes = layout.rowBytes
  }

  /// Encodes rows `0..<count` of `rows`.
  ///
  /// - Parameters:
  ///   - rows: `[count or more, rowBytes]`.
  ///   - count: rows to encode.
  ///   - input: `[count or more, stride]`; columns from `width` on are left alone.
  ///   - stride: floats of an input row, such as `Tape.inputStride`.
  public func encode(_ rows: [UInt8], count: Int, into input: inout [Float], stride: Int) {
    RLKernels.encode(
      fields, rows: rows, rowBytes: rowBytes, count: count, into: &input, stride: stride)
  }

  /// Encodes row `indices[i]` of `ring` as row `i`, for `i` below `count`.
  ///
  /// - Parameters:
  ///   - indices: which rows, each below the ring's rows.
  ///   - count: rows to encode.
  ///   - ring: `[R, rowBytes]`.
  ///   - input: `[count or more, stride]`; columns from `width` on are left alone.
  ///   - stride: floats of an input row, such as `Tape.inputStride`.
  public func encode(
    gathering indices: [Int32], count: Int, from ring: [UInt8], into input: inout [Float],
    stride: Int
  ) {
    RLKernels.encode(
      fields, rows: ring, rowBytes: rowBytes, indices: indices, count: count, into: &input,
      stride: stride)
  }
}

extension RowLayout.Field {
  /// The columns of this leaf, from `column` on.
  fileprivate func encoded(column: Int) -> [EncodedField] {
    let element = leaf.element.kernel
    switch leaf.kind {
    case .box, .multiBinary:
      let divisor: Float = leaf.image != nil && leaf.element == .u8 ? 255 : 1
      let form = EncodedField.Form.numbers(count: leaf.elementCount, divisor: divisor)
      return [EncodedField(form: form, element: element, offset: offset, column: column)]
    case .discrete(let count, let start):
      let form = EncodedField.Form.choice(count: count, start: start)
      return [EncodedField(form: form, element: element, offset: offset, column: column)]
    case .multiDiscrete(let counts, let starts):
      var column = column
      return counts.indices.map { index in
        defer { column += counts[index] }
        return EncodedField(
          form: .choice(count: counts[index], start: starts[index]), element: element,
          offset: offset + index * leaf.element.stored.byteCount, column: column)
      }
    }
  }
}

extension Element {
  /// How the kernels read the stored element.
  fileprivate var kernel: StoredElement {
    switch self {
    case .f32, .f64: .f32
    case .u8, .bool: .u8
    case .i8: .i8
    case .u16: .u16
    case .i16: .i16
    case .u32: .u32
    case .i32: .i32
    case .i64: .i64
    }
  }
}
