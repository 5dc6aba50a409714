import CBench

/// An environment stepped by a loop in plain C: what the host's own loop is compared with.
///
/// `@safe`: the pointer is made by the initialiser, used by `run` alone and freed once.
@safe struct PlainLoop: ~Copyable {
  private let loop: OpaquePointer

  init(plugin: String, id: String, lanes: Int) throws {
    var message = [CChar](repeating: 0, count: 256)
    let capacity = message.count
    let opened = unsafe message.withUnsafeMutableBufferPointer { message in
      unsafe cb_loop_open(plugin, id, UInt32(lanes), message.baseAddress, capacity)
    }
    guard let opened = unsafe opened else {
      let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      throw BenchError(reason: "\(plugin): \(text)")
    }
    unsafe loop = unsafe opened
  }

  deinit { unsafe cb_loop_close(loop) }

  /// Steps all lanes `steps` times, and resets those that end.
  ///
  /// - Returns: the episodes that ended.
  mutating func run(_ actions: ActionTable, steps: Int) throws -> Int {
    let episodes = unsafe actions.values.withUnsafeBufferPointer { values in
      unsafe cb_loop_run(loop, values.baseAddress, actions.rows, steps)
    }
    guard episodes >= 0 else { throw BenchError(reason: "the plugin failed in the plain loop") }
    return Int(episodes)
  }
}

/// Runs a program with one argument, its output thrown away.
///
/// - Returns: whether it ended with status 0.
func runs(_ program: String, _ argument: String) -> Bool {
  unsafe cb_run_program(program, argument)
}

/// Runs a command, words with single spaces between them, its output thrown away.
///
/// - Returns: its peak memory in MiB; `nil` when it did not end with status 0.
func peakMemory(of command: String) -> Double? {
  let kibibytes = unsafe cb_peak_memory(command)
  return kibibytes < 0 ? nil : Double(kibibytes) / 1024
}

/// A benchmark that cannot be run; `reason` says what to do.
struct BenchError: Error, CustomStringConvertible {
  var reason: String

  var description: String { reason }
}
