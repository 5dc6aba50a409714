import RLCore

/// Small environments of every kind of observation that a policy may be trained in.
let sampleSpecs: [EnvironmentSpec] = [
  EnvironmentSpec(
    id: "Sample-v1",
    observation: Space([
      Leaf(
        kind: .box(low: [-1, -1, -.infinity], high: [1, 1, .infinity]), element: .f32, shape: [3])
    ]), action: Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)]),
    maxEpisodeSteps: 20),
  EnvironmentSpec(
    id: "Mixed-v0",
    observation: Space([
      Leaf(kind: .discrete(count: 5, start: -2), element: .i64),
      Leaf(
        name: "image",
        kind: .box(low: Array(repeating: 0, count: 6), high: Array(repeating: 255, count: 6)),
        element: .u8, shape: [2, 3]),
      Leaf(name: "flags", kind: .multiBinary, element: .u8, shape: [2]),
    ]), action: Space([Leaf(kind: .discrete(count: 3, start: 1), element: .i32, isMasked: true)])),
]

/// An environment with controls beside choices.
let mixedActionSpec = EnvironmentSpec(
  id: "Controls-v0", observation: sampleSpecs[1].observation,
  action: Space([
    Leaf(name: "gear", kind: .discrete(count: 3, start: 1), element: .i32, isMasked: true),
    Leaf(name: "wheel", kind: .box(low: [-1, 0], high: [1, 2]), element: .f32, shape: [2]),
    Leaf(name: "lights", kind: .multiBinary, element: .u8, shape: [2]),
  ]))

/// An environment with bounded controls alone.
let boundedActionSpec = EnvironmentSpec(
  id: "Bounds-v0", observation: sampleSpecs[1].observation,
  action: Space([
    Leaf(name: "wheel", kind: .box(low: [-1, 0], high: [1, 2]), element: .f32, shape: [2])
  ]))

/// An algorithm with hyperparameters that give a small network.
struct SampleAgent {
  var algorithm: String
  var settings: [(key: String, value: ConfigurationValue)]
  var spec: EnvironmentSpec
}

/// Agents of every kind whose policies are saved.
let sampleAgents: [SampleAgent] =
  sampleSpecs.flatMap { spec in
    [
      [("hidden", .list([.integer(4)])), ("bufferSize", .integer(64)), ("batchSize", .integer(4))],
      [
        ("hidden", .list([])), ("activation", .text("tanh")), ("bufferSize", .integer(64)),
        ("batchSize", .integer(4)),
      ],
    ].map { SampleAgent(algorithm: "dqn", settings: $0, spec: spec) }
  } + [
    SampleAgent(
      algorithm: "ppo",
      settings: [
        ("hidden", .list([.integer(4)])), ("nSteps", .integer(4)), ("useSDE", .bool(true)),
      ],
      spec: mixedActionSpec),
    SampleAgent(
      algorithm: "a2c",
      settings: [
        ("hidden", .list([.integer(4)])), ("sharedTrunk", .bool(true)),
        ("controlDistribution", .text("beta")),
      ], spec: mixedActionSpec),
    SampleAgent(
      algorithm: "td3", settings: smallReplay + [("prioritized", .bool(true))],
      spec: boundedActionSpec),
    SampleAgent(
      algorithm: "sac", settings: smallReplay + [("useSDE", .bool(true))], spec: boundedActionSpec),
    SampleAgent(algorithm: "sac", settings: smallReplay, spec: boundedActionSpec),
  ]

private let smallReplay: [(key: String, value: ConfigurationValue)] = [
  ("hidden", .list([.integer(4)])), ("bufferSize", .integer(64)), ("batchSize", .integer(4)),
]
