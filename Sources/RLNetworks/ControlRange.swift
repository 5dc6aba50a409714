public import RLCore

/// The bounds of every control of an action space, and the one place where controls go between the
/// environment's bounds and the -1 ... 1 in which networks act.
///
/// As in Stable-Baselines3's `scale_action` and `unscale_action`.
public struct ControlRange: Sendable, Equatable {
  /// `[C]`, in the environment's units.
  public let low: [Float]
  /// `[C]`, in the environment's units.
  public let high: [Float]

  /// - Parameters:
  ///   - spec: an environment whose actions are bounded controls and nothing else.
  ///   - algorithm: that is to act, for the message.
  /// - Throws: `ConfigurationError` naming the choices, or the control without bounds.
  public init(_ spec: EnvironmentSpec, algorithm: String) throws(ConfigurationError) {
    try self.init(spec.action, algorithm: algorithm, of: spec.id)
  }

  /// - Parameters:
  ///   - action: bounded controls and nothing else.
  ///   - algorithm: that is to act, for the message.
  ///   - id: whose actions they are, for the message.
  /// - Throws: `ConfigurationError` naming the choices, or the control without bounds.
  public init(
    _ action: ActionSpace, algorithm: String, of id: String
  ) throws(ConfigurationError) {
    guard action.choices.isEmpty, action.controlCount > 0 else {
      throw ConfigurationError(
        field: "algo",
        reason: "\(algorithm) needs continuous actions alone, but \(id) has \(action.space)")
    }
    for (index, (low, high)) in zip(action.low, action.high).enumerated() {
      guard low < high, (high - low).isFinite else {
        throw ConfigurationError(
          field: "algo",
          reason: "\(algorithm) needs bounded controls, but control \(index) of \(id) is in "
            + "\(low) ... \(high)")
      }
    }
    low = action.low
    high = action.high
  }

  /// C, the controls of an action.
  public var count: Int { low.count }

  /// Turns controls in -1 ... 1 into the environment's: low + (x + 1) / 2 (high - low), never
  /// outside the bounds.
  ///
  /// - Parameters:
  ///   - scaled: `[rows or more, C]`.
  ///   - rows: how many to turn.
  ///   - controls: `[rows or more, C]`, overwritten.
  public func unscale(_ scaled: [Float], rows: Int, into controls: inout [Float]) {
    precondition(
      scaled.count >= rows * count && controls.count >= rows * count, "controls are not [rows, C]")
    for row in 0..<rows {
      for c in 0..<count {
        let value = low[c] + 0.5 * (scaled[row * count + c] + 1) * (high[c] - low[c])
        // rounding may leave the interval by a unit in the last place; NaN stays NaN
        controls[row * count + c] = value < low[c] ? low[c] : value > high[c] ? high[c] : value
      }
    }
  }

  /// Control `c` of the environment, in -1 ... 1: 2 (x - low) / (high - low) - 1.
  public func scaled(_ control: Float, _ c: Int) -> Float {
    2 * ((control - low[c]) / (high[c] - low[c])) - 1
  }
}
