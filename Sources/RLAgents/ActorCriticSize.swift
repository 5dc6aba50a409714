public import RLCore
import RLNetworks
import RLParallel

extension ActorCriticLearner {
  /// Bytes of an agent: its rollout, its network, its optimizer and what an update works in; `.max`
  /// where they are beyond counting.
  static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: some OnPolicyConfiguration, batchSize: Int
  ) -> Int {
    guard let head = try? head(spec, configuration) else { return 0 }
    let network = architecture(spec, configuration, head)
    let rows = Double(configuration.nSteps) * Double(lanes)
    let action =
      4 * spec.action.choices.count + 4 * spec.action.controlCount + spec.action.maskLength
    // beside observation and action: log-probability, reward, end, final value, value, advantage,
    // return, place in the permutation
    let rowBytes = Double(RowLayout(spec.observation).rowBytes + action + 29)
    // acting twice, together and in groups, and their finals and values; a group has a network of
    // its own and room for a part of the rollout
    let threads = Double(min(lanes, WorkerPool.cores))
    let tapeRows = 2 * Double(lanes) + (1 + threads) * min(64, Double(lanes)) + min(1024, rows)
    let groupBytes = threads * 4 * Double(network.parameterCount) + Double(2 << 20)
    let width = Double(4 * network.tapeWidth + 2 * action + 64)
    // parameters, gradient, moments, transposed weights, and the gradients of groups of shards
    let groups = min(8, (min(Double(batchSize), rows) / 128).rounded(.up))
    let parameters = 4 * (6 + groups) * Double(network.parameterCount)
    let noise = 4 * Double(lanes) * Double(network.freeCount)
    let bytes =
      (rows + Double(lanes)) * rowBytes + 4 * min(Double(batchSize), rows) + tapeRows * width
      + parameters + noise + groupBytes
    return bytes < 0x1p62 ? Int(bytes) : .max
  }
}

extension PPO {
  /// Bytes of an agent.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    ActorCriticLearner.byteCount(
      spec: spec, lanes: lanes, configuration: configuration, batchSize: configuration.batchSize)
  }
}

extension A2C {
  /// Bytes of an agent.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    ActorCriticLearner.byteCount(
      spec: spec, lanes: lanes, configuration: configuration, batchSize: .max)
  }
}
