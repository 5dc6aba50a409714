import RLCore
import RLTraining

/// A linear policy: one output for each action, the weights times the four numbers observed.
struct LinearPolicy: Policy {
  var weights: [Float]  // [2, 4]

  mutating func act(_ step: inout StepBatch, deterministic: Bool, random: inout [RandomStream]) {
    let outputs = outputs(for: step.observations, count: step.lanes)
    for lane in 0..<step.lanes {
      step.choices[lane] = outputs[lane * 2 + 1] > outputs[lane * 2] ? 1 : 0
    }
  }

  mutating func outputs(for rows: [UInt8], count: Int) -> [Float] {
    (0..<count).flatMap { row in
      (0..<2).map { output in
        (0..<4).reduce(Float(0)) { sum, input in
          let start = row * 16 + input * 4
          let bits = rows[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          return sum + weights[output * 4 + input] * Float(bitPattern: bits)
        }
      }
    }
  }

  func export() -> PolicyExport {
    PolicyExport(
      algorithm: "linear",
      tensors: [
        .init(name: "q_net.q_net.0.weight", shape: [2, 4], values: weights),
        .init(name: "q_net.q_net.0.bias", shape: [2], values: [0, 0]),
      ], attributes: ["hidden": "", "activation": "relu"])
  }
}

let sampleSpec = EnvironmentSpec(
  id: "Sample-v1",
  observation: Space([
    Leaf(
      kind: .box(
        low: [-4.8, -.infinity, -0.418, -.infinity], high: [4.8, .infinity, 0.418, .infinity]),
      element: .f32, shape: [4])
  ]),
  action: Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i64)]), maxEpisodeSteps: 500)

let samplePolicy = LinearPolicy(weights: (0..<8).map { Float($0) * 0.375 - 1.2 })

/// `count` observation rows of four floats.
func sampleRows(_ count: Int) -> [UInt8] {
  (0..<(count * 4)).flatMap { index -> [UInt8] in
    let bits = (Float(index % 7) * 0.3 - 0.9).bitPattern
    return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
  }
}

func sampleFile() -> PolicyFile {
  var policy = samplePolicy
  return PolicyFile(
    policy.export(), spec: sampleSpec,
    pluginSHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", abi: "1.0",
    encoder: "flat", configuration: ["gamma": "0.99", "learningRate": "0.0023"], seed: 7,
    steps: 50_000, hostVersion: "0.1.0", numerics: "fma-v1",
    selfTest: .init(&policy, observations: sampleRows(16), count: 16))
}
