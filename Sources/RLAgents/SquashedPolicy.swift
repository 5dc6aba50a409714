public import RLCore
public import RLNetworks
public import RLParallel

/// Draws actions from a squashed Gaussian, or takes tanh of its means.
///
/// With gSDE, an action that is sampled has the distribution that it had in training, but
/// consecutive ones are independent.
public struct SquashedPolicy: Policy {
  public let algorithm: String
  public private(set) var actor: SquashedActor
  private let encoder: ObservationEncoder
  private let range: ControlRange
  private let pool: WorkerPool
  private var tape: SquashedTape

  /// - Parameters:
  ///   - algorithm: that trained it.
  ///   - actor: from the encoded observation to the distribution.
  ///   - observation: the observation's space.
  ///   - range: the environment's bounds.
  ///   - pool: the threads to act on.
  public init(
    algorithm: String, actor: SquashedActor, observation: Space, range: ControlRange,
    pool: WorkerPool
  ) {
    self.algorithm = algorithm
    self.actor = actor
    self.range = range
    self.pool = pool
    encoder = ObservationEncoder(observation)
    tape = actor.makeTape(rows: 0)
  }

  public mutating func act(
    _ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]
  ) {
    forward(step.observations, count: step.lanes)
    if deterministic {
      actor.mode(&tape, rows: step.lanes)
    } else {
      for lane in 0..<step.lanes {
        for c in 0..<range.count {
          tape.draws[lane * range.count + c] = Float(random[lane].normal())
        }
      }
      actor.sampleEach(&tape, rows: step.lanes, pool: pool)
    }
    range.unscale(tape.actions, rows: step.lanes, into: &step.controls)
  }

  /// The head's numbers, `[count, K]`: C means, then C log-stds unless gSDE has them.
  public mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    forward(rows, count: count)
    return (0..<count).flatMap { row in
      tape.output[row * tape.outputStride..<row * tape.outputStride + actor.outputs]
    }
  }

  public func export() -> PolicyExport {
    PolicyExport(
      algorithm: algorithm, tensors: actor.tensors,
      attributes: [
        "hidden": actor.architecture.hidden.map { "\($0)" }.joined(separator: ","),
        "activation": actor.architecture.activation.rawValue,
        "useSDE": "\(actor.architecture.usesSDE)",
      ])
  }

  private mutating func forward(_ rows: [UInt8], count: Int) {
    if tape.rows < count { tape = actor.makeTape(rows: count) }
    encoder.encode(rows, count: count, into: &tape.input, stride: tape.inputStride)
    actor.forward(&tape, rows: count, pool: pool)
  }
}

extension SquashedPolicy {
  /// Rebuilds an exported policy.
  ///
  /// - Throws: `StateError` when an attribute or tensor is missing or does not fit the spaces.
  public init(
    algorithm: String, observation: Space, action: ActionSpace, tensors: [PolicyExport.Tensor],
    attributes: [String: String], pool: WorkerPool
  ) throws(StateError) {
    let range = try controlRange(algorithm, action)
    let (hidden, activation) = try hiddenLayers(attributes)
    guard !hidden.isEmpty,
      let usesSDE = ["false": false, "true": true][attributes["useSDE"] ?? ""]
    else { throw StateError(reason: "hidden or useSDE is missing or damaged") }
    let architecture = SquashedActor.Architecture(
      inputs: observation.encodedWidth, hidden: hidden, controls: range.count,
      activation: activation, usesSDE: usesSDE)
    try architecture.check(tensors)
    var actor = SquashedActor(zeros: architecture)
    try actor.load(tensors: tensors)
    self.init(
      algorithm: algorithm, actor: actor, observation: observation, range: range, pool: pool)
  }
}
