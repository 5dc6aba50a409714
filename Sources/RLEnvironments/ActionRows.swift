internal import CRLEnv
internal import RLCore

/// Turns a batch's choices and controls into the rows of each action leaf, in its own type and with
/// its start.
///
/// A leaf of 32-bit choices that start at 0 is read from the batch itself.
@safe final class ActionRows {
  /// Where a leaf's components stand in the batch.
  private enum Source {
    case choices(offset: Int, starts: [Int])
    case controls(offset: Int, low: [Double], high: [Double])
  }

  private struct Field {
    var source: Source
    var element: Element
    var count: Int  // elements
    var memory: Column<UInt8>?  // nil = the batch's own rows
  }

  /// One per leaf; valid after `write`, until the batch changes.
  let rows: Column<rlenv_rows>
  private let space: ActionSpace
  private let fields: [Field]
  private let counts: Column<UInt32>  // [D] values of each choice
  private let maskOffsets: [Int?]  // [D] where a choice's entries begin in a mask

  init(_ space: ActionSpace, lanes: Int) {
    self.space = space
    unsafe rows = Column(
      space.space.leaves.count, filledWith: rlenv_rows(data: nil, stride: 0))
    counts = Column(space.choices.count, filledWith: 0)
    var offset = 0
    var maskOffsets: [Int?] = []
    for (index, choice) in space.choices.enumerated() {
      counts[index] = UInt32(choice.count)
      maskOffsets.append(choice.isMasked ? offset : nil)
      offset += choice.isMasked ? choice.count : 0
    }
    self.maskOffsets = maskOffsets
    fields = Self.fields(space.space, lanes)
  }

  private static func fields(_ space: Space, _ lanes: Int) -> [Field] {
    var (choices, controls) = (0, 0)
    return space.leaves.map { leaf in
      let source: Source
      switch leaf.kind {
      case .box(let low, let high):
        source = .controls(offset: controls, low: low, high: high)
        controls += leaf.elementCount
      case .discrete(_, let start):
        source = .choices(offset: choices, starts: [start])
        choices += 1
      case .multiDiscrete(_, let starts):
        source = .choices(offset: choices, starts: starts)
        choices += starts.count
      case .multiBinary:
        source = .choices(offset: choices, starts: Array(repeating: 0, count: leaf.elementCount))
        choices += leaf.elementCount
      }
      let bytes = leaf.elementCount * leaf.element.byteCount
      return Field(
        source: source, element: leaf.element, count: leaf.elementCount,
        memory: isDirect(source, leaf.element) ? nil : Column(bytes * lanes, filledWith: 0))
    }
  }

  private static func isDirect(_ source: Source, _ element: Element) -> Bool {
    guard case .choices(_, let starts) = source else { return false }
    return (element == .i32 || element == .u32) && starts.allSatisfy { $0 == 0 }
  }

  /// Fills the rows of the listed lanes.
  ///
  /// - Parameters:
  ///   - lanes: which.
  ///   - choices: `[lanes, D]`, indices from 0.
  ///   - controls: `[lanes, C]`, clipped to the bounds.
  ///   - masks: `[lanes, M]`; a forbidden choice is the agent's mistake.
  func write(
    _ lanes: LaneList, choices: UnsafePointer<Int32>, controls: UnsafePointer<Float>,
    masks: UnsafePointer<UInt8>
  ) {
    unsafe check(lanes, choices)
    if space.maskLength > 0 { unsafe checkAllowed(lanes, choices, masks) }
    for (index, field) in fields.enumerated() {
      let elementBytes = field.element.byteCount
      guard let memory = field.memory else {
        guard case .choices(let offset, _) = field.source else { continue }
        unsafe rows.pointer[index] = rlenv_rows(
          data: UnsafeMutableRawPointer(mutating: choices + offset), stride: counts.count * 4)
        continue
      }
      let data = UnsafeMutableRawPointer(unsafe memory.pointer)
      unsafe rows.pointer[index] = rlenv_rows(data: data, stride: field.count * elementBytes)
      switch field.source {
      case .choices(let offset, let starts):
        unsafe writeChoices(lanes, choices + offset, starts, field, data)
      case .controls(let offset, let low, let high):
        unsafe writeControls(lanes, controls + offset, low, high, field, data)
      }
    }
  }

  private func check(_ lanes: LaneList, _ choices: UnsafePointer<Int32>) {
    let components = counts.count
    let limits = unsafe counts.pointer
    var outside: UInt32 = 0
    for position in unsafe 0..<lanes.count {
      let row = unsafe choices + lanes[position] * components
      for k in 0..<components {
        outside |= unsafe UInt32(bitPattern: row[k]) < limits[k] ? 0 : 1
      }
    }
    precondition(outside == 0, "the agent chose an action outside the space \(space.space)")
  }

  private func checkAllowed(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ masks: UnsafePointer<UInt8>
  ) {
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      for (k, offset) in maskOffsets.enumerated() {
        guard let offset else { continue }
        let choice = unsafe Int(choices[lane * maskOffsets.count + k])
        precondition(
          unsafe masks[lane * space.maskLength + offset + choice] != 0,
          "the agent chose action \(choice), which the mask forbids")
      }
    }
  }

  private func writeChoices(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ starts: [Int], _ field: Field,
    _ data: UnsafeMutableRawPointer
  ) {
    let size = field.element.byteCount
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      let row = unsafe data + lane * field.count * size
      for k in 0..<field.count {
        let value = unsafe Int(choices[lane * counts.count + k]) + starts[k]
        unsafe store(Double(value), exactly: value, field.element, row + k * size)
      }
    }
  }

  private func writeControls(
    _ lanes: LaneList, _ controls: UnsafePointer<Float>, _ low: [Double], _ high: [Double],
    _ field: Field, _ data: UnsafeMutableRawPointer
  ) {
    let size = field.element.byteCount
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      let row = unsafe data + lane * field.count * size
      for k in 0..<field.count {
        let control = unsafe Double(controls[lane * space.controlCount + k])
        precondition(!control.isNaN, "the agent's control \(k) of lane \(lane) is NaN")
        let value = min(max(control, low[k]), high[k])
        let whole = field.element.isFloat ? 0 : wholeNumber(value, low[k], high[k])
        unsafe store(value, exactly: whole, field.element, row + k * size)
      }
    }
  }
}

/// The whole number nearest to `value` within the bounds.
private func wholeNumber(_ value: Double, _ low: Double, _ high: Double) -> Int {
  let nearest = min(max(value.rounded(.toNearestOrEven), low.rounded(.up)), high.rounded(.down))
  return Int(exactly: nearest) ?? (nearest < 0 ? .min : .max)
}

private func store(
  _ value: Double, exactly whole: Int, _ element: Element, _ place: UnsafeMutableRawPointer
) {
  switch element {
  case .f32: unsafe place.storeBytes(of: Float(value), as: Float.self)
  case .f64: unsafe place.storeBytes(of: value, as: Double.self)
  case .u8, .i8, .bool:
    unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: whole), as: UInt8.self)
  case .u16, .i16:
    unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: whole), as: UInt16.self)
  case .u32, .i32:
    unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: whole), as: UInt32.self)
  case .i64: unsafe place.storeBytes(of: Int64(whole), as: Int64.self)
  }
}
