/// Rows for people and programs.
extension Comparison {
  /// The observation's elements, leaf by leaf.
  public func observation(_ row: [UInt8]) -> [(leaf: String, numbers: [Number])] {
    Self.numbers(row, declaration.observation)
  }

  /// The action's elements, leaf by leaf.
  public func action(_ row: [UInt8]) -> [(leaf: String, numbers: [Number])] {
    Self.numbers(row, declaration.action)
  }

  private static func numbers(
    _ row: [UInt8], _ leaves: [DeclaredLeaf]
  ) -> [(leaf: String, numbers: [Number])] {
    var offset = 0
    return leaves.map { leaf in
      defer { offset += leaf.rowBytes }
      return (leaf.name, Number.all(row, leaf, from: offset))
    }
  }

  /// Bytes as hexadecimal digits.
  public static func hex(_ bytes: some Sequence<UInt8>) -> String {
    BitText.text(Array(bytes)[...], size: 1)
  }
}
