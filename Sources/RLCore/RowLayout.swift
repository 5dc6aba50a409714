/// Where each leaf of an observation lies in a lane's row of bytes.
///
/// Rows of all lanes follow each other; a leaf is aligned to its element. Elements are in their
/// stored type (`Element.stored`).
public struct RowLayout: Sendable, Equatable {
  /// One leaf in the row.
  public struct Field: Sendable, Equatable {
    public var leaf: Leaf
    public var offset: Int  // bytes from the start of the row
    public var byteCount: Int
  }

  public let fields: [Field]
  public let rowBytes: Int  // a multiple of every leaf's element size

  public init(_ space: Space) {
    var fields: [Field] = []
    var end = 0
    var alignment = 1
    for leaf in space.leaves {
      let size = leaf.element.stored.byteCount
      let offset = (end + size - 1) / size * size
      let byteCount = size * leaf.elementCount
      fields.append(Field(leaf: leaf, offset: offset, byteCount: byteCount))
      end = offset + byteCount
      alignment = max(alignment, size)
    }
    self.fields = fields
    rowBytes = (end + alignment - 1) / alignment * alignment
  }
}
