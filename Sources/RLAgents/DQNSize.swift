public import RLCore
import RLNetworks

extension DQN {
  /// Bytes of an agent: its ring, its networks, its optimizer and what an update works in.
  public static func byteCount(
    spec: EnvironmentSpec, lanes: Int, configuration: Configuration
  ) -> Int {
    let parameters = QNetwork.parameterCount(
      inputs: spec.observation.encodedWidth, hidden: configuration.hidden,
      actions: spec.action.choices.reduce(0) { $0 + $1.count }, isDueling: configuration.dueling)
    let width =
      spec.observation.encodedWidth + configuration.hidden.reduce(0, +)
      + (configuration.dueling ? (configuration.hidden.last ?? 0) + 1 : 0)
      + spec.action.choices.reduce(0) { $0 + $1.count }
    let rowBytes =
      RowLayout(spec.observation).rowBytes + spec.action.maskLength
      + 4 * spec.action.choices.count + 5
    let rows = configuration.bufferSize + 2 * lanes
    return rows * rowBytes + (configuration.prioritized ? SumTree.byteCount(rows) : 0)
      + 4 * (5 * parameters + width * (5 * configuration.batchSize + lanes))
  }
}
