public import RLParallel

/// Work beside which other work of its type may run: neither writes what the other touches.
public protocol SideTask: Sendable {
  /// Does the work on the threads of `pool`; the bits do not depend on their number.
  mutating func run(_ pool: WorkerPool)
}

/// Runs every task, each on one thread where there are several, and returns when all have ended.
///
/// A task that is alone gets all threads. Nothing is allocated.
public func runSideBySide<Task: SideTask>(_ tasks: inout [Task], pool: WorkerPool) {
  guard tasks.count > 1, pool.threads > 1 else {
    for index in tasks.indices { tasks[index].run(pool) }
    return
  }
  unsafe tasks.withUnsafeMutableBufferPointer { tasks in
    guard let first = tasks.baseAddress else { return }
    let job = unsafe SideJob(type: Task.self, first: UnsafeMutableRawPointer(first))
    pool.run(tasks.count, job)
  }
}

extension SideTask {
  fileprivate static func runTask(_ index: Int, from first: UnsafeMutableRawPointer) {
    unsafe first.assumingMemoryBound(to: Self.self)[index].run(.single)
  }
}

/// The address of tasks of one type.
@safe private struct SideJob: PoolJob {
  let type: any SideTask.Type
  let first: UnsafeMutableRawPointer

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: SideJob.self).pointee.run($1)
  }

  func run(_ index: Int) { unsafe type.runTask(index, from: first) }
}
