internal import RLCore
internal import RLEnvironments

/// The words of a line of a trace.
struct TraceLine {
  let words: [ArraySlice<UInt8>]

  init(_ line: ArraySlice<UInt8>) {
    words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
  }

  /// The first word.
  var keyword: String { text(0) }

  func text(_ index: Int) -> String {
    index < words.count ? String(decoding: words[index], as: UTF8.self) : ""
  }

  /// - Throws: `TraceFault` unless there are exactly `count` words.
  func expect(_ count: Int, _ form: String) throws(TraceFault) {
    guard words.count == count else {
      throw TraceFault("has \(words.count) words, not \(count): \(form)")
    }
  }

  /// - Throws: `TraceFault` unless word `index` is a whole number of at most `limit`.
  func whole(_ index: Int, _ what: String, atMost limit: UInt64) throws(TraceFault) -> UInt64 {
    guard index < words.count, let value = NumberText.whole(words[index]), value <= limit else {
      throw TraceFault("\(what) is \"\(shown(index))\", not a whole number up to \(limit)")
    }
    return value
  }

  /// Word `index` for a message.
  func shown(_ index: Int) -> String {
    guard index < words.count else { return "" }
    let text = String(decoding: words[index].prefix(40), as: UTF8.self)
    return String(text.map { $0.isASCII && ($0 < " " || $0 == "\u{7F}") ? "?" : $0 })
      + (words[index].count > 40 ? "..." : "")
  }

  /// The line as a part of an episode.
  ///
  /// - Throws: `TraceFault`.
  func record(_ variant: Trace.Variant) throws(TraceFault) -> Trace.Record {
    let declaration = variant.declaration
    let extras = (declaration.maskLength > 0 ? 1 : 0) + declaration.metrics.count
    switch keyword {
    case "reset":
      try expect(2 + extras, "reset OBSERVATION [MASK] [METRICS]")
      return .reset(try answer(at: 1, declaration))
    case "step":
      try expect(5 + extras, "step ACTION REWARD FLAGS OBSERVATION [MASK] [METRICS]")
      guard let action = BitText.row(words[1], declaration.action) else {
        throw TraceFault("the action is \"\(shown(1))\", which does not spell its elements")
      }
      if let reason = ActionCheck.fault(action, declaration.action) { throw TraceFault(reason) }
      var answer = try answer(at: 4, declaration)
      guard let reward = NumberText.number(words[2]), reward.isFinite else {
        throw TraceFault("the reward is \"\(shown(2))\", not a finite number")
      }
      answer.reward = reward
      answer.flags = UInt8(try whole(3, "the flags", atMost: 3))
      return .step(action: action, answer)
    default:
      try expect(2, "state BITS")
      guard let state = variant.state,
        let row = BitText.row(words[1], state.element, count: state.count)
      else { throw TraceFault("the state is \"\(shown(1))\", which is not what was declared") }
      return .state(row)
    }
  }

  /// Observation, mask and metrics, which are the words from `first` on.
  private func answer(
    at first: Int, _ declaration: Declaration
  ) throws(TraceFault) -> ExactEnvironment.Answer {
    guard let observation = BitText.row(words[first], declaration.observation) else {
      throw TraceFault("the observation is \"\(shown(first))\", which does not spell its elements")
    }
    var answer = ExactEnvironment.Answer(observation: observation)
    var next = first + 1
    if declaration.maskLength > 0 {
      let mask = words[next].map { $0 &- UInt8(ascii: "0") }
      guard mask.count == declaration.maskLength, mask.allSatisfy({ $0 <= 1 }) else {
        throw TraceFault(
          "the mask is \"\(shown(next))\", not \(declaration.maskLength) digits of 0 and 1")
      }
      answer.mask = mask
      next += 1
    }
    for index in next..<words.count {
      guard let metric = NumberText.number(words[index]) else {
        throw TraceFault("a metric is \"\(shown(index))\", not a number or nan")
      }
      answer.metrics.append(metric)
    }
    return answer
  }
}
