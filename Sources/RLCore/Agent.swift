/// A learner. The trainer lets it `play` some steps of all lanes, then calls `learn`.
///
/// Nothing in `act`, `observe` and `learn` allocates after the first call of each.
public protocol Agent: Sendable {
  associatedtype ActingPolicy: Policy

  /// What the agent has learned, to be evaluated or saved. A copy that shares storage until the
  /// agent's next update.
  var policy: ActingPolicy { get }

  /// Writes one action for each row of `step.observations`, exploring.
  mutating func act(_ step: inout StepBatch)

  /// Records what the environments answered. Never learns.
  mutating func observe(_ step: borrowing StepBatch)

  /// How many iterations `play` may make before the next `learn`; 1 and above.
  var playableIterations: Int { get }

  /// Makes the iterations of a stretch: in each acts, steps the environment, observes and advances.
  ///
  /// An agent may let groups of the environment's lanes go through the whole stretch side by side.
  /// That changes no bit, unless the environment fails: groups that did not are then further than
  /// `stretch` says.
  ///
  /// - Parameters:
  ///   - stretch: of at most `playableIterations` iterations; the endings in it are written.
  ///   - environment: between `reset`, `restore` or `advance` and `step`, before and after.
  ///   - batch: that of the environment.
  /// - Throws: `EnvironmentError` when a step or a new episode fails.
  mutating func play<E: Environment & ~Copyable>(
    _ stretch: inout Stretch, in environment: inout E, _ batch: inout StepBatch
  ) throws(EnvironmentError)

  /// Runs the updates that are due.
  ///
  /// - Returns: how many gradient steps it made, 0 when none was due.
  mutating func learn() throws(DivergenceError) -> Int

  /// Means since the last call, for the log; empty when there is nothing to say.
  mutating func takeMetrics() -> Metrics

  /// The agent's whole state: parameters, optimisers, replay, random streams, counters.
  func saveState() -> SavedState

  /// What a checkpoint needs to know now: small arrays whole, of large ones the rows that changed
  /// since the capture before. The first one counts from the agent as it was made, or restored.
  ///
  /// It must take little time, for training waits for it.
  mutating func capture() -> StateCapture

  /// Forgets what was captured: the next capture counts from all zero, as for a new checkpoint that
  /// has none before it.
  mutating func captureAnew()

  /// Continues from a saved state, with the same bits as the agent that saved it.
  ///
  /// The state is whole, as from `saveState`. Then nothing counts as changed.
  mutating func restore(_ state: SavedState) throws(StateError)
}

extension Agent {
  public var playableIterations: Int { 1 }

  public mutating func play<E: Environment & ~Copyable>(
    _ stretch: inout Stretch, in environment: inout E, _ batch: inout StepBatch
  ) throws(EnvironmentError) {
    try playTogether(&stretch, in: &environment, &batch)
  }

  /// Plays all lanes in step.
  @inlinable
  public mutating func playTogether<E: Environment & ~Copyable>(
    _ stretch: inout Stretch, in environment: inout E, _ batch: inout StepBatch
  ) throws(EnvironmentError) {
    while stretch.made < stretch.length {
      act(&batch)
      try environment.step(&batch)
      stretch.count(environment.finishedEpisodes)
      observe(batch)
      try environment.advance(&batch)
    }
  }

  /// Everything, which is right for agents without large arrays.
  public mutating func capture() -> StateCapture { StateCapture(state: saveState()) }
  public mutating func captureAnew() {}
}

/// A map from observations to actions that can be evaluated and saved.
public protocol Policy: Sendable {
  /// Writes one action for each row of `step.observations`.
  ///
  /// Lane `n` draws only from `random[n]`, and nothing when `deterministic`: so an episode does
  /// not depend on the lanes beside it.
  mutating func act(_ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream])

  /// The network's outputs, `[count, K]`, for `count` observation rows: what a saved policy is
  /// tested against when it is loaded.
  mutating func outputs(for rows: [UInt8], count: Int) -> [Float]

  /// Everything needed to rebuild the policy, under the field's usual tensor names.
  func export() -> PolicyExport
}

/// A policy as tensors and text.
public struct PolicyExport: Sendable, Equatable {
  /// A named array of 32-bit floats in row-major order.
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var values: [Float]

    public init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  public var algorithm: String
  public var tensors: [Tensor]
  /// Architecture and constants, such as `hidden` = "256,256", `activation` = "relu".
  public var attributes: [String: String]

  public init(algorithm: String, tensors: [Tensor], attributes: [String: String]) {
    self.algorithm = algorithm
    self.tensors = tensors
    self.attributes = attributes
  }
}

/// Numbers that left the finite range: the run cannot go on.
public struct DivergenceError: Error, Sendable, Equatable, CustomStringConvertible {
  public var quantity: String  // such as "the loss"
  public var update: Int?  // the gradient step at which it was seen

  public init(quantity: String, update: Int? = nil) {
    self.quantity = quantity
    self.update = update
  }

  public var description: String {
    "\(quantity) is not finite\(update.map { " at update \($0)" } ?? ""): "
      + "lower the learning rate or clip the gradient"
  }
}
