internal import CRLEnv
internal import RLCore

/// All memory of a batch that the host owns.
@safe final class Arena {
  let observations: [Rows]
  let actions: [Rows]
  let rewards: Rows
  let flags: Rows
  let masks: Rows?
  let metrics: Rows?
  let lanes: Int
  private let spec: EnvironmentSpec
  private let observationRows: UnsafeMutablePointer<rlenv_rows>
  private let actionRows: UnsafeMutablePointer<rlenv_rows>
  let listed: UnsafeMutablePointer<UInt32>
  let seeds: UnsafeMutablePointer<UInt64>
  let options: UnsafeMutablePointer<rlenv_value>
  let optionCount: Int

  init(_ spec: EnvironmentSpec, optionCount: Int, lanes: Int, layout: RowLayout = RowLayout()) {
    self.spec = spec
    self.lanes = lanes
    self.optionCount = optionCount
    func rows(_ leaf: Leaf) -> Rows {
      Rows(
        rowBytes: leaf.byteCount, elementBytes: leaf.element.byteCount, lanes: lanes,
        layout: layout)
    }
    func dense(_ count: Int, _ bytes: Int) -> Rows {
      Rows(
        rowBytes: count * bytes, elementBytes: bytes, lanes: lanes, layout: layout, isDense: true)
    }
    observations = spec.observation.leaves.map(rows)
    actions = spec.action.space.leaves.map(rows)
    rewards = dense(1, 8)
    flags = dense(1, 1)
    masks = spec.action.maskLength > 0 ? dense(spec.action.maskLength, 1) : nil
    metrics = spec.metrics.isEmpty ? nil : dense(spec.metrics.count, 8)
    unsafe observationRows = Self.table(observations)
    unsafe actionRows = Self.table(actions)
    unsafe listed = .allocate(capacity: lanes)
    unsafe listed.initialize(repeating: 0, count: lanes)
    unsafe seeds = .allocate(capacity: lanes)
    unsafe seeds.initialize(repeating: 0, count: lanes)
    unsafe options = .allocate(capacity: max(lanes * optionCount, 1))
    unsafe options.initialize(repeating: rlenv_value(), count: max(lanes * optionCount, 1))
  }

  deinit {
    unsafe observationRows.deallocate()
    unsafe actionRows.deallocate()
    unsafe listed.deallocate()
    unsafe seeds.deallocate()
    unsafe options.deallocate()
  }

  /// Every block with its name for people: what a plugin writes to.
  var outputs: [(name: String, rows: Rows)] {
    var blocks = zip(spec.observation.leaves, observations).map { ($0.title, $1) }
    blocks += [("the rewards", rewards), ("the flags", flags)]
    if let masks { blocks.append(("the mask", masks)) }
    if let metrics { blocks.append(("the metrics", metrics)) }
    return blocks
  }

  /// What a plugin only reads.
  var inputs: [(name: String, rows: Rows)] {
    zip(spec.action.space.leaves, actions).map { leaf, rows in
      (leaf.name.isEmpty ? "the action" : "action leaf \"\(leaf.name)\"", rows)
    }
  }

  /// Presets the rows of the lanes as the contract says.
  func preset(_ lanes: [Int]) {
    for lane in lanes {
      unsafe rewards.row(lane).storeBytes(of: 0, as: Double.self)
      unsafe flags.row(lane).storeBytes(of: 0, as: UInt8.self)
      if let masks {
        for k in 0..<masks.rowBytes {
          unsafe masks.row(lane).storeBytes(of: 1, toByteOffset: k, as: UInt8.self)
        }
      }
      for k in 0..<spec.metrics.count {
        unsafe metrics!.row(lane).storeBytes(of: .nan, toByteOffset: 8 * k, as: Double.self)
      }
    }
  }

  /// A call on the listed lanes, which are ascending. Lanes 0 ... n-1 are not spelt out unless
  /// `isExplicit`.
  func batch(
    _ lanes: [Int], isReset: Bool, isSeeded: Bool = true, hasOptions: Bool = false,
    isExplicit: Bool = false
  ) -> rlenv_batch {
    for (k, lane) in lanes.enumerated() { unsafe listed[k] = UInt32(lane) }
    let isPrefix = !isExplicit && lanes.last == lanes.count - 1
    var batch = unsafe rlenv_batch()
    unsafe batch.size = UInt32(MemoryLayout<rlenv_batch>.size)
    unsafe batch.count = UInt32(lanes.count)
    unsafe batch.lanes = isPrefix ? nil : UnsafePointer(listed)
    unsafe batch.act = UnsafePointer(actionRows)
    unsafe batch.obs = UnsafePointer(observationRows)
    unsafe batch.reward = rewards.base.assumingMemoryBound(to: Double.self)
    unsafe batch.flags = flags.base.assumingMemoryBound(to: UInt8.self)
    unsafe batch.mask = masks?.base.assumingMemoryBound(to: UInt8.self)
    unsafe batch.metrics = metrics?.base.assumingMemoryBound(to: Double.self)
    if isReset && isSeeded { unsafe batch.seeds = UnsafePointer(seeds) }
    if isReset && hasOptions { unsafe batch.options = UnsafePointer(options) }
    return unsafe batch
  }

  func flag(_ lane: Int) -> UInt8 { unsafe flags.row(lane).load(as: UInt8.self) }

  func reward(_ lane: Int) -> Double { unsafe rewards.row(lane).load(as: Double.self) }

  func mask(_ lane: Int) -> [UInt8] { masks?.bytes(lane) ?? [] }

  func metric(_ lane: Int, _ index: Int) -> Double {
    unsafe metrics!.row(lane).load(fromByteOffset: 8 * index, as: Double.self)
  }

  func observation(_ lane: Int) -> [UInt8] { observations.flatMap { $0.bytes(lane) } }

  /// An element of an observation leaf.
  func value(_ lane: Int, leaf: Int, element: Int) -> Double {
    let kind = spec.observation.leaves[leaf].element
    return unsafe kind.read(observations[leaf].row(lane) + element * kind.byteCount)
  }

  private static func table(_ rows: [Rows]) -> UnsafeMutablePointer<rlenv_rows> {
    let table = UnsafeMutablePointer<rlenv_rows>.allocate(capacity: max(rows.count, 1))
    for (k, block) in rows.enumerated() {
      unsafe (table + k).initialize(to: rlenv_rows(data: block.base, stride: block.stride))
    }
    return unsafe table
  }
}
