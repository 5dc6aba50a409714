public import RLCore
import RLKernels

extension ReplayBuffer {
  /// Everything in the ring.
  public func saveState() -> SavedState {
    var state = positions
    state["observations"] = .bytes(observations)
    state["masks"] = .bytes(masks)
    state["choices"] = .integers(choices)
    if controlCount > 0 { state["controls"] = .floats(controls) }
    state["rewards"] = .floats(rewards)
    state["kinds"] = .bytes(kinds)
    return state
  }

  /// The positions, and the rows written since the capture before; the first one counts from the
  /// ring as it was made, all zero, or restored.
  public mutating func capture() -> StateCapture {
    let ranges = changes.ranges(rowsPerLane: rowsPerLane, heads: heads, isOpen: isOpen)
    changes.forget()
    var capture = StateCapture(
      state: positions,
      columns: [
        column("observations", .bytes, observations, width: rowBytes, ranges),
        column("rewards", .floats, rewards, width: 1, ranges),
        column("kinds", .bytes, kinds, width: 1, ranges),
      ])
    if maskLength > 0 {
      capture.columns.append(column("masks", .bytes, masks, width: maskLength, ranges))
    } else {
      capture.state["masks"] = .bytes([])
    }
    if choiceCount > 0 {
      capture.columns.append(column("choices", .integers, choices, width: choiceCount, ranges))
    } else {
      capture.state["choices"] = .integers([])
    }
    if controlCount > 0 {
      capture.columns.append(column("controls", .floats, controls, width: controlCount, ranges))
    }
    return capture
  }

  /// The next capture counts from all zero.
  mutating func captureAnew() { changes.markAll(rowsPerLane: rowsPerLane) }

  /// Where each lane writes next.
  private var positions: SavedState {
    SavedState(entries: [
      "heads": .words(heads.map(UInt64.init)), "filled": .words(filled.map(UInt64.init)),
      "open": .bytes(isOpen.map { $0 ? 1 : 0 }),
    ])
  }

  /// The changed rows of an array, `[L * R, width]`.
  private func column<Element: BitwiseCopyable>(
    _ name: String, _ kind: ColumnChanges.Kind, _ values: [Element], width: Int,
    _ ranges: [Range<Int>]
  ) -> ColumnChanges {
    ColumnChanges(
      name: name, kind: kind, rowBytes: width * kind.elementBytes, rowCount: lanes * rowsPerLane,
      ranges: ranges, bytes: RLKernels.rowBytes(values, width: width, ranges: ranges))
  }

  /// Continues from a saved ring of the same shape.
  ///
  /// - Throws: `StateError` when the shapes differ or a position is outside the ring; nothing is
  ///   changed then.
  public mutating func restore(_ state: SavedState) throws(StateError) {
    let heads = try state.words("heads", count: lanes)
    let filled = try state.words("filled", count: lanes)
    guard heads.allSatisfy({ $0 < rowsPerLane }), filled.allSatisfy({ $0 <= rowsPerLane }) else {
      throw StateError(reason: "a position lies outside the replay ring")
    }
    let isOpen = try state.bytes("open", count: lanes)
    let observations = try state.bytes("observations", count: observations.count)
    let masks = try state.bytes("masks", count: masks.count)
    let choices = try state.integers("choices", count: choices.count)
    let controls =
      controlCount > 0 ? try state.floats("controls", count: controls.count) : controls
    let rewards = try state.floats("rewards", count: rewards.count)
    let kinds = try state.bytes("kinds", count: kinds.count)
    for lane in 0..<lanes {
      let unwritten = lane * rowsPerLane + Int(filled[lane])..<(lane + 1) * rowsPerLane
      guard kinds[unwritten].allSatisfy({ $0 == 0 }) else {
        throw StateError(reason: "the replay ring has a transition where nothing was written")
      }
    }
    self.observations = observations
    self.masks = masks
    self.choices = choices
    self.controls = controls
    self.rewards = rewards
    self.kinds = kinds
    self.isOpen = isOpen.map { $0 != 0 }
    self.heads = heads.map { Int($0) }
    self.filled = filled.map { Int($0) }
    count = kinds.reduce(0) { $0 + Int($1 & Kind.transition) }
    changes.forget()
  }
}

extension ReplayBuffer {
  /// Refuses rows that learning could not use: a choice becomes an index.
  ///
  /// - Throws: `StateError` when a restored observation or action is outside its space.
  func check(_ spec: EnvironmentSpec) throws(StateError) {
    for lane in 0..<lanes {
      let written = lane * rowsPerLane..<lane * rowsPerLane + filled[lane]
      if let name = leafWithForeignValue(observations, written, in: spec.observation) {
        throw StateError(
          reason: "the replay ring holds an observation outside its space, in leaf \"\(name)\"")
      }
      for row in written where isTransition(row) {
        for (d, choice) in spec.action.choices.enumerated()
        where !(0..<choice.count).contains(Int(choices[row * choiceCount + d])) {
          throw StateError(reason: "the replay ring holds an action outside its space")
        }
        for (c, (low, high)) in zip(spec.action.low, spec.action.high).enumerated()
        where !(control(row, c) >= low && control(row, c) <= high) {
          throw StateError(reason: "the replay ring holds a control outside its bounds")
        }
      }
    }
  }
}

extension ReplayBuffer: Equatable {
  /// Whether both rings hold the same; what was captured of them does not count.
  public static func == (a: ReplayBuffer, b: ReplayBuffer) -> Bool {
    a.rowsPerLane == b.rowsPerLane && a.saveState() == b.saveState()
  }
}
