import RLCore
import RLKernels
import RLNetworks
import RLParallel

let kernelBenchmarks = [
  Benchmark("kernels/products", measureProducts),
  Benchmark("kernels/networks", measureNetworks),
  Benchmark("kernels/elementwise", measureElementwise),
  Benchmark("kernels/optimisers", measureOptimisers),
]

/// A product as it occurs in a layer's pass at batch 64.
private struct ProductShape {
  let name: String
  let transposed: Bool
  let m: Int
  let n: Int
  let k: Int

  static let all = [
    ProductShape(name: "forward 64x256x4", transposed: false, m: 64, n: 256, k: 4),
    ProductShape(name: "forward 64x256x256", transposed: false, m: 64, n: 256, k: 256),
    ProductShape(name: "weight gradient 256x256x64", transposed: true, m: 256, n: 256, k: 64),
    ProductShape(name: "weight gradient 4x256x64", transposed: true, m: 4, n: 256, k: 64),
    ProductShape(name: "forward 64x64x64", transposed: false, m: 64, n: 64, k: 64),
    ProductShape(name: "weight gradient 64x64x64", transposed: true, m: 64, n: 64, k: 64),
    ProductShape(name: "head 64x16x256", transposed: false, m: 64, n: 16, k: 256),
  ]
}

private func measureProducts(_ settings: Settings, _ report: inout Report) {
  var random = RandomStream(seed: 1, purpose: "products")
  for shape in ProductShape.all {
    let a = noise(shape.m * shape.k, &random)
    let b = noise(shape.k * shape.n, &random)
    var c = noise(shape.m * shape.n, &random)
    let lda = shape.transposed ? shape.m : shape.k
    let operations = 2 * Double(shape.m * shape.n * shape.k)
    let samples = RooflineSamples.measure(settings, operations: operations) {
      product(
        a, transposed: shape.transposed, lda: lda, b, into: &c, accumulate: false, m: shape.m,
        n: shape.n, k: shape.k, kernels: .current)
    }
    report.add(samples.row("kernels/products", shape.name, operations: operations))
  }
}

private func measureNetworks(_ settings: Settings, _ report: inout Report) {
  for hidden in [[256, 256], [64, 64]] { measureNetwork(hidden, settings, &report) }
}

/// Passes of [4, hidden, 2] over a batch of 64, alone and as a whole update with Adam.
private func measureNetwork(_ hidden: [Int], _ settings: Settings, _ report: inout Report) {
  let batch = 64
  let pool = WorkerPool.single
  var random = RandomStream(seed: 1, purpose: "networks")
  var network = MLP(
    inputs: 4, hidden: hidden, outputs: 2, activation: .relu, initialisation: .uniformFanIn,
    random: &random)
  var tape = network.makeTape(rows: batch)
  tape.input = noise(tape.input.count, &random)
  let slopes = noise(tape.outputGradient.count, &random)
  var gradient = [Float](repeating: 0, count: network.parameters.count)
  var adam = Adam(count: network.parameters.count, learningRate: 1e-6)
  let cost = UpdateCost(sizes: [4] + hidden + [2], batch: batch)
  let name = "[4,\(hidden.map(String.init).joined(separator: ",")),2] batch \(batch)"

  func measure(_ part: String, _ operations: Double, _ body: () -> Void) {
    let samples = RooflineSamples.measure(settings, operations: operations, body)
    report.add(samples.row("kernels/networks", "\(name) \(part)", operations: operations))
  }
  network.forward(&tape, rows: batch, pool: pool)
  measure("forward", cost.forward) { network.forward(&tape, rows: batch, pool: pool) }
  measure("backward", cost.backward) {
    copy(slopes, to: &tape.outputGradient)
    network.backward(&tape, rows: batch, gradient: &gradient, pool: pool)
  }
  measure("update", cost.update) {
    network.forward(&tape, rows: batch, pool: pool)
    network.forward(&tape, rows: batch, pool: pool)
    copy(slopes, to: &tape.outputGradient)
    network.backward(&tape, rows: batch, gradient: &gradient, pool: pool)
    let scale = clippingFactor(norm: globalNorm(gradient, pool: pool), maximum: 10)
    adam.step(&network.parameters, gradient: gradient, scale: scale, pool: pool)
  }
}

private func measureElementwise(_ settings: Settings, _ report: inout Report) {
  let count = 64 * 64
  var random = RandomStream(seed: 1, purpose: "elements")
  let source = noise(count, &random).map { abs($0) + 0.01 }
  var values = source
  func measure(_ name: String, _ body: () -> Void) {
    let times = secondsPerCall(settings, body).map { $0 * 1e9 / Double(count) }
    report.add(Row("kernels/elementwise", name, times, "ns/element"))
  }
  measure("copy of 64x64") { copy(source, to: &values) }
  for function in ElementFunction.allCases {
    measure("\(function) of 64x64, copy included") {
      copy(source, to: &values)
      apply(function, to: &values)
    }
  }
  measure("blend of 64x64") { blend(&values, toward: source, tau: 0.005) }
  measure("sum of squares of 64x64") { _ = sumOfSquares(source, pool: .single) }
}

private func measureOptimisers(_ settings: Settings, _ report: inout Report) {
  for hidden in [256, 64] {
    let count = 4 * hidden + hidden * hidden + 2 * hidden + 2 * hidden + 2
    var random = RandomStream(seed: 1, purpose: "optimisers")
    let gradient = noise(count, &random)
    var parameters = noise(count, &random)
    var adam = Adam(count: count, learningRate: 1e-6)
    var rmsprop = RMSProp(count: count, learningRate: 1e-6)
    func measure(_ name: String, _ body: () -> Void) {
      let times = secondsPerCall(settings, body).map { $0 * 1e9 / Double(count) }
      report.add(Row("kernels/optimisers", "\(name), \(count) parameters", times, "ns/parameter"))
    }
    measure("Adam") { adam.step(&parameters, gradient: gradient, pool: .single) }
    measure("RMSProp") { rmsprop.step(&parameters, gradient: gradient, pool: .single) }
  }
}

/// The floating-point operations that an update of DQN must do, padding not counted.
struct UpdateCost {
  let forward: Double  // one pass over the batch
  let backward: Double  // to all weights, and to all layers' inputs but the first's

  /// - Parameters:
  ///   - sizes: inputs of the first layer, then the outputs of each.
  ///   - batch: rows.
  init(sizes: [Int], batch: Int) {
    let layers = zip(sizes, sizes.dropFirst()).map { $0 * $1 }
    let all = layers.reduce(0, +)
    forward = 2 * Double(batch * all)
    backward = 2 * Double(batch * (2 * all - layers[0]))
  }

  /// The target's and the online network's forward pass, and the backward pass.
  var update: Double { 2 * forward + backward }
}

extension RooflineSamples {
  func row(_ benchmark: String, _ name: String, operations: Double) -> Row {
    Row(benchmark, name, seconds.map { operations / $0 * 1e-9 }, "GFLOP/s", share: shares)
  }
}

private func noise(_ count: Int, _ random: inout RandomStream) -> [Float] {
  (0..<count).map { _ in random.uniform() - 0.5 }
}
