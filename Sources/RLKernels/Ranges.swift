import RLParallel

/// A flat array cut into ranges of one size: the unit of work of element-wise passes and of
/// reductions, the same for every number of threads.
struct Ranges {
  static let size = 4096

  let total: Int
  private let boundary: Int?

  init(total: Int) {
    self.total = total
    boundary = nil
  }

  /// Ranges for a pass whose results do not depend on the cut: the numbers before and from
  /// `boundary` on where that gives each of two threads the same ones in every pass.
  init(total: Int, boundary: Int?, for pool: WorkerPool) {
    self.total = total
    self.boundary = pool.threads == 2 ? boundary : nil
  }

  var count: Int { boundary == nil ? (total + Self.size - 1) / Self.size : 2 }

  subscript(index: Int) -> Range<Int> {
    if let boundary { return index == 0 ? 0..<boundary : boundary..<total }
    return index * Self.size..<min((index + 1) * Self.size, total)
  }

  /// Runs a job for each range; the caller alone where that is faster than to hand over.
  func run(_ job: some PoolJob, on pool: WorkerPool) {
    if count > 4 || boundary != nil { return pool.run(count, job) }
    for index in 0..<count { job.run(index) }
  }
}

extension PoolJob {
  /// Runs all tasks; a single one without asking the pool.
  func run(_ tasks: Int, on pool: WorkerPool) {
    if tasks == 1 { run(0) } else { pool.run(tasks, self) }
  }
}
