import Glibc
import Synchronization

/// The user's wish to stop: SIGINT (Ctrl-C) or SIGTERM.
///
/// The first signal is only noted, so that the program can end at a clean point; the second ends
/// the process at once with status 128 + its number (130, 143).
public enum StopSignal {
  /// Starts to note signals, and has writes to a closed pipe fail instead of killing the process.
  ///
  /// - Parameter text: what the first signal writes to the standard error at once.
  public static func install(notice text: String? = nil) {
    // a first use outside the handler: it must find both initialised
    first.store(0, ordering: .relaxed)
    count.store(0, ordering: .relaxed)
    notice.store(text.map(SignalText.keep) ?? 0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] { handleSignal(number, note) }
    handleSignal(SIGPIPE, SIG_IGN)
  }

  /// The first signal that came, if any did.
  public static var received: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}

private let first = Atomic<Int32>(0)
private let count = Atomic<Int32>(0)
private let notice = Atomic<UInt>(0)  // see SignalText

/// The handler: atomics, `write` and `_exit` only, which are safe in one.
private func note(_ number: Int32) {
  if count.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
  first.store(number, ordering: .relaxed)
  SignalText.write(notice.load(ordering: .relaxed))
}
