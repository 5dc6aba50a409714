import RLCore
import RLEnvironments
import RLParallel

let environmentBenchmarks = [
  Benchmark("environment/1", { try measureSteps(lanes: 1, $0, &$1) }),
  Benchmark("environment/64", { try measureSteps(lanes: 64, $0, &$1) }),
  Benchmark("environment/1024", { try measureSteps(lanes: 1024, $0, &$1) }),
  Benchmark("environment/threads", measureThreads),
]

/// Random actions drawn beforehand, `[rows, lanes]`, played over and over.
struct ActionTable {
  let lanes: Int
  let rows: Int
  let values: [Int32]

  init(lanes: Int, choices: Int) {
    var random = RandomStream(seed: 1, purpose: "actions")
    self.lanes = lanes
    rows = max(64, 65_536 / lanes)
    values = (0..<rows * lanes).map { _ in Int32(random.index(below: choices)) }
  }

  /// Writes the actions of a step.
  func write(step: Int, to choices: inout [Int32]) {
    let start = step % rows * lanes
    unsafe values.withUnsafeBufferPointer { values in
      unsafe choices.withUnsafeMutableBufferPointer { choices in
        unsafe choices.baseAddress!.update(from: values.baseAddress! + start, count: lanes)
      }
    }
  }
}

/// The host's loop without an agent: actions from a table, then step and advance.
private struct HostLoop: ~Copyable {
  private var environment: VectorEnvironment
  private var batch: StepBatch

  init(_ environment: consuming VectorEnvironment) throws {
    var batch = StepBatch(environment.spec, lanes: environment.lanes)
    try environment.reset(&batch)
    self.environment = environment
    self.batch = batch
  }

  /// Steps all lanes `steps` times.
  ///
  /// - Returns: the episodes that ended.
  mutating func run(_ actions: ActionTable, steps: Int) throws -> Int {
    var episodes = 0
    for step in 0..<steps {
      actions.write(step: step, to: &batch.choices)
      try environment.step(&batch)
      episodes += environment.finishedEpisodes.count
      try environment.advance(&batch)
    }
    return episodes
  }
}

/// Steps a second through the ABI and in plain C, by turns: A B A B.
private func measureSteps(lanes: Int, _ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  let actions = ActionTable(lanes: lanes, choices: 2)
  var host = try HostLoop(cartPole.training(lanes: lanes, seed: 1))
  var plain = try PlainLoop(plugin: cartPole.path, id: CartPole.id, lanes: lanes)
  let steps = (settings.isQuick ? 100_000 : 400_000) / lanes
  _ = try host.run(actions, steps: steps)
  _ = try plain.run(actions, steps: steps)
  var hostRates: [Double] = []
  var plainRates: [Double] = []
  for _ in 0..<settings.repetitions {
    let count = Double(steps * lanes)
    hostRates.append(count / (try time { _ = try host.run(actions, steps: steps) }))
    plainRates.append(count / (try time { _ = try plain.run(actions, steps: steps) }))
  }
  let group = "environment/\(lanes)"
  let title = counted(lanes, "lane")
  report.add(Row(group, "\(title), host", hostRates.map { $0 * 1e-6 }, "M steps/s"))
  report.add(Row(group, "\(title), plain C", plainRates.map { $0 * 1e-6 }, "M steps/s"))
  report.add(
    Row(
      group, "\(title), host over plain C", zip(hostRates, plainRates).map { 100 * $0 / $1 }, "%",
      goal: lanes == 1024 ? .atLeast(80) : nil))
}

/// Two instances on two threads against one on one, by turns.
private func measureThreads(_ settings: Settings, _ report: inout Report) throws {
  guard settings.threads.contains(2) else {
    return report.skip("environment/threads", because: "two threads were not asked for, or no core")
  }
  let lanes = 1024
  let cartPole = try CartPole(settings)
  let actions = ActionTable(lanes: lanes, choices: 2)
  var one = try HostLoop(cartPole.training(lanes: lanes, seed: 1))
  var two = try HostLoop(
    cartPole.training(lanes: lanes, instances: 2, seed: 1, pool: WorkerPool(threads: 2)))
  let steps = (settings.isQuick ? 100_000 : 400_000) / lanes
  var rates: [Double] = []
  var ratios: [Double] = []
  for _ in 0..<settings.repetitions {
    let alone = try time { _ = try one.run(actions, steps: steps) }
    let together = try time { _ = try two.run(actions, steps: steps) }
    rates.append(Double(steps * lanes) / together * 1e-6)
    ratios.append(alone / together)
  }
  report.add(
    Row("environment/threads", "\(lanes) lanes, 2 instances, 2 threads", rates, "M steps/s"))
  report.add(Row("environment/threads", "2 instances, 2 threads over 1 and 1", ratios, "x"))
}
