internal import CRLEnv
internal import Glibc

/// A lane put aside: the plugin's bytes, and where the host was in the episode.
struct Snapshot {
  var bytes: [UInt8]
  var lane: Player.Lane
  var mask: [UInt8]
}

/// A buffer for snapshots: 16-byte aligned, as the contract promises, with canaries behind it.
@safe final class SnapshotBuffer {
  let pointer: UnsafeMutableRawPointer
  let capacity: Int
  private static let zone = 256

  init(_ capacity: Int) {
    self.capacity = capacity
    unsafe pointer = .allocate(byteCount: capacity + Self.zone, alignment: 16)
    unsafe memset(pointer, Int32(Rows.canary), capacity + Self.zone)
  }

  deinit { unsafe pointer.deallocate() }

  convenience init(_ bytes: [UInt8]) {
    self.init(bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      if let address = source.baseAddress {
        unsafe pointer.copyMemory(from: address, byteCount: bytes.count)
      }
    }
  }

  func bytes(_ count: Int) -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: pointer, count: count))
  }

  /// Bytes that were written behind the buffer.
  var overrun: Int? {
    (0..<Self.zone).last { offset in
      unsafe pointer.load(fromByteOffset: capacity + offset, as: UInt8.self) != Rows.canary
    }.map { $0 + 1 }
  }
}

extension Player {
  /// Saves a lane.
  ///
  /// - Throws: `Finding` if the plugin refuses.
  func save(_ index: Int) throws -> Snapshot {
    let buffer = SnapshotBuffer(instance.snapshotSize())
    var count = 0
    let status = unsafe instance.save(
      index, buffer.pointer, capacity: buffer.capacity, &count)
    guard status == RLENV_OK else {
      throw callFinding("save", status, instance.lastMessage, place(index))
    }
    return Snapshot(
      bytes: buffer.bytes(min(max(count, 0), buffer.capacity)), lane: lanes[index],
      mask: arena.mask(index))
  }

  /// Puts what was saved into a lane, whatever that held.
  ///
  /// - Throws: `Finding` if the plugin refuses.
  func load(_ index: Int, _ snapshot: Snapshot) throws {
    let status = load(index, bytes: snapshot.bytes)
    guard status == RLENV_OK else {
      throw callFinding("load", status, instance.lastMessage, place(index))
    }
    lanes[index] = snapshot.lane
    guard let masks = arena.masks else { return }
    for (k, byte) in snapshot.mask.enumerated() {
      unsafe masks.row(index).storeBytes(of: byte, toByteOffset: k, as: UInt8.self)
    }
  }

  /// Calls load, whatever it answers.
  func load(_ index: Int, bytes: [UInt8]) -> rlenv_status {
    let buffer = SnapshotBuffer(bytes)
    return unsafe instance.load(index, UnsafeRawPointer(buffer.pointer), bytes.count)
  }

  func place(_ index: Int) -> Place {
    Place(lane: index, step: lanes[index].step, seed: lanes[index].seed)
  }
}
