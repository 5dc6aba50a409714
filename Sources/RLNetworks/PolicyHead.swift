public import RLCore
import RLKernels

/// The distribution of every control of a policy.
public enum ControlDistribution: String, Sendable, CaseIterable {
  /// Normal with a free log-std for each control: SB3's `DiagGaussianDistribution`.
  case gaussian
  /// Normal with log-stds that the network gives, clamped to -20 ... 2 as in SB3's SAC.
  case stateDependentGaussian
  /// Normal with the variance Σ latent² · std² + 1e-6, and noise that is a fixed function of the
  /// latent until it is drawn anew (Raffin et al. 2021): SB3's `StateDependentNoiseDistribution`
  /// with `full_std`, `learn_features` off and no squashing.
  case gsde
  /// Beta on the bounded interval, alpha and beta = softplus(output) + 1 (Chou et al. 2017).
  case beta
}

/// A policy's joint distribution over an action space, as a function of the network's outputs: a
/// product of one distribution for each component.
///
/// Each component of a Discrete or MultiDiscrete leaf is categorical: a softmax over its outputs.
/// Forbidden choices have the probability 0 and the gradient 0, and the entropy is over the allowed
/// ones; where a mask allows nothing, the first choice is certain. Each element of a MultiBinary
/// leaf is Bernoulli with one logit. Every control is as `distribution` says.
///
/// A row of outputs holds K columns: those of one choice after the other, then for the C controls
/// their means; or means, then log-stds; or the numbers behind alpha, then behind beta.
///
/// With SB3's constants and conventions: log-probabilities and entropies are sums over the
/// components, in nats, of the unclipped action; gSDE's entropy is that of its Gaussian.
public struct PolicyHead: Sendable, Equatable {
  public let action: ActionSpace
  public let distribution: ControlDistribution
  /// Whether gSDE's std is e^x up to 0 and ln(1 + x) + 1 above, rather than e^x everywhere.
  public let usesExpln: Bool
  let shape: HeadShape

  /// - Parameters:
  ///   - action: what is acted on.
  ///   - controls: the distribution of its controls, if it has any.
  ///   - latentWidth: of the policy network's last hidden layer, or its input if it has none.
  ///   - usesExpln: gSDE's `use_expln` in SB3.
  /// - Throws: `ConfigurationError` naming `controlDistribution` when it does not fit the space.
  public init(
    action: ActionSpace, controls: ControlDistribution, latentWidth: Int, usesExpln: Bool = false
  ) throws(ConfigurationError) {
    if controls == .beta { try requireBounds(action) }
    self.action = action
    distribution = controls
    self.usesExpln = usesExpln
    shape = HeadShape(
      choices: choices(of: action), maskLength: action.maskLength, controls: controls.kernel,
      controlCount: action.controlCount, latentWidth: controls == .gsde ? latentWidth : 0)
  }

  /// An equal head that shares no array of its own with this one.
  public var unshared: PolicyHead {
    let space = ActionSpace(action.space)
    guard
      let head = try? PolicyHead(
        action: space, controls: distribution, latentWidth: shape.latentWidth,
        usesExpln: usesExpln)
    else { preconditionFailure("a head that was made can be made again") }
    return head
  }

  /// K, columns that the policy network must have.
  public var outputs: Int { shape.outputs }

  /// E, the number of parameters beside the network.
  public var freeCount: Int {
    switch distribution {
    case .gaussian: action.controlCount
    case .gsde: shape.latentWidth * action.controlCount
    case .stateDependentGaussian, .beta: 0
    }
  }

  /// Their shape as SB3's `log_std`: `[C]` of `gaussian`, `[L, C]` of `gsde`; `[]` if there are none.
  public var freeShape: [Int] {
    guard freeCount > 0 else { return [] }
    return distribution == .gsde
      ? [shape.latentWidth, action.controlCount] : [action.controlCount]
  }

  /// The parameters beside the network at the start: `[E]`, all `logStdInit`.
  public func initialFree(logStdInit: Float) -> [Float] {
    Array(repeating: logStdInit, count: freeCount)
  }

  /// The columns of log-stds, empty unless the network gives them: their biases are where
  /// `logStdInit` belongs then.
  public var logStdColumns: Range<Int> {
    let count = distribution == .stateDependentGaussian ? action.controlCount : 0
    return outputs - count..<outputs
  }

  /// Room for up to `rows` rows of actions; masks all allow.
  public func makeActions(rows: Int) -> ActionRows {
    ActionRows(
      choices: Array(repeating: 0, count: rows * action.choices.count),
      controls: Array(repeating: 0, count: rows * action.controlCount),
      masks: Array(repeating: 1, count: rows * action.maskLength),
      logProbabilities: Array(repeating: 0, count: rows),
      entropies: Array(repeating: 0, count: rows), scratch: HeadScratch())
  }
}

/// - Throws: `ConfigurationError` naming the first control without bounds.
private func requireBounds(_ action: ActionSpace) throws(ConfigurationError) {
  for (index, (low, high)) in zip(action.low, action.high).enumerated() {
    guard low.isFinite && high.isFinite && low < high else {
      throw ConfigurationError(
        field: "controlDistribution",
        reason: "beta needs bounded controls, and control \(index) is in \(low) ... \(high): "
          + "choose gaussian, stateDependentGaussian or gsde")
    }
  }
}

/// The choices of an action space and the places of their masks.
private func choices(of action: ActionSpace) -> [HeadShape.Choice] {
  var binary: [Bool] = []
  for leaf in action.space.leaves {
    switch leaf.kind {
    case .box: break
    case .discrete: binary.append(false)
    case .multiDiscrete(let counts, _): binary += counts.map { _ in false }
    case .multiBinary: binary += Array(repeating: true, count: leaf.elementCount)
    }
  }
  var mask = 0
  return zip(action.choices, binary).map { choice, isBinary in
    if isBinary { return .binary }
    guard choice.isMasked else { return .softmax(count: choice.count, mask: nil) }
    defer { mask += choice.count }
    return .softmax(count: choice.count, mask: mask)
  }
}

extension ControlDistribution {
  fileprivate var kernel: HeadShape.Controls {
    switch self {
    case .gaussian: .gaussian
    case .stateDependentGaussian: .stateDependentGaussian
    case .gsde: .gsde
    case .beta: .beta
    }
  }
}
