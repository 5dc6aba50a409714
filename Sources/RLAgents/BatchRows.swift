import RLCore
import RLNetworks

/// What a gradient step works in; allocated once.
struct BatchRows: Sendable {
  /// The most rows of a minibatch.
  let size: Int
  var room: GradientRoom
  var gradient: [Float]  // [P]

  init(
    _ network: ActorCritic, _ head: PolicyHead, _ encoder: ObservationEncoder, size: Int,
    threads: Int
  ) {
    self.size = size
    room = GradientRoom(network, head, encoder, rows: size, threads: threads)
    gradient = Array(repeating: 0, count: network.parameters.count)
  }
}
