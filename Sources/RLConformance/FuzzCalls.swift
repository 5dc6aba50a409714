internal import CRLEnv
internal import RLCore

/// What one lane answered to a call.
struct LaneAnswer {
  var bytes: [UInt8]
  var isLast: Bool
  var isFault: Bool
}

extension Player {
  /// Writes options for the next reset: those of create, `base` and `options` before them.
  func give(
    _ options: [String: String], to listed: [Int], _ environment: EnvironmentUnderTest,
    base: [String: String]
  ) throws {
    let values = try environment.values(base.merging(options) { $1 })
    keptOptions.append(values)
    for lane in listed {
      for k in 0..<values.count {
        unsafe arena.options[lane * values.count + k] = values.pointer[k]
      }
    }
  }

  /// Makes one call, judges its values and writes down what each lane answered.
  func answers(
    _ call: Progress.Call, _ listed: [Int], isSeeded: Bool, seeds: [UInt64], steps: [Int]
  ) throws -> [LaneAnswer] {
    arena.preset(listed)
    for (k, lane) in listed.enumerated() {
      unsafe arena.seeds[lane] = seeds[k]
      lanes[lane].seed = seeds[k]
      lanes[lane].step = steps[k] - (call == .step ? 1 : 0)
    }
    let batch = unsafe arena.batch(
      listed, isReset: call == .reset, isSeeded: isSeeded, hasOptions: givesOptions)
    let status = unsafe instance.call(call, batch, step: steps[0])
    try judge(status, call, listed)
    return try listed.enumerated().map { k, lane in
      let flags = arena.flag(lane)
      let event = Event(
        isReset: call == .reset, lane: lane, stream: 0, step: steps[k], seed: seeds[k],
        flags: flags, isLast: flags & 7 != 0 || steps[k] >= limit)
      if flags & 4 == 0 { try checkNumbers(event, arena, instance) }
      var trace = Trace(RecordLayout(instance.spec))
      trace.append(event, arena)
      return LaneAnswer(bytes: trace.bytes, isLast: event.isLast, isFault: flags & 4 != 0)
    }
  }
}
