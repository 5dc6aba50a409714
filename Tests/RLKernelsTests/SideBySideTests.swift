import RLKernels
import RLParallel
import Testing

/// Counts its runs, and the threads that it was given.
private struct Counting: SideTask {
  var runs = 0
  var threads = 0
  var values: [Int] = []

  mutating func run(_ pool: WorkerPool) {
    runs += 1
    threads = pool.threads
    values.append(runs)
  }
}

@Suite struct SideBySideTests {
  @Test(arguments: [0, 1, 2, 3, 9], [1, 2, 3])
  func everyTaskRunsOnceEachTime(count: Int, threads: Int) {
    let pool = WorkerPool(oversubscribing: threads)
    var tasks = Array(repeating: Counting(), count: count)
    for _ in 0..<50 { runSideBySide(&tasks, pool: pool) }
    for task in tasks {
      #expect(task.runs == 50)
      #expect(task.values == Array(1...50))
      #expect(task.threads == (count > 1 ? 1 : threads))
    }
  }
}
