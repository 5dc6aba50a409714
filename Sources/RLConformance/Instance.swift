internal import CEnvironmentSupport
internal import CRLEnv
internal import Glibc
internal import RLCore
internal import RLEnvironments

/// One instance of the environment: the calls of the ABI, each noted before it begins.
@safe final class Instance {
  let environment: EnvironmentUnderTest
  let lanes: Int
  let options: OptionValues
  let spec: EnvironmentSpec
  /// What `describe` and the table say of the reward; `nil` without bounds.
  let rewardRange: ClosedRange<Double>?
  private var handle: OpaquePointer?
  private let error: UnsafeMutablePointer<rlenv_error>
  private var progress: Progress { environment.progress }

  /// Makes an instance with the chosen options, and `changes` to them.
  ///
  /// - Throws: `CreationFailure` if it cannot be made.
  init(_ environment: EnvironmentUnderTest, lanes: Int, changes: [String: String] = [:]) throws {
    self.environment = environment
    self.lanes = lanes
    let options = try environment.values(changes)
    self.options = options
    let error = unsafe makeError()
    unsafe self.error = error
    let (status, handle) = unsafe Self.create(environment, options, lanes: lanes, error)
    guard status == RLENV_OK, let handle = unsafe handle else {
      let words = unsafe message(error)
      unsafe error.deallocate()
      throw CreationFailure(finding: unsafe creationFinding(status, handle, words))
    }
    unsafe self.handle = handle
    do {
      (spec, rewardRange) = try unsafe Self.describe(environment, handle, error)
    } catch {
      unsafe self.error.deallocate()
      throw error
    }
  }

  deinit {
    destroy()
    unsafe error.deallocate()
  }

  /// Calls `create` alone, whatever it answers; `keepsMode` leaves the floating-point mode as it is
  /// then.
  static func create(
    _ environment: EnvironmentUnderTest, _ options: OptionValues, lanes: Int,
    _ error: UnsafeMutablePointer<rlenv_error>, keepsMode: Bool = false
  ) -> (rlenv_status, OpaquePointer?) {
    var handle: OpaquePointer?
    environment.progress.enter(.create, lane: -1, lanes: lanes)
    let description = environment.description
    let status = unsafe environment.table.create(
      description.host, description.row, options.pointer, UInt32(lanes), &handle, error)
    environment.progress.leave()
    if !keepsMode { cenvironment_restore_mode(defaultMode) }
    return unsafe (status, handle)
  }

  /// What `describe` answers now; the table's own words without one.
  func describeAgain() throws -> rlenv_description {
    unsafe clear(error)
    return try unsafe Self.description(environment, handle!, error)
  }

  private static func describe(
    _ environment: EnvironmentUnderTest, _ handle: OpaquePointer,
    _ error: UnsafeMutablePointer<rlenv_error>
  ) throws -> (EnvironmentSpec, ClosedRange<Double>?) {
    let answer = try unsafe description(environment, handle, error)
    do {
      let spec = try unsafe environment.description.checkedSpec(answer)
      let (low, high) = unsafe (answer.reward_min, answer.reward_max)
      return (spec, low < high ? low...high : nil)
    } catch {
      throw Finding(
        "\(error)", at: Place(call: "describe"),
        advice: "correct the table, or what describe overwrites in it")
    }
  }

  private static func description(
    _ environment: EnvironmentUnderTest, _ handle: OpaquePointer,
    _ error: UnsafeMutablePointer<rlenv_error>
  ) throws -> rlenv_description {
    let env = unsafe environment.table
    var answer = unsafe rlenv_description(
      size: UInt32(MemoryLayout<rlenv_description>.size), flags: env.flags,
      max_episode_steps: env.max_episode_steps, reserved: 0,
      reward_threshold: env.reward_threshold, reward_min: env.reward_min,
      reward_max: env.reward_max, id: env.id, doc: env.doc, obs: env.obs, act: env.act,
      metrics: env.metrics)
    guard let function = unsafe env.describe else { return unsafe answer }
    environment.progress.enter(.describe)
    let status = unsafe function(handle, &answer, error)
    environment.progress.leave()
    cenvironment_restore_mode(defaultMode)
    guard status == RLENV_OK else {
      throw unsafe callFinding("describe", status, message(error), Place())
    }
    return unsafe answer
  }

  /// An arena that fits.
  func arena(_ layout: RowLayout = RowLayout()) -> Arena {
    Arena(
      spec, optionCount: environment.description.options.count, lanes: lanes, layout: layout)
  }

  /// What the last call said of itself.
  var lastMessage: String { unsafe message(error) }
  var lastLane: Int { unsafe Int(error.pointee.lane) }

  /// Calls `reset` or `step`, whatever it answers.
  func call(_ call: Progress.Call, _ batch: rlenv_batch, step: Int = -1) -> rlenv_status {
    var batch = unsafe batch
    unsafe clear(error)
    let lane = unsafe batch.lanes.map { unsafe Int($0[0]) } ?? 0
    let seed = unsafe batch.seeds.map { unsafe $0[lane] } ?? 0
    unsafe progress.enter(call, lane: lane, lanes: Int(batch.count), step: step, seed: seed)
    let env = unsafe environment.table
    let status =
      unsafe call == .reset
      ? env.reset(handle, &batch, error) : env.step(handle, &batch, error)
    progress.leave()
    lastMode = cenvironment_enter_default_mode()
    lastStatus = status
    return status
  }

  /// What the last reset or step answered.
  private(set) var lastStatus = rlenv_status(RLENV_OK)

  /// The floating-point mode that the last reset, step, save or load left behind.
  private(set) var lastMode = defaultMode

  func snapshotSize() -> Int {
    progress.enter(.snapshotSize)
    defer { progress.leave() }
    return unsafe Int(environment.table.snapshot_size(handle))
  }

  func save(
    _ lane: Int, _ buffer: UnsafeMutableRawPointer, capacity: Int, _ bytes: inout Int
  ) -> rlenv_status {
    unsafe clear(error)
    progress.enter(.save, lane: lane, lanes: 1)
    let status = unsafe environment.table.save(
      handle, UInt32(lane), buffer, capacity, &bytes, error)
    progress.leave()
    lastMode = cenvironment_enter_default_mode()
    return status
  }

  func load(_ lane: Int, _ buffer: UnsafeRawPointer, _ bytes: Int) -> rlenv_status {
    unsafe clear(error)
    progress.enter(.load, lane: lane, lanes: 1)
    let status = unsafe environment.table.load(handle, UInt32(lane), buffer, bytes, error)
    progress.leave()
    lastMode = cenvironment_enter_default_mode()
    return status
  }

  func reseed(_ lane: Int, _ seed: UInt64) -> rlenv_status {
    unsafe clear(error)
    progress.enter(.reseed, lane: lane, lanes: 1)
    defer { progress.leave() }
    return unsafe environment.table.reseed(handle, UInt32(lane), seed, error)
  }

  func render(_ lane: Int, _ frame: inout rlenv_frame) -> rlenv_status {
    unsafe clear(error)
    progress.enter(.render, lane: lane, lanes: 1)
    defer { progress.leave() }
    return unsafe environment.table.render(handle, UInt32(lane), &frame, error)
  }

  /// Ends the instance; nothing may be called afterwards.
  func destroy() {
    guard let handle = unsafe handle else { return }
    unsafe self.handle = nil
    progress.enter(.destroy)
    unsafe environment.table.destroy(handle)
    progress.leave()
    cenvironment_restore_mode(defaultMode)
  }
}

/// The mode in which every call begins.
let defaultMode: UInt64 = {
  _ = cenvironment_enter_default_mode()
  return cenvironment_enter_default_mode()
}()
