import RLParallel
import Synchronization
import Testing

/// Every task runs once, whatever the number of threads, tasks and cores.
@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3, 8]) func everyTaskRunsOnce(_ threads: Int) {
    let pool = WorkerPool(oversubscribing: threads)
    #expect(pool.threads == threads)
    let counts = Counters()
    for tasks in Array(0...40) + [1000] {
      pool.run(tasks) { counts.add(at: $0) }
      #expect(counts.take(tasks).allSatisfy { $0 == 1 }, "\(tasks) tasks")
      #expect(counts.take(Counters.size).allSatisfy { $0 == 0 }, "\(tasks) tasks")
    }
  }

  @Test func runsOfAnyLengthAreDone() {
    for tasks in [65_534, 65_535, 65_536, 200_000] {
      let total = Atomic(0)
      WorkerPool(oversubscribing: 3).run(tasks) { total.add($0 + 1, ordering: .relaxed) }
      #expect(total.load(ordering: .relaxed) == tasks * (tasks + 1) / 2)
    }
  }

  @Test func shortRunsInARowLoseNothing() {
    for threads in [2, 5] {
      let pool = WorkerPool(oversubscribing: threads)
      let total = Atomic(0)
      for round in 0..<20_000 {
        pool.run(1 + round % 7) { total.add($0 + 1, ordering: .relaxed) }
      }
      let expected = (0..<20_000).reduce(0) { $0 + (1 + $1 % 7) * (2 + $1 % 7) / 2 }
      #expect(total.load(ordering: .relaxed) == expected)
    }
  }

  @Test func aRunInsideATaskIsDone() {
    let pool = WorkerPool(oversubscribing: 3)
    let total = Atomic(0)
    pool.run(10) { _ in pool.run(10) { _ in total.add(1, ordering: .relaxed) } }
    #expect(total.load(ordering: .relaxed) == 100)
  }

  @Test func runsFromSeveralThreadsAreDone() async {
    let pool = WorkerPool(oversubscribing: 3)
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let total = Atomic(0)
          for _ in 0..<500 { pool.run(8) { _ in total.add(1, ordering: .relaxed) } }
          return total.load(ordering: .relaxed)
        }
      }
      for await total in group { #expect(total == 4000) }
    }
  }

  @Test func whatTasksWroteIsSeenByTheCaller() {
    let pool = WorkerPool(oversubscribing: 4)
    let counts = Counters()
    for round in 1...2000 {
      pool.run(16) { counts.add(at: $0) }
      #expect(counts.value(at: round % 16) == round)
    }
  }

  @Test func poolsComeAndGo() {
    for _ in 0..<200 {
      let pool = WorkerPool(oversubscribing: 4)
      pool.run(3) { _ in }
    }
  }

  @Test func aPoolHasNoMoreThreadsThanCores() {
    #expect(WorkerPool(threads: 1000).threads == WorkerPool.cores)
    #expect(WorkerPool.single.threads == 1)
  }
}

/// Counters that any thread may raise; only `run` orders what is read after it.
private final class Counters: Sendable {
  static let size = 1024
  private let cells = (0..<size).map { _ in Cell() }

  private final class Cell: Sendable { let count = Atomic(0) }

  func add(at index: Int) { cells[index].count.add(1, ordering: .relaxed) }

  func value(at index: Int) -> Int { cells[index].count.load(ordering: .relaxed) }

  func take(_ count: Int) -> [Int] {
    cells[..<count].map { $0.count.exchange(0, ordering: .relaxed) }
  }
}
