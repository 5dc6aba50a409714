internal import CRLEnv
public import RLCore

/// The lanes of one instance with every bit that the plugin writes: nothing is rounded, limited or
/// reset by the host. For comparisons; slower than `VectorEnvironment`.
@safe public final class ExactEnvironment {
  /// What a reset or a step wrote for a lane.
  public struct Answer: Sendable, Equatable {
    /// All leaves in order, each in its own element type, without gaps.
    public var observation: [UInt8]
    public var reward: Double  // 0 after a reset
    public var flags: UInt8  // 1 terminated, 2 truncated
    public var mask: [UInt8]  // 1 = allowed in the next step; empty without a mask
    public var metrics: [Double]  // NaN = nothing said

    public init(
      observation: [UInt8], reward: Double = 0, flags: UInt8 = 0, mask: [UInt8] = [],
      metrics: [Double] = []
    ) {
      self.observation = observation
      self.reward = reward
      self.flags = flags
      self.mask = mask
      self.metrics = metrics
    }
  }

  public let spec: EnvironmentSpec
  public let lanes: Int
  /// The plugin and the environment, for messages.
  public let place: String
  /// An upper bound of a snapshot's bytes; `nil` where there are no snapshots.
  public let snapshotLimit: Int?

  private let instance: PluginInstance
  private let observations: LeafMemory
  private let actions: LeafMemory
  private let rewards: Column<Double>
  private let flags: Column<UInt8>
  private let masks: Column<UInt8>
  private let metrics: Column<Double>
  private let seeds: Column<UInt64>
  private let listed: Column<UInt32>
  private let batch: Column<rlenv_batch>

  /// - Parameters:
  ///   - plugin: a loaded library.
  ///   - id: of the environment; `nil` for the only one.
  ///   - options: as the user typed them, by key.
  ///   - lanes: of the one instance.
  /// - Throws: `PluginError` for an unknown environment or option, for more lanes than it can have,
  ///   and if the instance cannot be made or describes itself wrongly.
  public init(
    _ plugin: EnvironmentPlugin, id: String?, options: [String: String], lanes: Int
  ) throws(PluginError) {
    let environment = try plugin.environment(id)
    let sizes = try blockSizes(environment, lanes: lanes, instances: 1, path: plugin.path)
    guard sizes.count == 1 else {
      throw .usage(
        path: plugin.path, environment: environment.id,
        reason: "an instance of it has one lane: ask for --lanes 1")
    }
    let made = try makeInstances(environment, options: options, sizes: sizes, path: plugin.path)
    let count = lanes
    spec = made[0].spec
    self.lanes = count
    place = "\(plugin.path):\(environment.id)"
    instance = made[0].instance
    snapshotLimit = environment.hasSnapshots ? Int(clamping: instance.snapshotSize()) : nil
    observations = LeafMemory(spec.observation, lanes: count)
    actions = LeafMemory(spec.action.space, lanes: count)
    rewards = Column(count, filledWith: 0)
    flags = Column(count, filledWith: 0)
    masks = Column(count * spec.action.maskLength, filledWith: 1)
    metrics = Column(count * spec.metrics.count, filledWith: .nan)
    seeds = Column(count, filledWith: 0)
    listed = Column(count, filledWith: 0)
    unsafe batch = Column(1, filledWith: rlenv_batch())
  }

  /// Starts an episode in the lanes of `wanted`, ascending; without seeds their generators go on.
  ///
  /// - Throws: `EnvironmentError` when the plugin fails or sets flags.
  public func reset(_ wanted: [Int], seeds given: [UInt64]?) throws(EnvironmentError) {
    prepare(wanted)
    if let given {
      for (lane, seed) in zip(wanted, given) { seeds[lane] = seed }
      unsafe batch.pointer.pointee.seeds = UnsafePointer(seeds.pointer)
    }
    try check("reset", unsafe instance.reset(batch.pointer))
    for lane in wanted where flags[lane] != 0 {
      throw error("reset", lane, "the flags are \(flags[lane]): a reset leaves them alone")
    }
  }

  /// Steps the lanes of `wanted`, ascending, with one action row each: the leaves in order, each in
  /// its own element type, without gaps.
  ///
  /// - Throws: `EnvironmentError` when the plugin fails or sets unknown flags.
  public func step(_ wanted: [Int], actions rows: [[UInt8]]) throws(EnvironmentError) {
    prepare(wanted)
    for (lane, row) in zip(wanted, rows) { actions.write(row, lane: lane) }
    try check("step", unsafe instance.step(batch.pointer))
    for lane in wanted where flags[lane] > UInt8(RLENV_TERMINATED | RLENV_TRUNCATED) {
      throw error(
        "step", lane,
        flags[lane] == UInt8(RLENV_FAULT)
          ? "RLENV_FAULT is set but the call answered RLENV_OK: answer RLENV_E_LANE"
          : "the flags are \(flags[lane]): only 1, 2 and 4 are known, and 4 stands alone")
    }
  }

  /// What the last call wrote for `lane`.
  public func answer(lane: Int) -> Answer {
    let (m, k) = (spec.action.maskLength, spec.metrics.count)
    return Answer(
      observation: observations.row(lane: lane), reward: rewards[lane], flags: flags[lane],
      mask: (lane * m..<(lane + 1) * m).map { masks[$0] },
      metrics: (lane * k..<(lane + 1) * k).map { metrics[$0] })
  }

  /// The lane's snapshot.
  ///
  /// - Precondition: there are snapshots, and the lane was reset.
  /// - Throws: `EnvironmentError` when the plugin fails.
  public func save(lane: Int) throws(EnvironmentError) -> [UInt8] {
    guard let snapshotLimit else { preconditionFailure("\(place) has no snapshots") }
    guard snapshotLimit <= LaneSnapshots.largest else {
      throw error(
        "snapshot_size", lane,
        "\(snapshotLimit) bytes; this host takes \(LaneSnapshots.largest) at most")
    }
    let buffer = Column<UInt8>(snapshotLimit, filledWith: 0)
    let answer = unsafe instance.save(lane: lane, buffer.pointer, capacity: snapshotLimit)
    guard answer.status == RLENV_OK else {
      throw error("save", lane, instance.errorText(answer.status))
    }
    guard let count = Int(exactly: answer.bytes), count <= snapshotLimit else {
      throw error(
        "save", lane, "says that it wrote more than the \(snapshotLimit) bytes of snapshot_size")
    }
    return unsafe Array(UnsafeBufferPointer(start: buffer.pointer, count: count))
  }

  /// Lets the lane go on from a snapshot.
  ///
  /// - Precondition: there are snapshots.
  /// - Throws: `EnvironmentError` when the plugin does not take it.
  public func load(lane: Int, _ snapshot: [UInt8]) throws(EnvironmentError) {
    precondition(snapshotLimit != nil, "\(place) has no snapshots")
    let buffer = Column<UInt8>(snapshot.count, filledWith: 0)
    for (index, byte) in snapshot.enumerated() { buffer[index] = byte }
    let status = unsafe instance.load(lane: lane, buffer.pointer, bytes: snapshot.count)
    guard status == RLENV_OK else { throw error("load", lane, instance.errorText(status)) }
  }

  private func prepare(_ wanted: [Int]) {
    for (position, lane) in wanted.enumerated() { listed[position] = UInt32(lane) }
    observations.clear()
    rewards.fill(with: 0)
    flags.fill(with: 0)
    masks.fill(with: 1)
    metrics.fill(with: .nan)
    unsafe batch.pointer.pointee = rlenv_batch(
      size: UInt32(MemoryLayout<rlenv_batch>.size), count: UInt32(wanted.count),
      lanes: listed.pointer, act: actions.rows.pointer, obs: observations.rows.pointer,
      reward: rewards.pointer, flags: flags.pointer,
      mask: masks.count > 0 ? masks.pointer : nil,
      metrics: metrics.count > 0 ? metrics.pointer : nil, seeds: nil, options: nil)
  }

  private func check(_ call: String, _ status: rlenv_status) throws(EnvironmentError) {
    guard status != RLENV_OK else { return }
    throw error(call, instance.errorLane, instance.errorText(status))
  }

  private func error(_ call: String, _ lane: Int?, _ reason: String) -> EnvironmentError {
    let moment = lane.map { "lane \($0), " } ?? ""
    return EnvironmentError(environment: place, reason: "\(moment)\(call): \(reason)")
  }
}

/// Rows of the leaves of a space, each leaf in memory of its own, in its own element type.
@safe private final class LeafMemory {
  let rows: Column<rlenv_rows>
  private let leaves: [Column<UInt8>]
  private let sizes: [Int]  // bytes of a lane's row, by leaf

  init(_ space: Space, lanes: Int) {
    let sizes = space.leaves.map { $0.elementCount * $0.element.byteCount }
    let leaves = sizes.map { Column<UInt8>($0 * lanes, filledWith: 0) }
    unsafe rows = Column(sizes.count, filledWith: rlenv_rows(data: nil, stride: 0))
    for index in sizes.indices {
      unsafe rows.pointer[index] = rlenv_rows(
        data: UnsafeMutableRawPointer(leaves[index].pointer), stride: sizes[index])
    }
    self.leaves = leaves
    self.sizes = sizes
  }

  func clear() { for leaf in leaves { leaf.fill(with: 0) } }

  func row(lane: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(sizes.reduce(0, +))
    for (leaf, size) in zip(leaves, sizes) {
      unsafe result.append(
        contentsOf: UnsafeBufferPointer(start: leaf.pointer + lane * size, count: size))
    }
    return result
  }

  func write(_ row: [UInt8], lane: Int) {
    precondition(row.count == sizes.reduce(0, +), "the action row has \(row.count) bytes")
    var offset = 0
    for (leaf, size) in zip(leaves, sizes) {
      for k in 0..<size { leaf[lane * size + k] = row[offset + k] }
      offset += size
    }
  }
}
