import CFuzz
import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Nothing in a head allocates after the first call.
@Suite struct PolicyHeadAllocationTests {
  @Test func theMeterSeesAnArray() {
    let before = allocation_meter_thread_blocks()
    let array = (0..<1000).map { $0 * $0 }
    #expect(array.reduce(0, +) > 0)
    #expect(allocation_meter_thread_blocks() > before)
  }

  @Test(arguments: HeadCase.all) func laterCallsDoNotAllocate(_ head: HeadCase) throws {
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 2)] {
      var work = Work(try head.problem(rows: 600), pool)
      work.run()
      let before = allocation_meter_thread_blocks()
      for _ in 0..<3 { work.run() }
      #expect(allocation_meter_thread_blocks() == before, "\(pool.threads) threads")
    }
  }
}

/// Every pass of a head, over arrays that stay.
private struct Work {
  var problem: HeadProblem
  let pool: WorkerPool
  let slopes: HeadSlopes
  var noise: SDENoise
  var lanes: [RandomStream]
  var outputGradient: [Float]
  var freeGradient: [Float]
  var controls: [Float]

  init(_ problem: HeadProblem, _ pool: WorkerPool) {
    self.problem = problem
    self.pool = pool
    slopes = HeadProblem.slopes(rows: problem.rows)
    noise = problem.head.makeNoise(lanes: problem.rows)
    lanes = problem.random
    outputGradient = problem.outputs
    freeGradient = problem.free
    controls = problem.actions.controls
  }

  mutating func run() {
    if problem.head.distribution == .gsde && problem.head.freeCount > 0 {
      problem.head.resetNoise(
        &noise, free: problem.free, random: &lanes, scratch: &problem.actions, pool: pool)
      problem.sample(noise: noise, pool: pool)
    }
    problem.sample(pool: pool)
    problem.evaluate(pool: pool)
    problem.head.backward(
      outputs: problem.outputs, stride: problem.stride, latent: problem.latent,
      free: problem.free, rows: problem.rows, actions: &problem.actions, slopes: slopes,
      outputGradient: &outputGradient, freeGradient: &freeGradient, pool: pool)
    problem.head.mode(
      outputs: problem.outputs, stride: problem.stride, rows: problem.rows,
      into: &problem.actions)
    problem.head.environmentControls(
      problem.actions.controls, rows: problem.rows, into: &controls)
  }
}
