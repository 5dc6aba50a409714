private import CParallel

/// A fixed set of threads for work that lasts microseconds.
///
/// Idle threads look for work for some tens of microseconds, then sleep. Which thread runs a task
/// is left to chance: tasks must write to disjoint places, and their results must not depend on
/// the number of threads.
public final class WorkerPool: Sendable {
  /// Threads that take part in a run, the caller's included.
  public let threads: Int

  private let pool: Handle?

  /// A pool of `threads` threads, but never more than there are cores for this process.
  public convenience init(threads: Int) {
    self.init(oversubscribing: min(threads, WorkerPool.cores))
  }

  /// A pool of exactly `threads` threads, even if there are fewer cores. Where the system refuses
  /// that many, the caller works alone.
  package init(oversubscribing threads: Int) {
    precondition(threads >= 1, "a pool needs at least one thread, not \(threads)")
    pool = threads == 1 ? nil : unsafe Handle(cparallel_create(Int32(threads)))
    self.threads = pool == nil ? 1 : threads
  }

  /// The pool in which the caller works alone.
  public static let single = WorkerPool(threads: 1)

  /// Cores that this process may use.
  public static var cores: Int { Int(cparallel_cores()) }

  /// Runs `body` with every index in `0..<tasks`, on any of the threads, and returns when all
  /// have ended.
  ///
  /// A run that begins while another is in progress on this pool is done by its caller alone.
  public func run(_ tasks: Int, _ body: (Int) -> Void) {
    guard let pool, tasks > 1 else {
      for index in 0..<max(tasks, 0) { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var job = ClosureJob(body: body)
      unsafe withUnsafeMutablePointer(to: &job) { job in
        unsafe cparallel_run(
          pool.pointer, tasks,
          { unsafe $0!.assumingMemoryBound(to: ClosureJob.self).pointee.body($1) }, job)
      }
    }
  }

  /// Runs `job.run` as `run(_:_:)` runs its body, but never allocates: a closure costs an
  /// allocation a run where there are several threads.
  package func run<Job: PoolJob>(_ tasks: Int, _ job: Job) {
    guard let pool, tasks > 1 else {
      for index in 0..<max(tasks, 0) { job.run(index) }
      return
    }
    var job = job
    unsafe withUnsafeMutablePointer(to: &job) { job in
      unsafe cparallel_run(pool.pointer, tasks, Job.entry, job)
    }
  }
}

/// Work for a pool: the addresses it goes to, and what is to be done for one index.
package protocol PoolJob {
  /// Does task `index`.
  func run(_ index: Int)

  /// Calls `run` on the job at an address; in each type, because a C function has no generic
  /// parameters.
  static var entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void { get }
}

private struct ClosureJob {
  let body: (Int) -> Void
}

/// Owner of the C pool.
///
/// Unchecked: the pointer never changes, and `cparallel_run` may be called from any thread.
@safe private final class Handle: @unchecked Sendable {
  let pointer: OpaquePointer

  init?(_ pointer: OpaquePointer?) {
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe cparallel_destroy(pointer) }
}
