public import RLCore

/// The latest transitions, kept as a ring of observation rows for each lane (Lin 1992).
///
/// A row holds an observation and what was done there; the row behind it is the successor. So an
/// observation is stored once, in the space's own types. An episode that ends takes one more row,
/// for its final observation, from which no transition starts. Storage is allocated once.
public struct ReplayBuffer: Sendable {
  public let lanes: Int
  public let rowsPerLane: Int  // R
  public let rowBytes: Int  // O
  public let choiceCount: Int  // D
  public let controlCount: Int  // C
  public let maskLength: Int  // M

  package internal(set) var observations: [UInt8]  // [L * R, O]
  var masks: [UInt8]  // [L * R, M]
  var choices: [Int32]  // [L * R, D]
  var controls: [Float]  // [L * R, C]
  var rewards: [Float]  // [L * R]
  var kinds: [UInt8]  // [L * R] Kind
  var heads: [Int]  // [L] the row to be written next
  var filled: [Int]  // [L] rows below this have been written
  var isOpen: [Bool]  // [L] whether the head already holds the current observation
  var changes: RowChanges

  /// The number of transitions that can be sampled.
  public internal(set) var count = 0

  enum Kind {
    static let transition: UInt8 = 1
    static let terminated: UInt8 = 2
  }

  /// A ring with room for `capacity` rows and two more for each lane.
  public init(_ spec: EnvironmentSpec, lanes: Int, capacity: Int) {
    precondition(lanes > 0 && capacity >= lanes, "a replay ring needs a row for each lane")
    let rows = (capacity + lanes - 1) / lanes + 2
    self.lanes = lanes
    rowsPerLane = rows
    rowBytes = RowLayout(spec.observation).rowBytes
    choiceCount = spec.action.choices.count
    controlCount = spec.action.controlCount
    maskLength = spec.action.maskLength
    observations = Array(repeating: 0, count: lanes * rows * rowBytes)
    masks = Array(repeating: 0, count: lanes * rows * maskLength)
    choices = Array(repeating: 0, count: lanes * rows * choiceCount)
    controls = Array(repeating: 0, count: lanes * rows * controlCount)
    rewards = Array(repeating: 0, count: lanes * rows)
    kinds = Array(repeating: 0, count: lanes * rows)
    heads = Array(repeating: 0, count: lanes)
    filled = Array(repeating: 0, count: lanes)
    isOpen = Array(repeating: false, count: lanes)
    changes = RowChanges(lanes: lanes)
  }

  /// Bytes of the transitions' storage.
  public var byteCount: Int {
    observations.count + masks.count + 4 * (choices.count + controls.count + rewards.count)
      + kinds.count
  }

  /// Records one transition of every lane.
  public mutating func append(_ step: borrowing StepBatch) {
    precondition(step.lanes == lanes, "the batch has \(step.lanes) lanes, the ring \(lanes)")
    for lane in 0..<lanes {
      let base = lane * rowsPerLane
      let row = base + heads[lane]
      let next = successor(of: row)
      if !isOpen[lane] { write(step.observations, step.masks, lane: lane, to: row) }
      write(step.nextObservations, step.nextMasks, lane: lane, to: next)
      for d in 0..<choiceCount {
        choices[row * choiceCount + d] = step.choices[lane * choiceCount + d]
      }
      for c in 0..<controlCount {
        controls[row * controlCount + c] = step.controls[lane * controlCount + c]
      }
      rewards[row] = step.rewards[lane]
      setKind(Kind.transition | (step.terminated[lane] ? Kind.terminated : 0), of: row)

      let ended = step.terminated[lane] || step.truncated[lane]
      isOpen[lane] = !ended
      heads[lane] = (ended ? successor(of: next) : next) - base
      filled[lane] = max(filled[lane], max(row, next) - base + 1)
      changes.advance(lane, by: ended ? 2 : 1)
    }
  }

  /// Writes the rows of `indices.count` transitions, each drawn uniformly with replacement.
  ///
  /// - Precondition: the ring holds a transition.
  public func sample(_ random: inout RandomStream, into indices: inout [Int32]) {
    precondition(count > 0, "nothing to sample")
    let longest = filled.reduce(0, max)
    for i in indices.indices {
      var row: Int
      repeat {
        let drawn = random.index(below: lanes * longest)
        row = drawn / longest * rowsPerLane + drawn % longest
      } while kinds[row] & Kind.transition == 0
      indices[i] = Int32(truncatingIfNeeded: row)
    }
  }

  /// The row that follows `row` in its lane's ring.
  public func successor(of row: Int) -> Int {
    (row + 1) % rowsPerLane == 0 ? row + 1 - rowsPerLane : row + 1
  }

  /// The row in which the latest transition of `lane` starts.
  ///
  /// - Precondition: the lane has recorded one.
  public func latestRow(_ lane: Int) -> Int {
    let back = isOpen[lane] ? 1 : 2
    return lane * rowsPerLane + (heads[lane] + rowsPerLane - back) % rowsPerLane
  }

  /// Whether a transition starts in `row`.
  public func isTransition(_ row: Int) -> Bool { kinds[row] & Kind.transition != 0 }

  /// The first choice taken in `row`.
  public func choice(_ row: Int) -> Int { Int(choices[row * choiceCount]) }

  /// Control `c` of the action taken in `row`, as the environment got it.
  public func control(_ row: Int, _ c: Int) -> Float { controls[row * controlCount + c] }

  public func reward(_ row: Int) -> Float { rewards[row] }

  /// Whether the transition that starts in `row` ended its task. A truncated one did not.
  public func isTerminated(_ row: Int) -> Bool { kinds[row] & Kind.terminated != 0 }

  /// Copies the mask of the observation in `row` to `[M]` entries from `start`.
  public func copyMask(_ row: Int, into target: inout [UInt8], at start: Int) {
    for i in 0..<maskLength { target[start + i] = masks[row * maskLength + i] }
  }

  private mutating func write(_ rows: [UInt8], _ rowMasks: [UInt8], lane: Int, to row: Int) {
    observations.replaceSubrange(
      row * rowBytes..<(row + 1) * rowBytes, with: rows[lane * rowBytes..<(lane + 1) * rowBytes])
    for i in 0..<maskLength { masks[row * maskLength + i] = rowMasks[lane * maskLength + i] }
    setKind(0, of: row)
  }

  private mutating func setKind(_ kind: UInt8, of row: Int) {
    count += Int(kind & Kind.transition) - Int(kinds[row] & Kind.transition)
    kinds[row] = kind
  }
}
