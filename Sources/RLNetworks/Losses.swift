/// A loss of one prediction, as a function of the difference prediction - target.
public enum Loss: Sendable, Equatable {
  /// d^2, as PyTorch's `MSELoss` before its mean.
  case squared
  /// d^2 / 2 up to |d| = `delta`, linear with slope `delta` beyond (Huber 1964). With `delta` 1 it
  /// is PyTorch's `SmoothL1Loss`.
  case huber(delta: Float)

  public static let huber = Loss.huber(delta: 1)

  /// The loss at a difference.
  @inlinable
  public func value(_ difference: Float) -> Float {
    switch self {
    case .squared: return difference * difference
    case .huber(let delta):
      let size = abs(difference)
      return size <= delta ? 0.5 * difference * difference : delta * (size - 0.5 * delta)
    }
  }

  /// The slope of the loss at a difference.
  @inlinable
  public func derivative(_ difference: Float) -> Float {
    switch self {
    case .squared: 2 * difference
    // written so that NaN stays NaN
    case .huber(let delta): difference > delta ? delta : difference < -delta ? -delta : difference
    }
  }
}
