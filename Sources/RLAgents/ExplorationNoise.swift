public import RLCore
import RLNetworks

/// What is added to the actions of a deterministic policy.
public enum NoiseType: String, Sendable, CaseIterable {
  case none
  /// Independent normal draws.
  case normal
  /// Draws that hang together in time (Uhlenbeck & Ornstein 1930), as in the paper of DDPG.
  case ornsteinUhlenbeck = "ornstein-uhlenbeck"
}

/// The hyperparameters of exploration by noise.
public protocol NoiseConfiguration: AlgorithmConfiguration {
  var noiseType: NoiseType { get set }
  var noiseStd: Float { get set }
  var noiseStdFinal: Float? { get set }
  var noiseFraction: Float { get set }
  var noiseTheta: Float { get set }
  var noiseTimeStep: Float { get set }
}

extension NoiseConfiguration {
  static var noiseFields: [ConfigurationField<Self>] {
    [
      .choice(
        "noiseType", aliases: ["action_noise"], \.noiseType,
        doc: "What is added to actions in training; the bounds count as -1 and 1."),
      .number("noiseStd", \.noiseStd, in: 0...1e6, doc: "Its standard deviation at the start."),
      .optionalNumber(
        "noiseStdFinal", aliases: ["noise_std_end"], \.noiseStdFinal, in: 0...1e6,
        doc: "The same after noiseFraction of the run; none: it stays."),
      .number(
        "noiseFraction", \.noiseFraction, in: 0...1,
        doc: "Share of the run over which the noise falls linearly."),
      .number(
        "noiseTheta", \.noiseTheta, in: 0...1e6,
        doc: "How strongly Ornstein-Uhlenbeck noise returns to 0, per unit of time."),
      .number(
        "noiseTimeStep", aliases: ["noise_dt"], \.noiseTimeStep, in: 1e-9...1e6,
        doc: "Time between two draws of Ornstein-Uhlenbeck noise."),
    ]
  }
}

/// Noise for N lanes with C controls each. The walks of `ornsteinUhlenbeck` are part of an agent's
/// state.
struct ExplorationNoise: Sendable {
  private let type: NoiseType
  private let std: LinearSchedule
  private let theta: Float
  private let timeStep: Float
  private let controls: Int
  private var walks: [Float]  // [N, C]

  init(_ configuration: some NoiseConfiguration, lanes: Int, controls: Int, plannedSteps: Int) {
    type = configuration.noiseType
    theta = configuration.noiseTheta
    timeStep = configuration.noiseTimeStep
    self.controls = controls
    std = LinearSchedule(
      start: configuration.noiseStd, end: configuration.noiseStdFinal ?? configuration.noiseStd,
      steps: Int((Double(configuration.noiseFraction) * Double(plannedSteps)).rounded()))
    walks = Array(repeating: 0, count: type == .ornsteinUhlenbeck ? lanes * controls : 0)
  }

  /// The standard deviation of a draw at a step of the run.
  func deviation(at step: Int) -> Float { type == .none ? 0 : std.value(at: step) }

  /// Adds noise to actions, `[N, C]`, and keeps them in -1 ... 1.
  ///
  /// x' = x - theta x dt + std sqrt(dt) n, as in Stable-Baselines3.
  mutating func add(to actions: inout [Float], at step: Int, random: inout RandomStream) {
    let std = deviation(at: step)
    guard type != .none else { return }
    for i in actions.indices {
      var noise = std * Float(random.normal())
      if type == .ornsteinUhlenbeck {
        walks[i] += timeStep.squareRoot() * noise - theta * walks[i] * timeStep
        noise = walks[i]
      }
      let action = actions[i] + noise
      // written so that NaN stays NaN
      actions[i] = action > 1 ? 1 : action < -1 ? -1 : action
    }
  }

  /// Begins the walks of lanes anew whose episodes ended.
  mutating func observe(_ step: borrowing StepBatch) {
    guard type == .ornsteinUhlenbeck else { return }
    for lane in 0..<step.lanes where step.terminated[lane] || step.truncated[lane] {
      for c in 0..<controls { walks[lane * controls + c] = 0 }
    }
  }

  func saveState() -> SavedState { SavedState(entries: ["walks": .floats(walks)]) }

  mutating func restore(_ state: SavedState) throws(StateError) {
    let walks = try state.floats("walks", count: walks.count)
    guard walks.allSatisfy(\.isFinite) else {
      throw StateError(reason: "the exploration's noise is damaged")
    }
    self.walks = walks
  }
}
