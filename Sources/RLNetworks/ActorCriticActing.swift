public import RLCore
import RLKernels
public import RLParallel

/// What `ActorCritic.act` works in; allocated once.
public struct ActingRoom: Sendable {
  let rowBytes: Int
  var scratch: PolicyActingScratch
  var outputs: [Float]  // [rows, stride], of a head whose draws need more than a word
  var std = HeadScratch()
  var freeOfStd: [Float] = []  // that std is of

  /// Room for up to `rows` rows on `threads` threads.
  public init(
    _ network: ActorCritic, _ head: PolicyHead, _ encoder: ObservationEncoder, rows: Int,
    threads: Int
  ) {
    let shape = network.shape(head, encoder)
    rowBytes = encoder.rowBytes
    scratch = PolicyActingScratch(shape, rows: rows, threads: threads)
    outputs = Array(
      repeating: 0, count: head.shape.drawsBeta ? rows * shape.actor.outputStride : 0)
  }
}

extension ActorCritic {
  /// Draws an action for each row of observations, with its log-probability and its distribution's
  /// entropy.
  ///
  /// Row `i` draws from `random[i]` alone. Its bits are those of `forwardPolicy` and
  /// `PolicyHead.sample`.
  ///
  /// - Parameters:
  ///   - observations: `[B or more, rowBytes]`.
  ///   - rows: B.
  ///   - head: what the outputs mean.
  ///   - free: `[E]`.
  ///   - noise: gSDE's, of B lanes; `nil` draws from each row's distribution on its own.
  ///   - room: made for this network, head and encoder.
  ///   - random: one stream a row.
  ///   - actions: masks are read, all else is written.
  ///   - values: `[B or more]`, written where both networks share a trunk; empty is not.
  ///   - pool: the threads; the bits do not depend on their number.
  public func act(
    on observations: [UInt8], rows: Int, head: PolicyHead, free: [Float], noise: SDENoise?,
    room: inout ActingRoom, random: inout [RandomStream], into actions: inout ActionRows,
    values: inout [Float], pool: WorkerPool
  ) {
    precondition(free.count == head.freeCount, "\(free.count) free parameters")
    precondition(values.isEmpty || architecture.isShared, "the value is not the policy's")
    if head.distribution == .gsde, room.freeOfStd != free { room.prepareStd(head, free) }
    policyAct(
      &room.scratch, rows: rows, observations: observations, rowBytes: room.rowBytes,
      masks: actions.masks, parameters: parameters,
      logStd: head.distribution == .gaussian ? free : [], stdSquares: room.std.std,
      noise: noise?.weights ?? [], streams: &random, choices: &actions.choices,
      controls: &actions.controls, logProbabilities: &actions.logProbabilities,
      entropies: &actions.entropies, values: &values, outputs: &room.outputs, pool: pool)
    if !room.outputs.isEmpty {
      head.finishSample(
        outputs: room.outputs, stride: actor.outputStride, rows: rows, random: &random,
        into: &actions, pool: pool)
    }
  }
}

extension ActingRoom {
  fileprivate mutating func prepareStd(_ head: PolicyHead, _ free: [Float]) {
    head.prepareStd(free, &std)
    if freeOfStd.count == free.count {
      for i in free.indices { freeOfStd[i] = free[i] }
    } else {
      freeOfStd = free.map { $0 }
    }
  }
}
