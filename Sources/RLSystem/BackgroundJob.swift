import Glibc
import Synchronization

/// Work on a thread of its own, with a result.
public final class BackgroundJob<Result: Sendable>: Sendable {
  private let result = Mutex<Result?>(nil)
  private let thread = Mutex<pthread_t?>(nil)

  /// Starts `body`; where the system gives no thread it is done before this returns.
  ///
  /// The thread takes no signal that another thread can take, so that waiting calls of the program's
  /// own threads are interrupted as if it were not there.
  public init(_ body: @escaping @Sendable () -> Result) {
    let entry = Entry { [self] in
      let value = body()
      result.withLock { $0 = value }
    }
    let started = Self.start(entry)
    if started == nil { entry.body() }
    thread.withLock { $0 = started }
  }

  /// Whether the result is there.
  public var isFinished: Bool { result.withLock { $0 != nil } }

  /// The result, as soon as it is there.
  public func wait() -> Result {
    thread.withLock { running in
      if let number = running { pthread_join(number, nil) }
      running = nil
    }
    guard let value = result.withLock({ $0 }) else {
      preconditionFailure("the job ended without a result")
    }
    return value
  }

  deinit {
    thread.withLock { if let number = $0 { pthread_detach(number) } }
  }

  private static func start(_ entry: Entry) -> pthread_t? {
    var number = pthread_t()
    var previous = sigset_t()
    var blocked = asynchronousSignals()
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    let retained = unsafe Unmanaged.passRetained(entry)
    let status = unsafe pthread_create(
      &number, nil,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<Entry>.fromOpaque(context).takeRetainedValue().body()
        }
        return nil
      }, retained.toOpaque())
    guard status == 0 else {
      unsafe retained.release()
      return nil
    }
    return number
  }

  /// All signals but those that a thread's own mistakes raise.
  private static func asynchronousSignals() -> sigset_t {
    var signals = sigset_t()
    unsafe sigfillset(&signals)
    for own in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] {
      unsafe sigdelset(&signals, own)
    }
    return signals
  }
}

/// What a thread is given.
private final class Entry: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
