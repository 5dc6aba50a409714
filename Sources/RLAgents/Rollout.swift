public import RLCore
import RLKernels
public import RLNetworks

/// Some steps of every lane, in order, and what the policy that made them knew: arrays of
/// `[T, N, ...]`, allocated once.
///
/// The observation that followed the last step is one row more. The value of the true final
/// observation of an episode that was cut off is kept in its place; so no final observation is.
public struct Rollout: Sendable, Equatable {
  public let steps: Int  // T
  public let lanes: Int  // N
  public let rowBytes: Int  // O
  public let choiceCount: Int  // D
  public let controlCount: Int  // C
  public let maskLength: Int  // M

  /// Steps of every lane that are in.
  public internal(set) var position = 0

  package internal(set) var observations: [UInt8]  // [T + 1, N, O]
  package internal(set) var masks: [UInt8]  // [T, N, M]
  package internal(set) var choices: [Int32]  // [T, N, D]
  package internal(set) var controls: [Float]  // [T, N, C] as drawn
  package internal(set) var logProbabilities: [Float]  // [T, N] when drawn
  package internal(set) var rewards: [Float]  // [T, N]
  package internal(set) var ends: [Bool]  // [T, N] whether the episode ended with the step
  package internal(set) var finalValues: [Float]  // [T, N] V(final observation), 0 if terminated

  /// Room for `steps` steps of `lanes` lanes.
  public init(_ spec: EnvironmentSpec, steps: Int, lanes: Int) {
    precondition(steps > 0 && lanes > 0, "a rollout of \(steps) steps of \(lanes) lanes")
    let rows = steps * lanes
    self.steps = steps
    self.lanes = lanes
    rowBytes = RowLayout(spec.observation).rowBytes
    choiceCount = spec.action.choices.count
    controlCount = spec.action.controlCount
    maskLength = spec.action.maskLength
    observations = Array(repeating: 0, count: (rows + lanes) * rowBytes)
    masks = Array(repeating: 1, count: rows * maskLength)
    choices = Array(repeating: 0, count: rows * choiceCount)
    controls = Array(repeating: 0, count: rows * controlCount)
    logProbabilities = Array(repeating: 0, count: rows)
    rewards = Array(repeating: 0, count: rows)
    ends = Array(repeating: false, count: rows)
    finalValues = Array(repeating: 0, count: rows)
  }

  /// Transitions that it has room for.
  public var rows: Int { steps * lanes }

  public var isFull: Bool { position == steps }

  /// Takes in `steps` steps that were written for every lane.
  mutating func count(_ steps: Int) {
    precondition(steps <= self.steps - position, "no room for \(steps) steps")
    position += steps
  }

  /// Forgets every step.
  public mutating func clear() { position = 0 }

  /// Records a step of every lane.
  ///
  /// - Parameters:
  ///   - step: what was acted on, and the environments' answer.
  ///   - actions: as the policy drew them, whatever the environments made of them.
  ///   - endValues: `[N]`, of the final observations of episodes that were cut off, else 0.
  public mutating func append(
    _ step: borrowing StepBatch, actions: borrowing ActionRows, finalValues endValues: [Float]
  ) {
    precondition(step.lanes == lanes, "the batch has \(step.lanes) lanes, the rollout \(lanes)")
    precondition(!isFull, "the rollout is full: learn from it first")
    let first = position * lanes
    copyElements(step.observations, to: &observations, at: first * rowBytes)
    copyElements(step.masks, to: &masks, at: first * maskLength)
    copyElements(actions.choices, to: &choices, at: first * choiceCount)
    copyElements(actions.controls, to: &controls, at: first * controlCount)
    copyElements(actions.logProbabilities, to: &logProbabilities, at: first)
    copyElements(step.rewards, to: &rewards, at: first)
    copyElements(endValues, to: &finalValues, at: first)
    for lane in 0..<lanes {
      ends[first + lane] = step.terminated[lane] || step.truncated[lane]
    }
    position += 1
    if isFull { keepSuccessors(of: step) }
  }

  /// Keeps what was observed after the last step that is in, in the row of the next.
  mutating func keepSuccessors(of step: borrowing StepBatch) {
    copyElements(step.nextObservations, to: &observations, at: position * lanes * rowBytes)
  }

  /// Takes over the steps of `part`, which are of the lanes `group`, and what was observed after the
  /// last where that makes the rollout full. They are in once `position` counts them.
  mutating func write(_ part: borrowing Rollout, lanes group: Range<Int>) {
    precondition(group.count == part.lanes && part.position <= steps - position, "no room")
    let (first, count) = (position * lanes + group.lowerBound, part.position)
    func copy<Element: BitwiseCopyable>(
      _ source: [Element], to target: inout [Element], width: Int, steps: Int
    ) {
      copyRows(
        source, rows: steps, width: group.count * width, to: &target, at: first * width,
        stride: lanes * width)
    }
    let successors = position + count == steps ? 1 : 0
    copy(part.observations, to: &observations, width: rowBytes, steps: count + successors)
    copy(part.masks, to: &masks, width: maskLength, steps: count)
    copy(part.choices, to: &choices, width: choiceCount, steps: count)
    copy(part.controls, to: &controls, width: controlCount, steps: count)
    copy(part.logProbabilities, to: &logProbabilities, width: 1, steps: count)
    copy(part.rewards, to: &rewards, width: 1, steps: count)
    copy(part.ends, to: &ends, width: 1, steps: count)
    copy(part.finalValues, to: &finalValues, width: 1, steps: count)
  }
}
