internal import Glibc

/// Work for a thread, and what it threw.
private final class ThreadWork {
  let body: () throws -> Void
  var failure: (any Error)?

  init(_ body: @escaping () throws -> Void) { self.body = body }

  func run() {
    do { try body() } catch { failure = error }
  }
}

/// Runs each body on a new thread, all at once, and waits for them.
///
/// - Throws: what one of them threw.
func onThreads(_ bodies: [() throws -> Void]) throws {
  let works = bodies.map { ThreadWork($0) }
  var threads: [pthread_t] = []
  for work in works {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(work).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<ThreadWork>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument)
    guard code == 0 else {
      unsafe Unmanaged<ThreadWork>.fromOpaque(argument).release()
      throw NotJudged("no more threads can be made")
    }
    threads.append(thread)
  }
  for thread in threads { pthread_join(thread, nil) }
  for work in works {
    if let failure = work.failure { throw failure }
  }
}
