/// Runs work that is shared out among threads only if it takes long enough to pay for that: now and
/// then it is timed.
///
/// Which way it goes changes no result of tasks that are fit for a pool.
public struct MeasuredRun: Sendable {
  /// Handing tasks to another thread and back costs about a tenth of this.
  private static let least = Duration.microseconds(10)
  private static let interval = 256

  private var runs = 0
  private var isShared = true

  public init() {}

  /// Runs `body` with every index in `0..<tasks`.
  public mutating func run(_ tasks: Int, on pool: WorkerPool, _ body: (Int) -> Void) {
    defer { runs = (runs + 1) % Self.interval }
    guard runs == 0, pool.threads > 1 else { return Self.run(tasks, isShared ? pool : nil, body) }
    let start = ContinuousClock.now
    Self.run(tasks, isShared ? pool : nil, body)
    isShared = ContinuousClock.now - start >= Self.least
  }

  private static func run(_ tasks: Int, _ pool: WorkerPool?, _ body: (Int) -> Void) {
    if let pool { return pool.run(tasks, body) }
    for index in 0..<tasks { body(index) }
  }
}
