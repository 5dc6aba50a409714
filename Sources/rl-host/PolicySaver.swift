import RLAgents
import RLCore
import RLEnvironments
import RLTraining
import RLWrappers

/// Writes a run's policies, each with all that is needed to use it.
struct PolicySaver {
  private let settings: RunSettings
  private let spec: EnvironmentSpec
  private let rows: [UInt8]  // [SelfTestRows.count, O]

  /// Saves policies of one run; `rows` is what `SelfTestRows` gathered.
  init(_ settings: RunSettings, spec: EnvironmentSpec, rows: [UInt8]) {
    self.settings = settings
    self.spec = spec
    self.rows = rows
  }

  /// Writes `policy`, behind `wrappers`, as it is after `steps` steps, whole or not at all.
  ///
  /// - Throws: `FileError` when it cannot be written, `DivergenceError` when a weight or an output
  ///   is not finite.
  func save(
    _ policy: some Policy, _ wrappers: WrapperState?, steps: Int, to path: String
  ) throws {
    var policy = policy
    let library = settings.subject.library
    let test = PolicyFile.SelfTest(
      &policy, observations: rows, count: SelfTestRows.count,
      through: try FrozenWrappers(wrappers, observation: spec.observation))
    let export = policy.export()
    guard test.outputs.allSatisfy(\.isFinite),
      export.tensors.allSatisfy({ $0.values.allSatisfy(\.isFinite) })
    else { throw DivergenceError(quantity: "the policy at step \(steps)") }
    let file = PolicyFile(
      export, spec: spec, pluginSHA256: library.sha256, abi: library.plugin.abi,
      encoder: HostContract.encoder, configuration: settings.hyperparameters.texts,
      seed: settings.seed, steps: steps, hostVersion: hostVersion, numerics: HostContract.numerics,
      selfTest: test, wrappers: wrappers)
    try file.write(path)
  }
}

/// Observations on which a saved policy is tested when it is loaded.
enum SelfTestRows {
  /// How many are gathered.
  static let count = 32

  /// Plays at random: one lane's observation a step.
  ///
  /// - Throws: `EnvironmentError`.
  static func gather(_ environment: consuming VectorEnvironment, seed: UInt64) throws -> [UInt8] {
    var environment = environment
    var batch = StepBatch(environment.spec, lanes: environment.lanes)
    var random = RandomStream(seed: seed, purpose: "self-test")
    let rowBytes = RowLayout(environment.spec.observation).rowBytes
    var rows: [UInt8] = []
    try environment.reset(&batch)
    for index in 0..<count {
      let start = index % environment.lanes * rowBytes
      rows += batch.observations[start..<start + rowBytes]
      chooseRandomly(&batch, environment.spec.action, &random)
      try environment.step(&batch)
      try environment.advance(&batch)
    }
    return rows
  }

  /// Writes one allowed action for each lane.
  private static func chooseRandomly(
    _ batch: inout StepBatch, _ action: ActionSpace, _ random: inout RandomStream
  ) {
    for lane in 0..<batch.lanes {
      var mask = lane * action.maskLength
      for (index, choice) in action.choices.enumerated() {
        var chosen = random.index(below: choice.count)
        if choice.isMasked {
          while batch.masks[mask + chosen] == 0 { chosen = (chosen + 1) % choice.count }
          mask += choice.count
        }
        batch.choices[lane * action.choices.count + index] = Int32(chosen)
      }
      for index in 0..<action.controlCount {
        let span = action.high[index] - action.low[index]
        let value = span.isFinite ? action.low[index] + span * random.uniform() : 0
        batch.controls[lane * action.controlCount + index] = value
      }
    }
  }
}
