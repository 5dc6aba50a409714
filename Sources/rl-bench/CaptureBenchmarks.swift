import RLAgents
import RLCore
import RLParallel

/// How long training waits for a checkpoint of 1,000,000 transitions.
func measureCapture(_ settings: Settings, _ report: inout Report) throws {
  let cartPole = try CartPole(settings)
  var filled = try FilledAgent(cartPole, rows: 1_000_000)
  for changed in [30_000, 1_000_000] {
    var times: [Double] = []
    for _ in 0..<settings.repetitions {
      filled.record(changed)
      times.append(time { filled.capture() } * 1e3)
    }
    report.add(
      Row(
        "agent/capture", "replay capture, 1M rows, \(changed / 1000)k changed", times, "ms",
        goal: changed < 1_000_000 ? .atMost(5) : nil))
  }
}

/// An agent with a full ring, which records one transition over and over.
private struct FilledAgent: ~Copyable {
  private var agent: DQN
  private let batch: StepBatch
  private var last: StateCapture  // kept, as a checkpoint in progress keeps it

  init(_ cartPole: CartPole, rows: Int) throws {
    var configuration = DQN.Configuration()
    configuration.bufferSize = rows
    configuration.hidden = [256, 256]
    agent = try DQN(
      spec: cartPole.spec, lanes: 1, configuration: configuration, plannedSteps: rows, seed: 1,
      pool: .single)
    batch = StepBatch(cartPole.spec, lanes: 1)
    last = StateCapture(state: SavedState())
    record(rows)
    capture()
  }

  mutating func record(_ count: Int) {
    for _ in 0..<count { agent.observe(batch) }
  }

  mutating func capture() { last = agent.capture() }
}
