internal import CRLEnv
internal import RLCore

/// The plugin's own row of an environment, and the host's copy of it.
///
/// Unchecked: both are constant while the session lives.
@safe final class EnvironmentEntry: @unchecked Sendable {
  let address: UnsafePointer<rlenv_env>
  let table: rlenv_env
  let session: PluginSession

  /// Tells this row from all others of the process.
  var key: UInt { UInt(bitPattern: unsafe address) }

  init(address: UnsafeRawPointer, table: rlenv_env, session: PluginSession) {
    unsafe self.address = address.assumingMemoryBound(to: rlenv_env.self)
    unsafe self.table = table
    self.session = session
  }
}

/// Checks everything that an environment's row says.
///
/// - Throws: `TableFault` naming the field.
func readEnvironment(
  _ env: rlenv_env, id: String, at address: UnsafeRawPointer, _ session: PluginSession
) throws(TableFault) -> EnvironmentDescription {
  try unsafe checkNeeds(env)
  try unsafe checkFunctions(env)
  try unsafe checkRewards(env)
  let options = try unsafe readOptions(env.options)
  let isDescribed = unsafe env.describe != nil
  let spec = try unsafe readTableSpec(EnvironmentFacts(env), id: id, mayBeOpen: isDescribed)
  return EnvironmentDescription(
    id: id, doc: try unsafe optionalText(env.doc, "doc", .prose),
    flags: .init(rawValue: unsafe env.flags), options: options, spec: spec,
    isDescribedAtCreation: isDescribed, hasSnapshots: unsafe env.save != nil,
    canRender: unsafe env.render != nil,
    entry: unsafe EnvironmentEntry(address: address, table: env, session: session))
}

/// What the table says; `nil` if it leaves a space to `describe`.
private func readTableSpec(
  _ facts: EnvironmentFacts, id: String, mayBeOpen: Bool
) throws(TableFault) -> EnvironmentSpec? {
  let isOpen = unsafe facts.observation.count == 0 || facts.action.count == 0
  guard mayBeOpen, isOpen else { return try readSpec(facts, id: id) }
  _ = try unsafe readSpace(facts.observation, .observation)
  _ = try unsafe readSpace(facts.action, .action)
  _ = try unsafe readMetrics(facts.metrics)
  return nil
}

private func checkNeeds(_ env: rlenv_env) throws(TableFault) {
  guard unsafe env.needs & UInt32(RLENV_NEEDS_AGENTS) == 0 else {
    throw TableFault("needs", "several agents share the world: this host trains one agent")
  }
  guard unsafe env.needs == 0 else {
    throw TableFault("needs", unknownNeeds(unsafe env.needs))
  }
  guard unsafe env.agents <= 1 else {
    throw TableFault(
      "agents", "is \(unsafe env.agents): this host trains one agent, set it to 0 or 1")
  }
}

/// Why unknown bits of `needs` refuse a table.
func unknownNeeds(_ bits: UInt32) -> String {
  "asks for features (bits 0x\(String(bits, radix: 16))) that this host of ABI "
    + "\(RLENV_ABI_MAJOR).\(RLENV_ABI_MINOR) does not have: use a newer host"
}

private func checkFunctions(_ env: rlenv_env) throws(TableFault) {
  let required: [(String, Bool)] = unsafe [
    ("create", env.create == nil), ("destroy", env.destroy == nil), ("reset", env.reset == nil),
    ("step", env.step == nil),
  ]
  for (name, isMissing) in required where isMissing {
    throw TableFault(name, "is NULL: every environment needs this function")
  }
  let snapshot: [(name: String, isMissing: Bool)] = unsafe [
    ("snapshot_size", env.snapshot_size == nil), ("save", env.save == nil),
    ("load", env.load == nil),
  ]
  let missing = snapshot.filter(\.isMissing).map(\.name)
  guard missing.isEmpty || missing.count == snapshot.count else {
    throw TableFault(
      missing.joined(separator: " and "),
      "not set: snapshots need snapshot_size, save and load; set all three, or none")
  }
}

private func checkRewards(_ env: rlenv_env) throws(TableFault) {
  for (name, value) in unsafe [("reward_min", env.reward_min), ("reward_max", env.reward_max)]
  where value.isNaN {
    throw TableFault(name, "is NaN: set reward_min = reward_max = 0 for no bounds")
  }
}

/// What the table says and `describe` may change.
@safe struct EnvironmentFacts {
  var maxEpisodeSteps: UInt32
  var threshold: Double  // NaN = none
  var observation: rlenv_list
  var action: rlenv_list
  var metrics: rlenv_list

  init(_ env: rlenv_env) {
    maxEpisodeSteps = unsafe env.max_episode_steps
    threshold = unsafe Self.threshold(env.flags, env.reward_threshold)
    unsafe observation = env.obs
    unsafe action = env.act
    unsafe metrics = env.metrics
  }

  init(_ description: rlenv_description) {
    maxEpisodeSteps = unsafe description.max_episode_steps
    threshold = unsafe Self.threshold(description.flags, description.reward_threshold)
    unsafe observation = description.obs
    unsafe action = description.act
    unsafe metrics = description.metrics
  }

  private static func threshold(_ flags: UInt32, _ value: Double) -> Double {
    flags & UInt32(RLENV_ENV_HAS_THRESHOLD) != 0 ? value : .nan
  }
}

/// Checks spaces and metrics.
///
/// - Throws: `TableFault` naming the field.
func readSpec(_ facts: EnvironmentFacts, id: String) throws(TableFault) -> EnvironmentSpec {
  guard unsafe facts.observation.count > 0 else {
    throw TableFault("obs", "has no leaf: an environment needs an observation, or a describe")
  }
  guard unsafe facts.action.count > 0 else {
    throw TableFault("act", "has no leaf: an environment needs an action, or a describe")
  }
  guard !facts.threshold.isInfinite else {
    throw TableFault("reward_threshold", "is infinite: give a number, or NAN for none")
  }
  return EnvironmentSpec(
    id: id, observation: try unsafe readSpace(facts.observation, .observation),
    action: try unsafe readSpace(facts.action, .action),
    maxEpisodeSteps: facts.maxEpisodeSteps == 0 ? nil : Int(facts.maxEpisodeSteps),
    rewardThreshold: facts.threshold.isNaN ? nil : facts.threshold,
    metrics: try unsafe readMetrics(facts.metrics))
}
