import RLParallel

/// How many threads a command works with.
enum Threads {
  /// More rarely help: a minibatch is cut into few shards.
  static let useful = 4

  /// What the user asked for, or as many as there are cores and use for them.
  static func pool(_ asked: Int?) -> WorkerPool {
    WorkerPool(threads: asked ?? min(WorkerPool.cores, useful))
  }
}
