import RLSystem
import Synchronization
import Testing

@Suite struct BackgroundJobTests {
  @Test func givesItsResultOnceItIsThere() {
    let gate = Mutex(false)
    let job = BackgroundJob {
      while !gate.withLock({ $0 }) {}
      return 42
    }
    #expect(!job.isFinished)
    gate.withLock { $0 = true }
    #expect(job.wait() == 42)
    #expect(job.isFinished)
    #expect(job.wait() == 42)
  }

  @Test func runsToItsEndWhenNobodyWaits() {
    let ended = Atomic(0)
    for _ in 0..<20 {
      _ = BackgroundJob { ended.add(1, ordering: .relaxed) }
    }
    while ended.load(ordering: .relaxed) < 20 {}
    #expect(ended.load(ordering: .relaxed) == 20)
  }
}
