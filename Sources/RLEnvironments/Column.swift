/// A fixed block of memory with one owner, for what a plugin or a hot loop reads through pointers.
@safe final class Column<Element: BitwiseCopyable> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  /// `count` elements, and zero bytes up to a multiple of 8 behind them.
  init(_ count: Int, filledWith element: Element) {
    self.count = count
    let bytes = (count * MemoryLayout<Element>.stride + 15) / 8 * 8
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    unsafe pointer = memory.bindMemory(to: Element.self, capacity: count)
    fill(with: element)
  }

  deinit { unsafe pointer.deallocate() }

  func fill(with element: Element) { unsafe pointer.update(repeating: element, count: count) }

  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "the column has no element \(index)")
      return unsafe pointer[index]
    }
    set {
      precondition(index >= 0 && index < count, "the column has no element \(index)")
      unsafe pointer[index] = newValue
    }
  }
}

/// Lanes of a block in ascending order: the listed ones, or the first `count`.
@unsafe struct LaneList {
  var lanes: UnsafePointer<UInt32>?
  var count: Int

  @inline(__always)
  subscript(position: Int) -> Int {
    if let lanes = unsafe lanes { return unsafe Int(lanes[position]) }
    return position
  }
}
