internal import RLCore

/// How a lane's answer to one call is written down.
struct RecordLayout: Equatable {
  struct Field: Equatable {
    var title: String
    var leaf: String?
    var element: Element
    var offset: Int
    var count: Int
  }

  static let headBytes = 13  // call (1), step (4), seed (8)
  var fields: [Field] = []
  var byteCount = RecordLayout.headBytes

  init(_ spec: EnvironmentSpec) {
    for leaf in spec.observation.leaves {
      add(leaf.title, leaf: leaf.name, leaf.element, leaf.elementCount)
    }
    add("the reward", leaf: nil, .f64, 1)
    add("the flags", leaf: nil, .u8, 1)
    add("the mask", leaf: nil, .u8, spec.action.maskLength)
    add("the metrics", leaf: nil, .f64, spec.metrics.count)
  }

  private mutating func add(_ title: String, leaf: String?, _ element: Element, _ count: Int) {
    fields.append(
      Field(title: title, leaf: leaf, element: element, offset: byteCount, count: count))
    byteCount += count * element.byteCount
  }
}

/// What one stream of episodes was answered, call by call.
struct Trace: Equatable {
  let layout: RecordLayout
  var bytes: [UInt8] = []

  init(_ layout: RecordLayout) { self.layout = layout }

  var recordCount: Int { bytes.count / layout.byteCount }

  /// Writes down what the call left in the lane's rows.
  mutating func append(_ event: Event, _ arena: Arena) {
    bytes.append(event.isReset ? 0 : 1)
    append(UInt32(event.step), 4)
    append(event.seed, 8)
    let isFault = event.flags & 4 != 0
    for rows in arena.observations { append(rows, event.lane, isBlank: isFault) }
    append(arena.rewards, event.lane, isBlank: event.isReset || isFault)
    append(arena.flags, event.lane, isBlank: false)
    let isTerminated = event.flags & 1 != 0
    if let masks = arena.masks { append(masks, event.lane, isBlank: isTerminated || isFault) }
    if let metrics = arena.metrics { append(metrics, event.lane, isBlank: isFault) }
  }

  private mutating func append(_ value: some FixedWidthInteger, _ count: Int) {
    for k in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * k))) }
  }

  private mutating func append(_ rows: Rows, _ lane: Int, isBlank: Bool) {
    if isBlank {
      bytes.append(contentsOf: repeatElement(0, count: rows.rowBytes))
    } else {
      unsafe bytes.append(
        contentsOf: UnsafeRawBufferPointer(start: rows.row(lane), count: rows.rowBytes))
    }
  }

  /// A hash (FNV-1a) of everything up to each record, for comparisons between processes.
  var prefixHashes: [String] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    return stride(from: 0, to: bytes.count, by: layout.byteCount).map { start in
      for byte in bytes[start..<start + layout.byteCount] {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
      }
      return String(hash, radix: 16)
    }
  }

  /// When a record was written down.
  func place(record: Int) -> Place { place(record * layout.byteCount) }

  /// The first value in which `other` differs: what the value is in each, and where.
  func firstDifference(_ other: Trace) -> (place: Place, mine: String, others: String)? {
    guard let at = zip(bytes.indices, zip(bytes, other.bytes)).first(where: { $1.0 != $1.1 })?.0
    else {
      guard bytes.count != other.bytes.count else { return nil }
      return (Place(), "\(recordCount) calls", "\(other.recordCount) calls")
    }
    let start = at / layout.byteCount * layout.byteCount
    var place = self.place(start)
    guard let field = layout.fields.last(where: { start + $0.offset <= at }),
      at - start >= RecordLayout.headBytes
    else { return (place, "another call", "another call") }
    let element = (at - start - field.offset) / field.element.byteCount
    place.leaf = field.leaf ?? field.title
    if field.count > 1 { place.index = element }
    return (place, text(start, field, element), other.text(start, field, element))
  }

  private func place(_ start: Int) -> Place {
    let isReset = bytes[start] == 0
    let step = (1...4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * ($1 - 1)) }
    let seed = (5...12).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * ($1 - 5)) }
    return Place(call: isReset ? "reset" : "step", step: step, seed: seed)
  }

  private func text(_ start: Int, _ field: RecordLayout.Field, _ element: Int) -> String {
    unsafe bytes.withUnsafeBytes { bytes in
      let offset = start + field.offset + element * field.element.byteCount
      return unsafe field.element.text(field.element.read(bytes.baseAddress! + offset))
    }
  }
}
