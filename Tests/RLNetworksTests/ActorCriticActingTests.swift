import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Acting in one pass gives the bits of its parts: encoding, the network, the draws, their values.
@Suite struct ActorCriticActingTests {
  enum Case: String, CaseIterable, Sendable {
    case choices, gaussian, stateDependent, gsde, gsdeOfPlainNetwork, beta, mixed, sharedTrunk

    var space: ActionSpace {
      switch self {
      case .choices: ActionSpaces.multiDiscrete
      case .mixed, .sharedTrunk: ActionSpaces.mixed
      default: ActionSpaces.controls
      }
    }

    var controls: ControlDistribution {
      switch self {
      case .stateDependent: .stateDependentGaussian
      case .gsde, .gsdeOfPlainNetwork: .gsde
      case .beta: .beta
      default: .gaussian
      }
    }

    var hidden: [Int] { self == .gsdeOfPlainNetwork ? [] : [9, 18] }
  }

  private static let observation = Space([
    Leaf(name: "place", kind: .box(low: [-1, -1], high: [1, 1]), element: .f32, shape: [2]),
    Leaf(name: "kind", kind: .discrete(count: 3, start: 1), element: .i32),
  ])

  /// A network, rows to act on, and both ways to do it.
  private struct Problem {
    let head: PolicyHead
    let encoder = ObservationEncoder(ActorCriticActingTests.observation)
    let network: ActorCritic
    let rows: Int
    var observations: [UInt8] = []
    var actions: ActionRows
    var random: [RandomStream]
    var noise: SDENoise?
    var values: [Float]

    init(_ kind: Case, rows: Int, pool: WorkerPool) throws {
      head = try PolicyHead(
        action: kind.space, controls: kind.controls, latentWidth: kind.hidden.last ?? 5)
      var stream = RandomStream(seed: 3)
      network = ActorCritic(
        ActorCritic.Architecture(
          inputs: 5, hidden: kind.hidden, criticHidden: kind.hidden,
          isShared: kind == .sharedTrunk, activation: .tanh, outputs: head.outputs,
          freeShape: head.freeShape),
        isOrthogonal: false, free: head.initialFree(logStdInit: -0.3), random: &stream)
      self.rows = rows
      actions = head.makeActions(rows: rows)
      random = (0..<rows).map { RandomStream(seed: 1, purpose: "lane \($0)") }
      values = Array(repeating: 0, count: kind == .sharedTrunk ? rows : 0)
      for _ in 0..<rows {
        let words = [
          stream.uniform().bitPattern, stream.uniform().bitPattern,
          UInt32(1 + stream.index(below: 3)),
        ]
        for word in words {
          for i in 0..<4 { observations.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * i))) }
        }
      }
      for i in actions.masks.indices where stream.uniform() < 0.3 { actions.masks[i] = 0 }
      if kind.controls == .gsde {
        noise = head.makeNoise(lanes: rows)
        head.resetNoise(
          &noise!, free: network.free, random: &random, scratch: &actions, pool: pool)
      }
    }

    mutating func actInOnePass(_ room: inout ActingRoom, _ pool: WorkerPool) {
      network.act(
        on: observations, rows: rows, head: head, free: network.free, noise: noise, room: &room,
        random: &random, into: &actions, values: &values, pool: pool)
    }

    mutating func actInParts() {
      var tape = network.makeTape(rows: rows, for: .policy)
      encoder.encode(observations, count: rows, into: &tape.input, stride: tape.inputStride)
      network.forwardPolicy(&tape, rows: rows, pool: .single)
      head.sample(
        outputs: tape.policy.output, stride: tape.policy.outputStride,
        latent: head.distribution == .gsde ? network.lastHidden(tape) : nil, free: network.free,
        noise: noise, rows: rows, random: &random, into: &actions, pool: .single)
      if !values.isEmpty {
        network.forwardValue(&tape, rows: rows, values: &values, pool: .single)
      }
    }

    var results: [[UInt32]] {
      [actions.controls, actions.logProbabilities, actions.entropies, values].map {
        $0.map(\.bitPattern)
      } + [actions.choices.map { UInt32(bitPattern: $0) }]
    }
  }

  @Test(arguments: Case.allCases, [1, 2, 5, 16, 17, 64, 150])
  func onePassGivesTheBitsOfItsParts(kind: Case, rows: Int) throws {
    for pool in [WorkerPool.single, WorkerPool(oversubscribing: 3)] {
      var (one, parts) = (
        try Problem(kind, rows: rows, pool: pool), try Problem(kind, rows: rows, pool: pool)
      )
      var room = ActingRoom(
        one.network, one.head, one.encoder, rows: rows, threads: pool.threads)
      for _ in 0..<3 {
        one.actInOnePass(&room, pool)
        parts.actInParts()
        #expect(one.results == parts.results)
        #expect(one.random == parts.random)
      }
      #expect(one.results[1].contains { $0 != one.results[1][0] } || rows < 3)
    }
  }

  @Test func aNewStdIsTakenUp() throws {
    var (one, parts) = (
      try Problem(.gsde, rows: 4, pool: .single), try Problem(.gsde, rows: 4, pool: .single)
    )
    var room = ActingRoom(one.network, one.head, one.encoder, rows: 4, threads: 1)
    one.actInOnePass(&room, .single)
    parts.actInParts()
    let before = one.results[1]
    let network = one.network
    var other = network
    other.setFree(network.free.map { $0 + 1 })
    one.actInOnePass(&room, .single)
    parts.actInParts()
    #expect(one.results == parts.results)
    var actions = one.actions
    var values: [Float] = []
    one.random = parts.random
    other.act(
      on: one.observations, rows: 4, head: one.head, free: other.free, noise: one.noise,
      room: &room, random: &one.random, into: &actions, values: &values, pool: .single)
    #expect(actions.logProbabilities.map(\.bitPattern) != before)
    one.head.evaluate(
      outputs: Self.outputs(of: other, one), stride: padded(one.head.outputs),
      latent: Self.latent(of: other, one), free: other.free, rows: 4, actions: &one.actions,
      pool: .single)
    #expect(actions.logProbabilities == one.actions.logProbabilities)
  }

  private static func tape(of network: ActorCritic, _ problem: Problem) -> ActorCriticTape {
    var tape = network.makeTape(rows: problem.rows, for: .policy)
    problem.encoder.encode(
      problem.observations, count: problem.rows, into: &tape.input, stride: tape.inputStride)
    network.forwardPolicy(&tape, rows: problem.rows, pool: .single)
    return tape
  }

  private static func outputs(of network: ActorCritic, _ problem: Problem) -> [Float] {
    tape(of: network, problem).policy.output
  }

  private static func latent(of network: ActorCritic, _ problem: Problem) -> HiddenRows {
    network.lastHidden(tape(of: network, problem))
  }
}
