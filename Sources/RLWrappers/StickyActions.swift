import RLCore

/// With some probability an environment takes its action before once more instead of the one chosen
/// (Machado et al. 2018, section 5.2), anew at each of its steps.
///
/// An episode's first action is always the one chosen, and so is one where a mask forbids the action
/// before. Draws come from a stream that an episode's seed names.
struct StickyActions: Sendable {
  private let probability: Float
  let action: ActionSpace
  private(set) var choices: [Int32]  // [N, D] taken before
  private(set) var controls: [Float]  // [N, C]
  private(set) var hasTaken: [Bool]  // [N] whether there was one
  private(set) var streams: [RandomStream]  // [N]

  init(_ probability: Double, _ action: ActionSpace, lanes: Int) {
    self.probability = Float(probability)
    self.action = action
    choices = Array(repeating: 0, count: lanes * action.choices.count)
    controls = Array(repeating: 0, count: lanes * action.controlCount)
    hasTaken = Array(repeating: false, count: lanes)
    streams = Array(repeating: RandomStream(seed: 0), count: lanes)
  }

  /// Begins an episode.
  mutating func begin(lane: Int, seed: UInt64) {
    hasTaken[lane] = false
    streams[lane] = RandomStream(seed: seed, purpose: "sticky actions")
  }

  /// Replaces the lane's action in the batch by the one to be taken, under the mask in force.
  mutating func apply(_ batch: inout StepBatch, lane: Int, masks: [UInt8]) {
    let isRepeated = streams[lane].uniform() < probability && hasTaken[lane]
    let (d, c) = (action.choices.count, action.controlCount)
    if isRepeated, action.allows(choices, lane: lane, masks: masks) {
      for k in lane * d..<(lane + 1) * d { batch.choices[k] = choices[k] }
      for k in lane * c..<(lane + 1) * c { batch.controls[k] = controls[k] }
    } else {
      for k in lane * d..<(lane + 1) * d { choices[k] = batch.choices[k] }
      for k in lane * c..<(lane + 1) * c { controls[k] = batch.controls[k] }
    }
    hasTaken[lane] = true
  }

  /// Continues from what was saved; the arrays fit the lanes, and the choices lie in their space.
  mutating func adopt(
    choices: [Int32], controls: [Float], hasTaken: [Bool], streams: [RandomStream]
  ) {
    self.choices = choices
    self.controls = controls
    self.hasTaken = hasTaken
    self.streams = streams
  }
}

extension ActionSpace {
  /// Whether a lane's mask, of `masks`, `[N, M]`, allows its choices, of `choices`, `[N, D]`.
  func allows(_ choices: [Int32], lane: Int, masks: [UInt8]) -> Bool {
    guard maskLength > 0 else { return true }
    var entry = lane * maskLength
    for (index, choice) in self.choices.enumerated() where choice.isMasked {
      if masks[entry + Int(choices[lane * self.choices.count + index])] == 0 { return false }
      entry += choice.count
    }
    return true
  }
}
