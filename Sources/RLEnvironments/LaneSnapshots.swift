internal import CRLEnv
internal import RLCore

/// The snapshots of all lanes, one after the other.
struct LaneSnapshots {
  var sizes: [Int] = []  // [lanes] bytes; 0 for a lane without an episode
  var bytes: [UInt8] = []

  /// Larger ones are taken for a mistake.
  static let largest = 1 << 30

  init() {}

  /// - Throws: `StateError` unless the sizes fit the bytes, and only lanes with an episode have
  ///   some.
  init(_ state: SavedState, episodes: [Int?]) throws(StateError) {
    sizes = try state.numbers("snapshot_sizes", count: episodes.count, through: Self.largest)
    bytes = try state.bytes("snapshots", count: sizes.reduce(0, +))
    for lane in sizes.indices where episodes[lane] == nil && sizes[lane] != 0 {
      throw StateError(reason: "lane \(lane) has a snapshot, but no episode")
    }
  }

  func write(to state: inout SavedState) {
    state["snapshot_sizes"] = .words(sizes.map { UInt64($0) })
    state["snapshots"] = .bytes(bytes)
  }
}

/// How a plugin saves and loads the lanes of a block.
extension LaneBlock {
  /// - Throws: `EnvironmentError` naming the lane, the call and what the plugin said.
  func save(to snapshots: inout LaneSnapshots) throws(EnvironmentError) {
    let bound = instance.snapshotSize()
    guard let capacity = Int(exactly: bound), capacity <= LaneSnapshots.largest else {
      throw EnvironmentError(
        environment: place,
        reason: "snapshot_size answers \(bound) bytes; this host takes at most "
          + "\(LaneSnapshots.largest) a lane")
    }
    let buffer = Column<UInt8>(capacity, filledWith: 0)
    for lane in 0..<count {
      guard episodes[lane] >= 0 else {
        snapshots.sizes.append(0)
        continue
      }
      let size = try save(lane, buffer)
      snapshots.sizes.append(size)
      unsafe snapshots.bytes.append(
        contentsOf: UnsafeBufferPointer(start: buffer.pointer, count: size))
    }
  }

  private func save(_ lane: Int, _ buffer: Column<UInt8>) throws(EnvironmentError) -> Int {
    let answer = unsafe instance.save(lane: lane, buffer.pointer, capacity: buffer.count)
    guard answer.status == RLENV_OK else {
      let bound =
        answer.status == RLENV_E_BUFFER
        ? "; snapshot_size promised that \(buffer.count) bytes suffice" : ""
      throw refusal(lane, "save failed: \(instance.errorText(answer.status))\(bound)")
    }
    guard let size = Int(exactly: answer.bytes), size <= buffer.count else {
      throw refusal(
        lane,
        answer.bytes == .max
          ? "save answered RLENV_OK but did not set *bytes: set it"
          : "save says that it wrote \(answer.bytes) bytes; snapshot_size promised "
            + "\(buffer.count) at most: correct one of the two")
    }
    return size
  }

  /// Loads the lanes' snapshots, of which the block's first begins at `start`.
  func load(_ snapshots: LaneSnapshots, from start: Int) {
    var place = start
    let sizes = snapshots.sizes[first..<first + count]
    let buffer = Column<UInt8>(sizes.max() ?? 0, filledWith: 0)
    for (lane, size) in sizes.enumerated() {
      guard episodes[lane] >= 0 else { continue }
      unsafe snapshots.bytes.withUnsafeBytes { bytes in
        guard size > 0 else { return }
        unsafe UnsafeMutableRawPointer(buffer.pointer).copyMemory(
          from: bytes.baseAddress! + place, byteCount: size)
      }
      place += size
      let status = unsafe instance.load(lane: lane, buffer.pointer, bytes: size)
      guard status == RLENV_OK else {
        failure = refusal(
          lane,
          "load refused the lane's snapshot: \(instance.errorText(status)). Resume with the plugin "
            + "and the options with which the snapshot was made")
        return
      }
    }
  }

  /// What became of a lane between two steps.
  func refusal(_ lane: Int, _ reason: String) -> EnvironmentError {
    EnvironmentError(
      environment: place,
      reason: "lane \(first + lane), episode \(episodes[lane]), seed \(seeds[lane]), after step "
        + "\(length(lane: lane)): \(reason)")
  }
}
