internal import CRLEnv
internal import Synchronization

/// A plugin's library in this process. There is one object a library, for ever; its users share it.
///
/// Unchecked: the tables are constant, the rest is behind the lock.
@safe final class LoadedPlugin: @unchecked Sendable {
  let table: rlenv_plugin_v1
  let host: UnsafePointer<rlenv_host>

  private struct State {
    var users = 0
    var occupied: Set<UInt> = []  // single-instance environments that have their instance
  }
  private let state = Mutex(State())
  private let brokenFlag = Atomic(false)

  private static let all = Mutex<[UInt: LoadedPlugin]>([:])

  private init(_ table: rlenv_plugin_v1, id: String, path: String) {
    unsafe self.table = table
    unsafe host = makeHost(plugin: id, path: path)
  }

  /// The library at `symbol`, the same object every time.
  static func at(
    _ symbol: UnsafeRawPointer, _ table: rlenv_plugin_v1, id: String, path: String
  ) -> LoadedPlugin {
    all.withLock { all in
      let key = UInt(bitPattern: symbol)
      if let known = all[key] { return known }
      let loaded = unsafe LoadedPlugin(table, id: id, path: path)
      all[key] = loaded
      return loaded
    }
  }

  /// Calls the plugin's `init` for the first user.
  ///
  /// - Throws: `TableFault` with the plugin's words.
  fileprivate func enter() throws(TableFault) {
    // a closure given to withLock cannot throw a typed error along
    let fault = state.withLock { state -> TableFault? in
      guard !isBroken else { return fatalFault }
      if state.users == 0, let fault = initialise() { return fault }
      state.users += 1
      return nil
    }
    if let fault { throw fault }
  }

  private func initialise() -> TableFault? {
    guard let function = unsafe table.`init` else { return nil }
    let error = CallError()
    let mode = FloatingPointMode.enter()
    let status = unsafe function(host, error.pointer)
    mode.leave()
    if status == RLENV_E_FATAL { markBroken() }
    return status == RLENV_OK ? nil : TableFault("init", error.text(status))
  }

  /// Calls the plugin's `deinit` after the last user.
  fileprivate func leave() {
    state.withLock { state in
      state.users -= 1
      guard state.users == 0, !isBroken, let function = unsafe table.`deinit` else { return }
      let mode = FloatingPointMode.enter()
      function()
      mode.leave()
    }
  }

  /// Whether the library reported `RLENV_E_FATAL`: nothing of it may be called again.
  var isBroken: Bool { brokenFlag.load(ordering: .relaxed) }

  func markBroken() { brokenFlag.store(true, ordering: .relaxed) }

  /// Claims the only instance of an environment; false if there is one already.
  func occupy(_ env: UInt) -> Bool { state.withLock { $0.occupied.insert(env).inserted } }

  func vacate(_ env: UInt) { _ = state.withLock { $0.occupied.remove(env) } }
}

/// Why a broken library is not called.
let fatalFault = TableFault(
  "RLENV_E_FATAL", "the library reported it earlier in this process, so it is not called again")

/// The time between a plugin's `init` and `deinit`, as one of its users sees it.
final class PluginSession: Sendable {
  let plugin: LoadedPlugin
  let path: String

  /// - Throws: `TableFault` if the plugin's `init` fails.
  init(_ plugin: LoadedPlugin, path: String) throws(TableFault) {
    // first: after a failure there is nothing to leave
    try plugin.enter()
    self.plugin = plugin
    self.path = path
  }

  deinit { plugin.leave() }
}
