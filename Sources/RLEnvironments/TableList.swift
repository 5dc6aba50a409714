internal import CRLEnv

/// A plugin's list whose elements may be longer than the host knows them.
@safe struct TableList<Element: BitwiseCopyable> {
  let count: Int
  private let base: UnsafeRawPointer?
  private let stride: Int
  private let empty: Element

  /// Checks what can be checked without reading an element.
  ///
  /// - Parameters:
  ///   - list: the plugin's list.
  ///   - field: its name, for messages.
  ///   - size: bytes of an element in version 1.0; a plugin's element is at least as long.
  ///   - empty: an element of zeros.
  /// - Throws: `TableFault` naming `field`.
  init(
    _ list: rlenv_list, _ field: String, size: UInt32, empty: Element
  ) throws(TableFault) {
    unsafe base = list.data
    count = unsafe Int(list.count)
    stride = unsafe Int(list.stride)
    self.empty = empty
    guard count > 0 else { return }
    guard count <= 65_536 else {
      throw TableFault(
        field, "has a count of \(count), at most 65536 are allowed: the list is damaged")
    }
    guard stride >= Int(size), stride % 8 == 0 else {
      throw TableFault(
        field,
        "has a stride of \(stride) bytes; it must be at least \(size) and a multiple of 8: "
          + "build the list with RLENV_LIST")
    }
    guard let base = unsafe base else {
      throw TableFault(field, "has \(count) elements but its data is NULL")
    }
    guard UInt(bitPattern: base) % 8 == 0 else {
      throw TableFault(field, "its data is not aligned to 8 bytes")
    }
  }

  /// Where the plugin keeps element `index`.
  func address(_ index: Int) -> UnsafeRawPointer {
    precondition(index >= 0 && index < count, "the list has no element \(index)")
    return unsafe base! + index * stride
  }

  /// A copy of element `index`: as much as both sides know, the rest zero.
  subscript(index: Int) -> Element { unsafe readElement(address(index), stride, empty) }
}

/// A copy of an element of `stride` bytes: as much as both sides know, the rest zero.
func readElement<Element: BitwiseCopyable>(
  _ address: UnsafeRawPointer, _ stride: Int, _ empty: Element
) -> Element {
  var element = empty
  unsafe withUnsafeMutableBytes(of: &element) { bytes in
    let known = min(bytes.count, stride)
    unsafe bytes.baseAddress!.copyMemory(from: address, byteCount: known)
  }
  return element
}
