internal import Glibc

/// How rows lie in memory.
struct RowLayout: Sendable, Equatable {
  enum Edge: Sendable {
    case none
    case pageBehind  // the last row ends where a page that nobody may touch begins
    case pageBefore  // the first row begins where such a page ends
  }

  /// Bytes from an address that is a multiple of 64 to the first row, in elements.
  var offset = 0
  /// Elements between two rows; `nil`: such that every row begins at a multiple of 64.
  var gap: Int?
  var edge = Edge.none
}

/// One row a lane, with canaries between the rows and around them all.
@safe final class Rows {
  let rowBytes: Int
  let stride: Int
  let lanes: Int
  let base: UnsafeMutableRawPointer  // the first row
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
  private let front: Int  // bytes of canary before the first row
  private let back: Int  // and behind the last one
  static let canary: UInt8 = 0xC5
  private static let page = 4096

  /// - Parameters:
  ///   - rowBytes: of one lane.
  ///   - elementBytes: of one element: `offset` and `gap` are counted in it.
  ///   - lanes: how many rows.
  ///   - layout: how they lie.
  ///   - isDense: rows follow each other without a gap, whatever the layout says.
  init(rowBytes: Int, elementBytes: Int, lanes: Int, layout: RowLayout, isDense: Bool = false) {
    self.rowBytes = rowBytes
    self.lanes = lanes
    let roomy = (rowBytes + 127) / 64 * 64
    let gap = layout.gap.map { $0 * elementBytes }
    stride = isDense ? rowBytes : gap.map { rowBytes + $0 } ?? roomy
    let used = lanes > 0 ? (lanes - 1) * stride + rowBytes : 0
    let inner = (used + 512 + Self.page - 1) / Self.page * Self.page
    mappedBytes = inner + 2 * Self.page
    let memory = unsafe mmap(
      nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(unsafe memory != MAP_FAILED, "no memory for \(lanes) rows of \(rowBytes) bytes")
    unsafe mapping = memory!
    switch layout.edge {
    case .none: front = 128 + layout.offset * elementBytes
    case .pageBefore: front = 0
    case .pageBehind: front = inner - used
    }
    back = inner - front - used
    unsafe base = mapping + Self.page + front
    unsafe memset(mapping, Int32(Self.canary), mappedBytes)
    if layout.edge == .pageBefore { unsafe mprotect(mapping, Self.page, PROT_NONE) }
    if layout.edge == .pageBehind {
      unsafe mprotect(mapping + Self.page + inner, Self.page, PROT_NONE)
    }
    fill(0)
  }

  deinit { unsafe munmap(mapping, mappedBytes) }

  func row(_ lane: Int) -> UnsafeMutableRawPointer { unsafe base + lane * stride }

  /// Sets every byte of every row.
  func fill(_ byte: UInt8) {
    for lane in 0..<lanes { fill(lane, with: byte) }
  }

  /// Sets every byte of a row.
  func fill(_ lane: Int, with byte: UInt8) { unsafe memset(row(lane), Int32(byte), rowBytes) }

  /// Makes the rows useless for whoever kept their address.
  func poison() { unsafe memset(mapping + Self.page, 0xEE, mappedBytes - 2 * Self.page) }

  func set(_ lane: Int, _ bytes: [UInt8]) {
    precondition(bytes.count == rowBytes, "\(bytes.count) bytes for a row of \(rowBytes)")
    unsafe bytes.withUnsafeBytes {
      unsafe row(lane).copyMemory(from: $0.baseAddress!, byteCount: rowBytes)
    }
  }

  func bytes(_ lane: Int) -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: row(lane), count: rowBytes))
  }

  /// The bytes of every row.
  var allBytes: [UInt8] { (0..<lanes).flatMap { bytes($0) } }

  /// The first canary that has changed: the lane beside it, and bytes from the row's begin; less than
  /// zero before it, `rowBytes` or more behind it.
  func firstDamage() -> (lane: Int, offset: Int)? {
    for k in 1...max(front, 1) where front > 0 && k <= 256 {
      if unsafe base.load(fromByteOffset: -k, as: UInt8.self) != Self.canary { return (0, -k) }
    }
    for lane in 0..<lanes {
      let end = lane == lanes - 1 ? rowBytes + min(back, 256) : stride
      for k in rowBytes..<max(end, rowBytes) {
        if unsafe row(lane).load(fromByteOffset: k, as: UInt8.self) != Self.canary {
          return (lane, k)
        }
      }
    }
    return nil
  }
}
