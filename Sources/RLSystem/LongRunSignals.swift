import Glibc
import Synchronization

/// What a process that runs for hours makes of signals that would end it: SIGUSR1 is the wish for a
/// checkpoint, SIGHUP (the terminal is gone) is nothing to it, and a file that reaches the limit of
/// `ulimit -f` is a write that fails (SIGXFSZ).
public enum LongRunSignals {
  /// Starts to note SIGUSR1 and to ignore SIGHUP and SIGXFSZ.
  public static func install() {
    // a first use outside the handler: it must find it initialised
    wishes.store(0, ordering: .relaxed)
    handleSignal(SIGUSR1, noteWish)
    for number in [SIGHUP, SIGXFSZ] { handleSignal(number, SIG_IGN) }
  }

  /// Whether a checkpoint was wished for since the last call.
  public static func takeWish() -> Bool {
    // read first: this is asked between any two steps
    wishes.load(ordering: .relaxed) > 0 && wishes.exchange(0, ordering: .relaxed) > 0
  }
}

private let wishes = Atomic<Int>(0)

/// The handler: an atomic only, which is safe in one.
private func noteWish(_ number: Int32) { wishes.add(1, ordering: .relaxed) }
