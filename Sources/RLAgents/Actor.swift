import RLCore
import RLKernels
import RLNetworks
import RLParallel

/// Who acts: a policy, and how it reads observations.
struct Actor: Sendable {
  let encoder: ObservationEncoder
  let head: PolicyHead
  let pool: WorkerPool
  var network: ActorCritic
  var free: [Float]  // [E], those of the network

  /// One of the same form that acts alone and shares no memory with this one: threads that act at
  /// the same time would contend for the counts of references.
  func apart(_ spec: EnvironmentSpec) -> Actor {
    Actor(
      encoder: ObservationEncoder(spec.observation), head: head.unshared,
      pool: WorkerPool(threads: 1), network: ActorCritic(zeros: network.architecture),
      free: Array(repeating: 0, count: free.count))
  }

  /// Takes over the parameters of one of the same form.
  mutating func adopt(_ other: borrowing Actor) {
    copyElements(other.network.parameters, to: &network.parameters, at: 0)
    copyElements(other.free, to: &free, at: 0)
  }
}
