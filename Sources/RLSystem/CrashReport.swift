import Glibc
import Synchronization

/// A last word when a plugin's code crashes the process: SIGSEGV, SIGBUS, SIGFPE, SIGABRT.
///
/// The process still ends by the signal, with the status and the core dump that it would have had.
public enum CrashReport {
  private static let signals: [(number: Int32, name: String)] = [
    (SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS"), (SIGFPE, "SIGFPE"), (SIGABRT, "SIGABRT"),
  ]

  /// From now on a crash names the plugin `path` as the most likely cause.
  ///
  /// A signal that something else handles already, such as a sanitizer, is left to it.
  public static func install(naming path: String) {
    let isFirst = table.load(ordering: .relaxed) == 0
    let addresses = UnsafeMutablePointer<UInt>.allocate(capacity: signalCount)
    unsafe addresses.initialize(repeating: 0, count: signalCount)
    for (number, name) in signals {
      unsafe addresses[Int(number)] = SignalText.keep(
        "error: the process crashed (\(name)), most likely in the plugin \(path): debug it with "
          + "tools/rlenv-run (plugins/README.md)\n")
    }
    // what was there before stays: a handler on another thread may be reading it
    table.store(UInt(bitPattern: addresses), ordering: .releasing)
    guard isFirst else { return }
    giveHandlersAStack()
    for (number, _) in signals { handle(number) }
  }

  /// A stack for handlers on this thread, for when its own has overflowed.
  private static func giveHandlersAStack() {
    let bytes = 1 << 16
    var stack = unsafe stack_t()
    unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    unsafe stack.ss_size = bytes
    unsafe sigaltstack(&stack, nil)
  }

  private static func handle(_ number: Int32) {
    var old = sigaction()
    unsafe sigaction(number, nil, &old)
    guard unsafe old.__sigaction_handler.sa_handler == nil else { return }  // SIG_DFL is 0
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = report
    action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_RESETHAND))
    unsafe sigaction(number, &action, nil)
  }
}

private let signalCount = 32
/// The address of `signalCount` addresses of texts, by signal; see `SignalText`.
private let table = Atomic<UInt>(0)

/// The handler: it has been taken away again when it is called, so that the signal raised here ends
/// the process as soon as it returns.
private func report(_ number: Int32) {
  let addresses = unsafe UnsafePointer<UInt>(bitPattern: table.load(ordering: .acquiring))
  if let addresses = unsafe addresses { unsafe SignalText.write(addresses[Int(number)]) }
  raise(number)
}
