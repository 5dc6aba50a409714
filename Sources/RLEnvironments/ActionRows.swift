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

  /// A leaf that needs its own rows.
  private struct Converted {
    var leaf: Int
    var source: Source
    var element: Element
    var count: Int  // elements
    var memory: Column<UInt8>
  }

  /// A leaf that the plugin reads from the batch.
  private struct Direct: BitwiseCopyable {
    var leaf: Int
    var offset: Int  // of its first choice
  }

  /// One per leaf; valid after `write`, until the batch changes.
  let rows: Column<rlenv_rows>
  private let space: ActionSpace
  private let direct: [Direct]
  private let converted: [Converted]
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
    var (direct, converted) = ([Direct](), [Converted]())
    for (index, (leaf, source)) in zip(space.space.leaves, Self.sources(space.space)).enumerated() {
      if Self.isDirect(source, leaf.element), case .choices(let offset, _) = source {
        direct.append(Direct(leaf: index, offset: offset))
        continue
      }
      let bytes = leaf.elementCount * leaf.element.byteCount
      let memory = Column<UInt8>(bytes * lanes, filledWith: 0)
      unsafe rows.pointer[index] = rlenv_rows(data: memory.pointer, stride: bytes)
      converted.append(
        Converted(
          leaf: index, source: source, element: leaf.element, count: leaf.elementCount,
          memory: memory))
    }
    self.direct = direct
    self.converted = converted
  }

  private static func sources(_ space: Space) -> [Source] {
    var (choices, controls) = (0, 0)
    return space.leaves.map { leaf in
      switch leaf.kind {
      case .box(let low, let high):
        defer { controls += leaf.elementCount }
        return .controls(offset: controls, low: low, high: high)
      case .discrete(_, let start):
        defer { choices += 1 }
        return .choices(offset: choices, starts: [start])
      case .multiDiscrete(_, let starts):
        defer { choices += starts.count }
        return .choices(offset: choices, starts: starts)
      case .multiBinary:
        defer { choices += leaf.elementCount }
        return .choices(offset: choices, starts: Array(repeating: 0, count: leaf.elementCount))
      }
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
    for field in direct {
      unsafe rows.pointer[field.leaf] = rlenv_rows(
        data: UnsafeMutableRawPointer(mutating: choices + field.offset), stride: counts.count * 4)
    }
    for field in converted {
      let data = UnsafeMutableRawPointer(unsafe field.memory.pointer)
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
    if unsafe components == 1 && lanes.lanes == nil {
      let limit = unsafe limits[0]
      for lane in unsafe 0..<lanes.count {
        outside |= unsafe UInt32(bitPattern: choices[lane]) < limit ? 0 : 1
      }
    } else {
      for position in unsafe 0..<lanes.count {
        let row = unsafe choices + lanes[position] * components
        for k in 0..<components {
          outside |= unsafe UInt32(bitPattern: row[k]) < limits[k] ? 0 : 1
        }
      }
    }
    precondition(outside == 0, "the agent chose an action outside the space \(space.space)")
  }

  private func checkAllowed(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ masks: UnsafePointer<UInt8>
  ) {
    if let found = unsafe firstForbidden(lanes, choices, masks) {
      preconditionFailure("the agent chose action \(found.choice), which the mask forbids")
    }
  }

  /// The first choice that the lanes' masks forbid; the choices lie in the space.
  func firstForbidden(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ masks: UnsafePointer<UInt8>
  ) -> (lane: Int, choice: Int)? {
    for position in unsafe 0..<lanes.count {
      let lane = unsafe lanes[position]
      for (k, offset) in maskOffsets.enumerated() {
        guard let offset else { continue }
        let choice = unsafe Int(choices[lane * maskOffsets.count + k])
        if unsafe masks[lane * space.maskLength + offset + choice] == 0 { return (lane, choice) }
      }
    }
    return nil
  }

  private func writeChoices(
    _ lanes: LaneList, _ choices: UnsafePointer<Int32>, _ starts: [Int], _ field: Converted,
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
    _ field: Converted, _ data: UnsafeMutableRawPointer
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
