internal import RLCore

/// The actions of every lane's running episode, for plugins without snapshots: from the seed and
/// these an episode can be played again.
///
/// A choice takes one byte where it has at most 256 values, two up to 65,536, else four; a control
/// takes four. So an episode of a million steps with one choice holds a megabyte while it runs; its
/// end forgets it.
@safe final class ActionJournal {
  let rowBytes: Int
  private let space: ActionSpace
  private let widths: [Int]  // [D] bytes of each choice
  private let isByte: Bool  // a row is one choice of one byte
  private let memory: Column<UnsafeMutableRawPointer?>  // [lanes]
  private let capacities: Column<Int>  // [lanes] rows

  /// What a lane keeps at the end of its episode.
  private static let keptBytes = 1 << 16

  init(_ space: ActionSpace, lanes: Int) {
    self.space = space
    widths = space.choices.map { $0.count <= 1 << 8 ? 1 : $0.count <= 1 << 16 ? 2 : 4 }
    rowBytes = widths.reduce(0, +) + 4 * space.controlCount
    isByte = widths == [1] && space.controlCount == 0
    unsafe memory = Column(lanes, filledWith: nil)
    capacities = Column(lanes, filledWith: 0)
  }

  deinit { for lane in 0..<capacities.count { release(lane) } }

  /// Adds the actions of the listed lanes, whose episodes began at `starts` and are at `clock`.
  func record(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ controls: UnsafePointer<Float>,
    clock: Int, starts: Column<Int>
  ) {
    let (starts, capacities) = unsafe (starts.pointer, capacities.pointer)
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      let length = unsafe clock - starts[lane]
      if unsafe length == capacities[lane] { grow(lane) }
      let row = unsafe memory.pointer[lane].unsafelyUnwrapped + length * rowBytes
      if isByte {
        unsafe row.storeBytes(of: UInt8(truncatingIfNeeded: choices[lane]), as: UInt8.self)
      } else {
        unsafe encode(
          choices + lane * widths.count, controls + lane * space.controlCount, row)
      }
    }
  }

  private func encode(
    _ choices: UnsafePointer<Int32>, _ controls: UnsafePointer<Float>,
    _ row: UnsafeMutableRawPointer
  ) {
    var place = unsafe row
    for (k, width) in widths.enumerated() {
      let word = unsafe UInt32(bitPattern: choices[k]).littleEndian
      unsafe withUnsafeBytes(of: word) { bytes in
        unsafe place.copyMemory(from: bytes.baseAddress!, byteCount: width)
      }
      unsafe place += width
    }
    for k in 0..<space.controlCount {
      unsafe place.storeBytes(of: controls[k].bitPattern.littleEndian, as: UInt32.self)
      unsafe place += 4
    }
  }

  /// Writes the action of a lane's step to where the agent would.
  func decode(
    lane: Int, step: Int, _ choices: UnsafeMutablePointer<Int32>,
    _ controls: UnsafeMutablePointer<Float>
  ) {
    precondition(step >= 0 && step < capacities[lane], "the journal has no step \(step)")
    var place = unsafe UnsafeRawPointer(memory.pointer[lane].unsafelyUnwrapped) + step * rowBytes
    for (k, width) in widths.enumerated() {
      unsafe choices[k] = Int32(truncatingIfNeeded: loadWord(place, width))
      unsafe place += width
    }
    for k in 0..<space.controlCount {
      unsafe controls[k] = Float(bitPattern: loadWord(place, 4))
      unsafe place += 4
    }
  }

  private func loadWord(_ place: UnsafeRawPointer, _ width: Int) -> UInt32 {
    (0..<width).reduce(0) {
      $0 | UInt32(unsafe place.load(fromByteOffset: $1, as: UInt8.self)) << UInt32(8 * $1)
    }
  }

  /// Doubles a lane's memory.
  private func grow(_ lane: Int) {
    reserve(max(256 / rowBytes, 8, 2 * capacities[lane]), lane: lane)
  }

  private func reserve(_ rows: Int, lane: Int) {
    let old = unsafe memory.pointer[lane]
    let grown = UnsafeMutableRawPointer.allocate(byteCount: rows * rowBytes, alignment: 16)
    if let old = unsafe old {
      unsafe grown.copyMemory(from: old, byteCount: capacities[lane] * rowBytes)
      unsafe old.deallocate()
    }
    unsafe memory.pointer[lane] = grown
    capacities[lane] = rows
  }

  /// Lets go of what a long episode took.
  func forget(lane: Int) {
    if capacities[lane] * rowBytes > Self.keptBytes { release(lane) }
  }

  private func release(_ lane: Int) {
    unsafe memory.pointer[lane]?.deallocate()
    unsafe memory.pointer[lane] = nil
    capacities[lane] = 0
  }

  /// Appends the first `length` rows of a lane.
  func append(lane: Int, length: Int, to bytes: inout [UInt8]) {
    guard length > 0, let place = unsafe memory.pointer[lane] else { return }
    unsafe bytes.append(
      contentsOf: UnsafeRawBufferPointer(start: place, count: length * rowBytes))
  }

  /// Takes a lane's rows from what `append` wrote.
  func adopt(lane: Int, _ rows: ArraySlice<UInt8>) {
    release(lane)
    guard !rows.isEmpty else { return }
    reserve(rows.count / rowBytes, lane: lane)
    unsafe rows.withUnsafeBytes { bytes in
      unsafe memory.pointer[lane].unsafelyUnwrapped.copyMemory(
        from: bytes.baseAddress!, byteCount: bytes.count)
    }
  }
}

extension ActionSpace {
  /// Whether every row of a journal is an action of this space.
  func holds(journal rows: [UInt8]) -> Bool {
    var place = 0
    func word(_ width: Int) -> UInt32 {
      defer { place += width }
      return (0..<width).reduce(0) { $0 | UInt32(rows[place + $1]) << UInt32(8 * $1) }
    }
    while place < rows.count {
      for choice in choices {
        let width = choice.count <= 1 << 8 ? 1 : choice.count <= 1 << 16 ? 2 : 4
        if Int(word(width)) >= choice.count { return false }
      }
      for _ in 0..<controlCount where Float(bitPattern: word(4)).isNaN { return false }
    }
    return true
  }
}
