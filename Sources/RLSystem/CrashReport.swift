import Glibc
import Synchronization

/// A last word when a plugin's code crashes the process: SIGSEGV, SIGBUS, SIGFPE, SIGABRT.
///
/// The process still ends by the signal, with the status and the core dump that it would have had.
public enum CrashReport {
  private static let signals: [(number: Int32, name: String)] = [
    (SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS"), (SIGFPE, "SIGFPE"), (SIGABRT, "SIGABRT"),
  ]

  /// A plugin that a crash can be blamed on.
  public struct Suspect: Sendable {
    fileprivate let texts: UInt  // the address of `signalCount` addresses of texts

    /// From now on a crash names this plugin. Allocates nothing.
    public func accuse() { table.store(texts, ordering: .releasing) }
  }

  /// From now on a crash names the plugin `path` as the most likely cause.
  ///
  /// Whatever handled the signal before, such as a sanitizer or a backtracer, gets it afterwards.
  ///
  /// - Returns: the plugin, to be accused again where there are several.
  @discardableResult
  public static func install(naming path: String) -> Suspect {
    let isFirst = table.load(ordering: .relaxed) == 0
    // never freed: a handler on another thread may be reading it
    let addresses = UnsafeMutablePointer<UInt>.allocate(capacity: signalCount)
    unsafe addresses.initialize(repeating: 0, count: signalCount)
    for (number, name) in signals {
      unsafe addresses[Int(number)] = SignalText.keep(
        "error: the process crashed (\(name)), most likely in the plugin \(path): debug it with "
          + "tools/rlenv-run (plugins/README.md)\n")
    }
    let suspect = Suspect(texts: UInt(bitPattern: addresses))
    suspect.accuse()
    guard isFirst else { return suspect }
    giveHandlersAStack()
    for (number, _) in signals { handle(number) }
    return suspect
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
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_sigaction = report
    action.sa_flags = Int32(SA_ONSTACK) | Int32(SA_SIGINFO)
    unsafe sigaction(number, &action, &former[Int(number)])
  }
}

private let signalCount = 32
/// The address of `signalCount` addresses of texts, by signal; see `SignalText`.
private let table = Atomic<UInt>(0)
/// What was done with each signal before.
nonisolated(unsafe) private let former = unsafe makeFormer()

private func makeFormer() -> UnsafeMutablePointer<sigaction> {
  let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: signalCount)
  unsafe actions.initialize(repeating: sigaction(), count: signalCount)
  return unsafe actions
}

/// The handler: says its word, then leaves the signal to whoever had it before, which by default ends
/// the process.
private func report(
  _ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
  let addresses = unsafe UnsafePointer<UInt>(bitPattern: table.load(ordering: .acquiring))
  if let addresses = unsafe addresses { unsafe SignalText.write(addresses[Int(number)]) }
  unsafe sigaction(number, &former[Int(number)], nil)
  // an instruction at fault is executed again, and then seen by the former handler as it was
  let isFault = unsafe info.map { unsafe $0.pointee.si_code > 0 } ?? false
  if !isFault { raise(number) }
}
