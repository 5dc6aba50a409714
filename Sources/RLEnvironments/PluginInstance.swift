internal import CRLEnv
internal import RLCore

/// One instance of an environment: the calls of the ABI, made safe. Destroyed with its owner.
@safe final class PluginInstance {
  let lanes: Int
  /// Whether a lane's state can be saved and loaded.
  let hasSnapshots: Bool
  /// Whether seeds and actions do not fix an episode. As the table says, until `describe`.
  private(set) var isNondeterministic: Bool
  private let entry: EnvironmentEntry
  private let id: String
  private let handle: OpaquePointer
  private let options: OptionStorage
  private let error = CallError()
  private let isOnly: Bool
  private var broken: rlenv_status?  // the status after which only destroy may be called

  /// - Throws: `TableFault` if the environment cannot be made.
  init(
    _ description: EnvironmentDescription, options: [OptionValue], lanes: Int
  ) throws(TableFault) {
    entry = description.entry
    id = description.id
    isOnly = description.flags.contains(.singleInstance)
    hasSnapshots = description.hasSnapshots
    isNondeterministic = description.flags.contains(.nondeterministic)
    self.lanes = lanes
    self.options = OptionStorage(options)
    guard !entry.session.plugin.isBroken else { throw fatalFault }
    guard !isOnly || entry.session.plugin.occupy(entry.key) else {
      throw TableFault(
        "create",
        "the environment has global state, so a process can hold one instance, and it has one: "
          + "end the other use first, or evaluate in another process")
    }
    var handle: OpaquePointer?
    let mode = FloatingPointMode.enter()
    let status = unsafe entry.table.create(
      entry.session.plugin.host, entry.address, self.options.values, UInt32(lanes), &handle,
      error.pointer)
    mode.leave()
    if status == RLENV_E_FATAL { entry.session.plugin.markBroken() }
    guard status == RLENV_OK, let handle = unsafe handle else {
      if isOnly { entry.session.plugin.vacate(entry.key) }
      throw TableFault(
        "create",
        status == RLENV_OK
          ? "answered RLENV_OK without an instance: set *out, or return an error"
          : error.text(status))
    }
    unsafe self.handle = handle
  }

  deinit {
    if !entry.session.plugin.isBroken {
      let mode = FloatingPointMode.enter()
      unsafe entry.table.destroy(handle)
      mode.leave()
    }
    if isOnly { entry.session.plugin.vacate(entry.key) }
  }

  /// Spaces, limit and metrics as they are with the chosen options.
  ///
  /// - Throws: `TableFault` naming the field.
  func describe() throws(TableFault) -> EnvironmentSpec {
    guard let function = unsafe entry.table.describe else {
      return try readSpec(unsafe EnvironmentFacts(entry.table), id: id)
    }
    var description = unsafe preset(entry.table)
    error.clear()
    let mode = FloatingPointMode.enter()
    let status = unsafe function(handle, &description, error.pointer)
    mode.leave()
    if status != RLENV_OK { note(status) }
    guard status == RLENV_OK else { throw TableFault("describe", error.text(status)) }
    do throws(TableFault) {
      isNondeterministic = EnvironmentDescription.Flags(rawValue: unsafe description.flags)
        .contains(.nondeterministic)
      let id = try unsafe requiredText(description.id, "id", .environmentID)
      return try readSpec(unsafe EnvironmentFacts(description), id: id)
    } catch {
      throw TableFault("describe, \(error.field)", error.reason)
    }
  }

  func reset(_ batch: UnsafePointer<rlenv_batch>) -> rlenv_status {
    unsafe call(entry.table.reset, batch)
  }

  func step(_ batch: UnsafePointer<rlenv_batch>) -> rlenv_status {
    unsafe call(entry.table.step, batch)
  }

  /// An upper bound of a lane's snapshot in bytes.
  func snapshotSize() -> UInt {
    if refusal != nil { return 0 }
    let mode = FloatingPointMode.enter()
    let size = unsafe entry.table.snapshot_size!(handle)
    mode.leave()
    return UInt(bitPattern: size)
  }

  /// Writes a lane's snapshot.
  ///
  /// - Returns: the status, and how many bytes the plugin says it wrote.
  func save(
    lane: Int, _ buffer: UnsafeMutableRawPointer, capacity: Int
  ) -> (status: rlenv_status, bytes: UInt) {
    if let refusal { return (refusal, 0) }
    error.clear()
    var bytes = Int(bitPattern: .max)  // so that a size that was not written is too large
    let mode = FloatingPointMode.enter()
    let status = unsafe entry.table.save!(
      handle, UInt32(lane), buffer, capacity, &bytes, error.pointer)
    mode.leave()
    if status != RLENV_OK { note(status) }
    return (status, UInt(bitPattern: bytes))
  }

  func load(lane: Int, _ buffer: UnsafeRawPointer, bytes: Int) -> rlenv_status {
    if let refusal { return refusal }
    error.clear()
    let mode = FloatingPointMode.enter()
    let status = unsafe entry.table.load!(handle, UInt32(lane), buffer, bytes, error.pointer)
    mode.leave()
    if status != RLENV_OK { note(status) }
    return status
  }

  /// The status that answers every call from now on.
  private var refusal: rlenv_status? {
    broken ?? (entry.session.plugin.isBroken ? rlenv_status(RLENV_E_FATAL) : nil)
  }

  @inline(__always)
  private func call(
    _ function: (
      @convention(c) (
        OpaquePointer?, UnsafePointer<rlenv_batch>?, UnsafeMutablePointer<rlenv_error>?
      ) -> rlenv_status
    )?, _ batch: UnsafePointer<rlenv_batch>
  ) -> rlenv_status {
    if let broken { return broken }
    if entry.session.plugin.isBroken { return rlenv_status(RLENV_E_FATAL) }
    error.clear()
    let mode = FloatingPointMode.enter()
    let status = unsafe function!(handle, batch, error.pointer)
    mode.leave()
    if status != RLENV_OK { note(status) }
    return status
  }

  /// Remembers a status after which the instance, or the library, may not be called again.
  private func note(_ status: rlenv_status) {
    let usable = [
      RLENV_E_ARG, RLENV_E_STATE, RLENV_E_OPTION, RLENV_E_NOMEM, RLENV_E_IO, RLENV_E_UNSUPPORTED,
      RLENV_E_BUFFER, RLENV_E_LANE,
    ]
    if !usable.contains(Int(status)) { broken = status }
    if status == RLENV_E_FATAL { entry.session.plugin.markBroken() }
  }

  /// What the last failed call said.
  func errorText(_ status: rlenv_status) -> String { error.text(status) }

  /// The lane that the last failed call blamed, if it is one.
  var errorLane: Int? { error.lane.flatMap { $0 < lanes ? $0 : nil } }
}

/// What `describe` overwrites.
private func preset(_ env: rlenv_env) -> rlenv_description {
  unsafe rlenv_description(
    size: UInt32(MemoryLayout<rlenv_description>.size), flags: env.flags,
    max_episode_steps: env.max_episode_steps, reserved: 0, reward_threshold: env.reward_threshold,
    reward_min: env.reward_min, reward_max: env.reward_max, id: env.id, doc: env.doc, obs: env.obs,
    act: env.act, metrics: env.metrics)
}
