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

/// Hyperparameters that give small networks.
let sampleSettings: [[(key: String, value: ConfigurationValue)]] = [
  [("hidden", .list([.integer(4)])), ("bufferSize", .integer(64)), ("batchSize", .integer(4))],
  [
    ("hidden", .list([])), ("activation", .text("tanh")), ("bufferSize", .integer(64)),
    ("batchSize", .integer(4)),
  ],
]
