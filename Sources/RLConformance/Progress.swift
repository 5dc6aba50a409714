internal import Glibc

/// What the plugin was last asked to do, in memory that outlives the process.
@safe final class Progress {
  enum Call: UInt64 {
    case none = 0
    case loading, find, create, describe, reset, step, snapshotSize, save, load, reseed, render
    case destroy, deinitialise, exit

    var text: String {
      switch self {
      case .none: "between two calls"
      case .loading: "while it was loaded (its constructors, or init)"
      case .find: "in find"
      case .create: "in create"
      case .describe: "in describe"
      case .reset: "in reset"
      case .step: "in step"
      case .snapshotSize: "in snapshot_size"
      case .save: "in save"
      case .load: "in load"
      case .reseed: "in reseed"
      case .render: "in render"
      case .destroy: "in destroy"
      case .deinitialise: "in deinit"
      case .exit: "when the process ended (its destructors, atexit, or a thread of its own)"
      }
    }

    /// The function of the ABI, for reports.
    var name: String? {
      switch self {
      case .none, .loading, .exit: nil
      case .snapshotSize: "snapshot_size"
      case .deinitialise: "deinit"
      default: "\(self)"
      }
    }
  }

  static let byteCount = 4096
  private let words: UnsafeMutablePointer<UInt64>

  /// The record in the shared memory behind `descriptor`; without one, in memory of this process.
  init(descriptor: Int32? = nil) {
    let flags = descriptor == nil ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
    let memory = unsafe mmap(
      nil, Self.byteCount, PROT_READ | PROT_WRITE, flags, descriptor ?? -1, 0)
    precondition(unsafe memory != MAP_FAILED, "no memory for a record of 4 KiB")
    unsafe words = memory!.bindMemory(to: UInt64.self, capacity: Self.byteCount / 8)
  }

  deinit { unsafe munmap(words, Self.byteCount) }

  /// Notes that a call begins.
  @inline(__always)
  func enter(_ call: Call, lane: Int = -1, lanes: Int = 0, step: Int = -1, seed: UInt64 = 0) {
    unsafe words[1] = UInt64(bitPattern: Int64(lane))
    unsafe words[2] = UInt64(lanes)
    unsafe words[3] = UInt64(bitPattern: Int64(step))
    unsafe words[4] = seed
    unsafe words[5] &+= 1
    unsafe words[0] = call.rawValue
  }

  /// The case that the fuzzer plays.
  var fuzzCase: UInt64 {
    get { unsafe words[6] }
    set { unsafe words[6] = newValue }
  }

  @inline(__always)
  func leave() { unsafe words[0] = 0 }

  var call: Call { Call(rawValue: unsafe words[0]) ?? .none }

  /// The place of the last call.
  var place: Place {
    var place = Place(call: call.name)
    let lane = Int(Int64(bitPattern: unsafe words[1]))
    guard lane >= 0 else { return place }
    place.lane = lane
    let step = Int(Int64(bitPattern: unsafe words[3]))
    if step >= 0 {
      place.step = step
      place.seed = unsafe words[4]
    }
    return place
  }

  /// The last call for people: where, and in which of all calls.
  var text: String {
    let lanes = unsafe words[2]
    let several = lanes > 1 ? " of \(lanes) lanes" : ""
    let number = unsafe words[5]
    return call == .none
      ? "\(call.text) of the plugin" : "\(call.text)\(several), call \(number) of the test"
  }
}
