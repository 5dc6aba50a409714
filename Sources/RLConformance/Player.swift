internal import CRLEnv
internal import RLCore

/// What a call did to one lane.
struct Event {
  var isReset: Bool
  var lane: Int
  var stream: Int
  var step: Int  // of the episode; 0: its reset
  var seed: UInt64
  var flags: UInt8
  var isLast: Bool  // the episode is over, by the plugin's word or by the limit

  var call: String { isReset ? "reset" : "step" }
  var place: Place { Place(call: call, lane: lane, step: step, seed: seed) }
}

/// Plays episodes in the lanes of one instance. Each lane plays a stream: its seeds and its actions
/// depend on the stream's number alone.
final class Player {
  struct Lane {
    let stream: Int
    var draws: RandomStream
    var seed: UInt64 = 0
    var step = 0
    var steps = 0  // of all episodes
    var needsReset = true
    var wasReset = false
  }

  let instance: Instance
  var arena: Arena
  var lanes: [Lane]
  let limit: Int
  /// Whether resets after a lane's first carry seeds.
  var isSeeded = true
  var isExplicit = false  // whether lanes are listed even where they need not be
  var fill: UInt8?  // of observation rows before each call
  var usesNewArenas = false
  var beforeCall: (() -> Void)?
  var actionEdges = false  // extreme actions only
  /// Sees every lane of every call.
  var observer: ((Event, Arena) throws -> Void)?
  /// Sees the arena before and after every call.
  var afterCall: ((Arena, _ listed: [Int], Progress.Call) throws -> Void)?
  private let spec: EnvironmentSpec
  private var formerArenas: [Arena] = []  // still mapped, for whoever kept their addresses
  fileprivate var faults = 0  // without a good step between them

  init(_ instance: Instance, streams: [Int], seed: UInt64, layout: RowLayout = RowLayout()) {
    self.instance = instance
    spec = instance.spec
    arena = instance.arena(layout)
    limit = spec.maxEpisodeSteps ?? .max
    lanes = streams.map { stream in
      Lane(
        stream: stream,
        draws: RandomStream(seed: seed &+ UInt64(stream), purpose: "conformance"))
    }
  }

  /// Resets the lanes that need it, then steps all, or those in `listed`.
  func tick(_ listed: [Int]? = nil) throws {
    let chosen = listed ?? Array(lanes.indices)
    let ended = chosen.filter { lanes[$0].needsReset }
    if !ended.isEmpty { try reset(ended) }
    try step(chosen.filter { !lanes[$0].needsReset })
  }

  /// Starts an episode in each listed lane.
  func reset(_ listed: [Int]) throws {
    // a lane's first reset has a seed; so has one after a fault
    let isSeeded = isSeeded || listed.contains { !lanes[$0].wasReset }
    for lane in listed {
      lanes[lane].seed = lanes[lane].draws.next()
      lanes[lane].step = 0
      lanes[lane].wasReset = true
    }
    try call(.reset, listed, isSeeded: isSeeded)
  }

  /// Starts an episode with a seed that the caller chooses.
  func reset(_ lane: Int, seed: UInt64?) throws {
    lanes[lane].seed = seed ?? 0
    lanes[lane].step = 0
    lanes[lane].wasReset = true
    try call(.reset, [lane], isSeeded: seed != nil)
  }

  func step(_ listed: [Int]) throws {
    guard !listed.isEmpty else { return }
    moveBuffers()
    for lane in listed { chooseAction(lane) }
    try call(.step, listed, isSeeded: false)
  }

  /// Makes the lanes ready for a step that the caller makes: none has ended, each has its action.
  func prepareStep(_ listed: [Int]) throws {
    let ended = listed.filter { lanes[$0].needsReset }
    if !ended.isEmpty { try reset(ended) }
    for lane in listed { chooseAction(lane) }
    arena.preset(listed)
  }

  /// Notes how a step that the caller made ended.
  func note(_ listed: [Int]) {
    for lane in listed {
      lanes[lane].step += 1
      lanes[lane].needsReset = arena.flag(lane) & 7 != 0 || lanes[lane].step >= limit
    }
  }

  private func moveBuffers() {
    guard usesNewArenas else { return }
    let old = arena
    arena = instance.arena()
    for (new, former) in zip(arena.outputs, old.outputs) {
      for lane in lanes.indices { new.rows.set(lane, former.rows.bytes(lane)) }
    }
    for (_, rows) in old.outputs + old.inputs { rows.poison() }
    formerArenas.append(old)
  }

  private func chooseAction(_ lane: Int) {
    arena.chooseAction(
      lane, spec.action.space, from: &lanes[lane].draws, onlyEdges: actionEdges,
      isMasked: lanes[lane].wasReset)
  }

  private func call(_ call: Progress.Call, _ listed: [Int], isSeeded: Bool) throws {
    if call == .reset { moveBuffers() }
    for lane in listed { unsafe arena.seeds[lane] = lanes[lane].seed }
    arena.preset(listed)
    if let fill {
      for rows in arena.observations {
        for lane in listed { rows.fill(lane, with: fill) }
      }
    }
    beforeCall?()
    let batch = unsafe arena.batch(
      listed, isReset: call == .reset, isSeeded: isSeeded, hasOptions: givesOptions,
      isExplicit: isExplicit)
    let first = lanes[listed[0]]
    let status = unsafe instance.call(
      call, batch, step: call == .reset ? 0 : first.step + 1)
    try judge(status, call, listed)
    try afterCall?(arena, listed, call)
    for lane in listed { try finish(call, lane) }
  }

  /// Whether resets carry the arena's options.
  var givesOptions = false
  /// Values whose strings the arena's options may use.
  var keptOptions: [OptionValues] = []

  func judge(_ status: rlenv_status, _ call: Progress.Call, _ listed: [Int]) throws {
    guard status != RLENV_OK else { return }
    let isLaneFault = status == RLENV_E_LANE && listed.contains { arena.flag($0) & 4 != 0 }
    if isLaneFault { return }
    let lane = listed.contains(instance.lastLane) ? instance.lastLane : listed[0]
    throw CallFailure(
      finding: callFinding(
        "\(call)", status, instance.lastMessage,
        Place(
          lane: lane, step: call == .reset ? 0 : lanes[lane].step + 1, seed: lanes[lane].seed)))
  }

  private func finish(_ call: Progress.Call, _ lane: Int) throws {
    let flags = arena.flag(lane)
    let isReset = call == .reset
    if !isReset {
      lanes[lane].step += 1
      lanes[lane].steps += 1
    }
    let isLast = flags & 4 != 0 || (!isReset && (flags & 3 != 0 || lanes[lane].step >= limit))
    if flags & 4 != 0 {
      lanes[lane].wasReset = false
      try noteFault(call, lane)
    } else if !isReset {
      faults = 0
    }
    lanes[lane].needsReset = isLast
    guard let observer else { return }
    try observer(
      Event(
        isReset: isReset, lane: lane, stream: lanes[lane].stream, step: lanes[lane].step,
        seed: lanes[lane].seed, flags: flags, isLast: isLast), arena)
  }
}

extension Player {
  /// Ends the play where nothing but faults comes.
  private func noteFault(_ call: Progress.Call, _ lane: Int) throws {
    faults += 1
    guard faults > 100 + lanes.count else { return }
    throw Finding(
      "\(faults) episodes ended with RLENV_FAULT, one after the other: "
        + instance.lastMessage,
      at: Place(call: "\(call)", lane: lane, seed: lanes[lane].seed),
      advice: "RLENV_FAULT is for accidents: make the episodes playable with these options")
  }
}

extension Arena {
  /// Writes a random legal action: the mask in the lane's row decides what is legal.
  func chooseAction(
    _ lane: Int, _ space: Space, from draws: inout RandomStream, onlyEdges: Bool = false,
    isMasked: Bool = true
  ) {
    var allowed = isMasked ? mask(lane)[...] : []
    for (leaf, rows) in zip(space.leaves, actions) {
      for k in 0..<leaf.elementCount {
        let place = unsafe rows.row(lane) + k * leaf.element.byteCount
        let (low, high) = leaf.bounds(k)
        guard !leaf.isMasked || allowed.isEmpty else {
          let count = leaf.maskedCounts[k]
          let choice = Self.choose(allowed.prefix(count), &draws)
          allowed = allowed.dropFirst(count)
          unsafe leaf.element.write(Int64(low) + Int64(choice), place)
          continue
        }
        let part = onlyEdges ? (draws.index(below: 2) == 0 ? 0 : 1) : draws.uniformDouble()
        unsafe leaf.writeAction(low + (high - low) * part, part, low, high, place)
      }
    }
  }

  /// The index of an allowed entry; 0 where the mask allows none.
  private static func choose(_ mask: ArraySlice<UInt8>, _ draws: inout RandomStream) -> Int {
    let choices = mask.enumerated().filter { $0.element != 0 }.map(\.offset)
    return choices.isEmpty ? 0 : choices[draws.index(below: choices.count)]
  }
}

extension Leaf {
  fileprivate func writeAction(
    _ value: Double, _ part: Double, _ low: Double, _ high: Double,
    _ place: UnsafeMutableRawPointer
  ) {
    if element.isFloat {
      let held = element == .f32 ? Double(Float(value)) : value
      return unsafe element.write(min(max(held, low), high), place)
    }
    let (first, last) = (low.rounded(.up), high.rounded(.down))
    unsafe element.write(min(first + ((last - first + 1) * part).rounded(.down), last), place)
  }
}
