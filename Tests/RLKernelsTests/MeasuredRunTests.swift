import RLParallel
import Synchronization
import Testing

@Suite struct MeasuredRunTests {
  @Test(arguments: [1, 2, 3], [0, 1, 5])
  func everyTaskIsRunOnceWhicheverWayItGoes(threads: Int, tasks: Int) {
    let pool = WorkerPool(oversubscribing: threads)
    for delay in [0, 20_000] {
      var measured = MeasuredRun()
      let counts = Mutex(Array(repeating: 0, count: tasks))
      for _ in 0..<600 {
        measured.run(tasks, on: pool) { index in
          var work = 0
          for i in 0..<delay { work &+= i &* index }
          counts.withLock { $0[index] += work == -1 ? 2 : 1 }
        }
      }
      #expect(counts.withLock { $0 } == Array(repeating: 600, count: tasks))
    }
  }
}
