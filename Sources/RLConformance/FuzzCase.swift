internal import CRLEnv
internal import RLCore
internal import RLEnvironments

/// What a lane was told and what it answered, since its last seeded reset.
private struct History {
  enum Order {
    case reset(seed: UInt64?, options: [String: String]?)
    case step(actions: [[UInt8]])
    case reseed(UInt64)
  }
  var orders: [(order: Order, answer: [UInt8])] = []
  var step = 0
  var seed: UInt64 = 0
  var isOpen = false  // the episode runs
  var wasFaulty = false  // the options in force are unknown
}

/// One case: random legal calls on several lanes of one instance; then every lane is played again,
/// alone, in a new instance.
private final class FuzzCase {
  private let trial: Trial
  private let environment: EnvironmentUnderTest
  private let changes: [String: String]
  private var draws: RandomStream
  private var lanes: [History]
  private var snapshots: [(history: History, bytes: [UInt8], mask: [UInt8])] = []
  private let player: Player  // for its calls; its own plan of episodes is not used

  init(_ trial: Trial, _ number: UInt64) throws {
    self.trial = trial
    environment = try trial.environment()
    var draws = RandomStream(seed: number, purpose: "fuzz")
    changes = try Self.randomOptions(environment, &draws)
    let count = try trial.width(1 + draws.index(below: 8))
    lanes = Array(repeating: History(), count: count)
    player = Player(
      try Instance(environment, lanes: count, changes: changes), streams: Array(0..<count),
      seed: number)
    self.draws = draws
  }

  /// Values at the edges for some options, if create takes them together.
  private static func randomOptions(
    _ environment: EnvironmentUnderTest, _ draws: inout RandomStream
  ) throws -> [String: String] {
    var changes: [String: String] = [:]
    for option in environment.description.options where draws.index(below: 3) == 0 {
      let texts = extremes(option)
      if !texts.isEmpty { changes[option.key] = texts[draws.index(below: texts.count)] }
    }
    let error = unsafe makeError()
    defer { unsafe error.deallocate() }
    let values = try environment.values(changes)
    let (status, handle) = unsafe Instance.create(environment, values, lanes: 1, error)
    if let handle = unsafe handle, status == RLENV_OK { unsafe environment.table.destroy(handle) }
    return status == RLENV_OK ? changes : [:]
  }

  func play(calls: Int) throws {
    for _ in 0..<calls {
      switch draws.index(below: 20) {
      case 0...2: try reset(some { _ in true })
      case 3: try save()
      case 4: try load()
      case 5: try reseed()
      default: try step(some { self.lanes[$0].isOpen })
      }
    }
    player.instance.destroy()
    if environment.isNondeterministic { return }
    for lane in lanes.indices { try replay(lane) }
  }

  /// A random part of the lanes that may be called.
  private func some(_ isLegal: (Int) -> Bool) -> [Int] {
    let legal = lanes.indices.filter(isLegal)
    let part = legal.filter { _ in draws.index(below: 3) > 0 }
    return part.isEmpty ? legal : part
  }

  private func reset(_ listed: [Int]) throws {
    let isSeeded =
      draws.index(below: 5) > 0 || listed.contains { lanes[$0].orders.isEmpty }
    let needsOptions = listed.contains { lanes[$0].wasFaulty }
    let options = needsOptions || draws.index(below: 3) == 0 ? resetOptions() : nil
    if let options { try player.give(options, to: listed, environment, base: changes) }
    player.givesOptions = options != nil
    for lane in listed {
      lanes[lane].seed = isSeeded ? draws.next() : 0
      lanes[lane].step = 0
      // what the options were stays, so a seed alone does not begin a history anew
      if isSeeded && options != nil { lanes[lane].orders = [] }
      lanes[lane].wasFaulty = false
    }
    try call(.reset, listed, isSeeded: isSeeded) { lane in
      .reset(seed: isSeeded ? self.lanes[lane].seed : nil, options: options)
    }
  }

  /// Random values for the options that may change, `nil` if there are none.
  private func resetOptions() -> [String: String]? {
    let free = environment.description.options.filter(\.canChangeAtReset)
    guard !free.isEmpty else { return [:] }
    var values: [String: String] = [:]
    for option in free {
      let texts = extremes(option)
      if !texts.isEmpty { values[option.key] = texts[draws.index(below: texts.count)] }
    }
    return values
  }

  private func step(_ listed: [Int]) throws {
    guard !listed.isEmpty else { return }
    var actions: [Int: [[UInt8]]] = [:]
    for lane in listed {
      player.arena.chooseAction(lane, player.instance.spec.action.space, from: &draws)
      actions[lane] = player.arena.actions.map { $0.bytes(lane) }
      lanes[lane].step += 1
    }
    try call(.step, listed, isSeeded: false) { .step(actions: actions[$0] ?? []) }
  }

  private func call(
    _ call: Progress.Call, _ listed: [Int], isSeeded: Bool, order: (Int) -> History.Order
  ) throws {
    guard !listed.isEmpty else { return }
    let answers = try player.answers(
      call, listed, isSeeded: isSeeded, seeds: listed.map { lanes[$0].seed },
      steps: listed.map { lanes[$0].step })
    for (lane, answer) in zip(listed, answers) {
      lanes[lane].orders.append((order(lane), answer.bytes))
      lanes[lane].isOpen = !answer.isLast
      if answer.isFault { lanes[lane] = History(wasFaulty: true) }
    }
  }

  private func save() throws {
    let usable = lanes.indices.filter { !lanes[$0].orders.isEmpty }
    guard unsafe environment.table.save != nil, !usable.isEmpty else { return }
    let lane = usable[draws.index(below: usable.count)]
    let snapshot = try player.save(lane)
    if snapshots.count == 4 { snapshots.removeFirst() }
    snapshots.append((lanes[lane], snapshot.bytes, snapshot.mask))
  }

  private func load() throws {
    guard !snapshots.isEmpty else { return }
    let lane = draws.index(below: lanes.count)
    let snapshot = snapshots[draws.index(below: snapshots.count)]
    try player.load(
      lane, Snapshot(bytes: snapshot.bytes, lane: player.lanes[lane], mask: snapshot.mask))
    lanes[lane] = snapshot.history
  }

  private func reseed() throws {
    let usable = lanes.indices.filter { !lanes[$0].orders.isEmpty }
    guard unsafe environment.table.reseed != nil, !usable.isEmpty else { return }
    let lane = usable[draws.index(below: usable.count)]
    let seed = draws.next()
    _ = player.instance.reseed(lane, seed)
    lanes[lane].orders.append((.reseed(seed), []))
  }

  /// Plays a lane's history alone and compares every answer.
  private func replay(_ lane: Int) throws {
    guard !lanes[lane].orders.isEmpty else { return }
    let alone = Player(
      try Instance(environment, lanes: 1, changes: changes), streams: [0], seed: 0)
    var (step, seed, isSeeded) = (0, UInt64(0), false)
    for (index, entry) in lanes[lane].orders.enumerated() {
      var call = Progress.Call.step
      switch entry.order {
      case .reseed(let value):
        _ = alone.instance.reseed(0, value)
        continue
      case .reset(let given, let options):
        (call, step, seed) = (.reset, 0, given ?? 0)
        if let options { try alone.give(options, to: [0], environment, base: changes) }
        alone.givesOptions = options != nil
        isSeeded = given != nil
      case .step(let actions):
        step += 1
        for (rows, bytes) in zip(alone.arena.actions, actions) { rows.set(0, bytes) }
      }
      let answer = try alone.answers(
        call, [0], isSeeded: call == .reset && isSeeded, seeds: [seed], steps: [step])[0]
      try compare(entry.answer, answer.bytes, lane, index)
    }
  }

  private func compare(_ usual: [UInt8], _ other: [UInt8], _ lane: Int, _ index: Int) throws {
    let layout = RecordLayout(player.instance.spec)
    var (first, second) = (Trace(layout), Trace(layout))
    (first.bytes, second.bytes) = (usual, other)
    try trial.demandEqual(
      first, second, lane: lane,
      "a lane among others answered its call \(index + 1) otherwise than when it was played alone",
      advice: "the tests of seeds, invariance and snapshots tell which rule is broken")
  }
}

func playFuzzCase(_ trial: Trial, _ number: UInt64) throws {
  try FuzzCase(trial, number).play(calls: 120)
}
