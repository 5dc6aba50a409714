import RLCore
import Synchronization

/// What was called, in order.
final class Journal: Sendable {
  private let events = Mutex<[String]>([])

  func note(_ event: String) { events.withLock { $0.append(event) } }

  var all: [String] { events.withLock { $0 } }
}

/// Chooses by the observation and one weight; samples uniformly when not deterministic.
struct ToyPolicy: Policy {
  var weight: Float
  private var scratch: [Float] = []  // changed by acting, as a network's buffers are

  init(weight: Float) { self.weight = weight }

  mutating func act(_ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]) {
    for lane in 0..<step.lanes {
      let fraction = number(0, lane: lane, in: step.observations)
      scratch = [fraction * 100 + number(1, lane: lane, in: step.observations) + weight]
      let greedy = Int(scratch[0]) % 3
      step.choices[lane] = Int32(deterministic ? greedy : random[lane].index(below: 3))
    }
  }

  mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    (0..<count).map { number(0, lane: $0, in: rows) + weight }
  }

  func export() -> PolicyExport {
    let tensor = PolicyExport.Tensor(name: "weight", shape: [1], values: [weight])
    return PolicyExport(algorithm: "toy", tensors: [tensor], attributes: [:])
  }
}

/// Acts at random and learns, every second step of its lanes, a weight that depends on everything
/// it drew and saw.
struct ToyAgent: Agent {
  struct Transition: Equatable {
    var terminated: Bool
    var truncated: Bool
    var steps: Float  // the successor's second number
  }

  var journal: Journal?
  var divergesAtUpdate: Int?
  var playableIterations = 1
  private(set) var seen: [Transition] = []
  private(set) var updates = 0
  private var weight: Float = 0.5
  private var stream: RandomStream
  private var observations = 0
  private var rewards: Float = 0
  private var lossSum: Double = 0

  init(seed: UInt64, journal: Journal? = nil) {
    stream = RandomStream(seed: seed, purpose: "exploration")
    self.journal = journal
  }

  var policy: ToyPolicy { ToyPolicy(weight: weight) }

  mutating func act(_ step: inout StepBatch) {
    journal?.note("act")
    for lane in 0..<step.lanes { step.choices[lane] = Int32(stream.index(below: 3)) }
  }

  mutating func observe(_ step: borrowing StepBatch) {
    journal?.note("observe")
    observations += 1
    for lane in 0..<step.lanes {
      rewards += step.rewards[lane]
      seen.append(
        Transition(
          terminated: step.terminated[lane], truncated: step.truncated[lane],
          steps: number(1, lane: lane, in: step.nextObservations)))
    }
  }

  mutating func learn() throws(DivergenceError) -> Int {
    journal?.note("learn")
    guard observations % 2 == 0 else { return 0 }
    updates += 1
    if updates == divergesAtUpdate {
      lossSum = .nan
      throw DivergenceError(quantity: "the loss", update: updates)
    }
    weight += (stream.uniform() - 0.5) * rewards
    lossSum += Double(weight * weight)
    return 1
  }

  mutating func takeMetrics() -> Metrics {
    defer { lossSum = 0 }
    return ["train/loss": lossSum]
  }

  func saveState() -> SavedState {
    SavedState(entries: [
      "weight": .floats([weight]), "rewards": .floats([rewards]), "stream": .words(stream.words),
      "counters": .words([UInt64(updates), UInt64(observations)]),
      "lossSum": .words([lossSum.bitPattern]),
    ])
  }

  mutating func restore(_ state: SavedState) throws(StateError) {
    weight = try state.floats("weight", count: 1)[0]
    rewards = try state.floats("rewards", count: 1)[0]
    stream = try RandomStream(words: state.words("stream", count: 4))
    let counters = try state.words("counters", count: 2)
    (updates, observations) = (Int(counters[0]), Int(counters[1]))
    lossSum = Double(bitPattern: try state.words("lossSum", count: 1)[0])
  }
}
