import RLAgents
import RLCore
import RLParallel

/// How long training waits for a checkpoint of 1,000,000 transitions.
func measureCapture(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  var plain = try FilledAgent(cartPole, rows: 1_000_000, prioritized: false)
  for changed in [30_000, 1_000_000] {
    let times = captures(settings) {
      plain.record(changed)
      return time { plain.capture() }
    }
    report.add(
      Row(
        "agent/capture", "replay capture, 1M rows, \(changed / 1000)k changed", times, "ms",
        goal: changed < 1_000_000 ? .atMost(5) : nil))
  }
  var prioritized = try FilledAgent(cartPole, rows: 1_000_000, prioritized: true)
  let times = try captures(settings) {
    prioritized.record(30_000)
    try prioritized.learn()
    return time { prioritized.capture() }
  }
  report.add(
    Row(
      "agent/capture", "the same with 30k rows and 45k priorities changed", times, "ms",
      goal: .atMost(5)))
}

/// Milliseconds, from `body`'s seconds.
private func captures(_ settings: Settings, _ body: () throws -> Double) rethrows -> [Double] {
  try (0..<settings.repetitions).map { _ in try body() * 1e3 }
}

/// An agent with a full ring, which records one transition over and over.
private struct FilledAgent {
  private var agent: DQN
  private let batch: StepBatch
  private var last: StateCapture  // kept, as a checkpoint in progress keeps it

  init(_ cartPole: CartPole, rows: Int, prioritized: Bool) throws {
    var configuration = DQN.Configuration()
    configuration.bufferSize = rows
    configuration.hidden = [256, 256]
    configuration.prioritized = prioritized
    configuration.learningStarts = rows
    configuration.trainFrequency = 30_000
    configuration.gradientSteps = 700
    agent = try DQN(
      spec: cartPole.spec, lanes: 1, configuration: configuration, plannedSteps: rows, seed: 1,
      pool: .single)
    batch = StepBatch(cartPole.spec, lanes: 1)
    last = StateCapture(state: SavedState())
    record(rows)
    _ = try agent.learn()
    capture()
  }

  mutating func record(_ count: Int) {
    for _ in 0..<count { agent.observe(batch) }
  }

  mutating func learn() throws { _ = try agent.learn() }

  mutating func capture() { last = agent.capture() }
}
