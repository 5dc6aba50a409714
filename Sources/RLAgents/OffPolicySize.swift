public import RLCore
import RLNetworks

extension OffPolicyConfiguration {
  /// Counts the bytes of an agent: its ring, its networks, its optimisers and what an update works in.
  ///
  /// - Parameters:
  ///   - spec: the environment.
  ///   - lanes: of every batch.
  ///   - critics: how many critics.
  ///   - outputs: numbers of the policy's head for each control.
  /// - Returns: bytes; `.max` where they are beyond counting.
  func byteCount(spec: EnvironmentSpec, lanes: Int, critics: Int, outputs: Int) -> Int {
    let (inputs, controls) = (spec.observation.encodedWidth, spec.action.controlCount)
    let policy = [inputs] + hidden + [outputs * controls]
    let critic = [inputs + controls] + (criticHidden ?? hidden) + [1]
    // parameters, target, gradient, two moments and transposed weights
    let parameters = 6 * (weights(policy) + Double(critics) * weights(critic))
    let rows = Double(bufferSize) + 2 * Double(lanes)
    let rowBytes = Double(RowLayout(spec.observation).rowBytes + 4 * controls + 5)
    let batch = Double(batchSize) + Double(lanes)
    let widths = 4 * Double(policy.reduce(0, +)) + 4 * Double(critics * critic.reduce(0, +))
    let priorities = prioritized ? 8 * rows : 0
    let bytes = rows * rowBytes + priorities + 4 * (parameters + batch * widths)
    return bytes < 0x1p62 ? Int(bytes) : .max
  }

  private func weights(_ sizes: [Int]) -> Double {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + Double($1.0 + 1) * Double($1.1) }
  }
}

extension DDPG {
  /// Bytes of an agent.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    configuration.byteCount(spec: spec, lanes: lanes, critics: 1, outputs: 1)
  }
}

extension TD3 {
  /// Bytes of an agent.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    configuration.byteCount(spec: spec, lanes: lanes, critics: 2, outputs: 1)
  }
}

extension SAC {
  /// Bytes of an agent.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    configuration.byteCount(spec: spec, lanes: lanes, critics: 2, outputs: 2)
  }
}
