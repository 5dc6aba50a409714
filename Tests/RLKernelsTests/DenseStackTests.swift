import RLKernels
import RLParallel
import Testing

/// Forward and backward passes against plain loops, bit for bit.
@Suite struct DenseStackTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)
  static let activations: [DenseActivation] = [.identity, .relu, .tanh]

  @Test(arguments: sets, activations)
  func equalsTheReferenceForEdgeSizes(_ kernels: KernelSet, _ activation: DenseActivation) {
    for (inputs, hidden, outputs, rows) in [
      (1, 1, 1, 1), (1, 15, 2, 2), (2, 16, 16, 15), (15, 17, 15, 16), (16, 31, 17, 17),
      (17, 33, 1, 33), (31, 64, 3, 40), (33, 65, 2, 65), (3, 80, 5, 130),
    ] {
      let stack = DenseStack(
        sizes: [inputs, hidden, hidden + 1, outputs], hidden: activation, output: .identity)
      expectReference(stack, rows: rows, .single, kernels)
    }
  }

  @Test(arguments: sets) func equalsTheReferenceWithoutHiddenLayers(_ kernels: KernelSet) {
    for output in Self.activations {
      let stack = DenseStack(sizes: [9, 5], hidden: .identity, output: output)
      expectReference(stack, rows: 21, .single, kernels)
    }
  }

  @Test func equalsTheReferenceForEveryNumberOfThreads() {
    let stack = DenseStack(sizes: [4, 100, 130, 2], hidden: .relu, output: .tanh)
    for threads in [1, 2, 3, 7] {
      let pool = WorkerPool(oversubscribing: threads)
      for rows in [1, 5, 64, 200] { expectReference(stack, rows: rows, pool, .current) }
    }
  }

  /// A minibatch longer than the depth at which products are cut.
  @Test(arguments: sets) func equalsTheReferenceForLongBatches(_ kernels: KernelSet) {
    let stack = DenseStack(sizes: [3, 20, 2], hidden: .relu, output: .identity)
    expectReference(stack, rows: 1100, .single, kernels)
  }

  /// Few outputs have kernels of their own, for few rows others than for many.
  @Test(arguments: sets, activations)
  func equalsTheReferenceForFewOutputs(_ kernels: KernelSet, _ activation: DenseActivation) {
    for outputs in 1...5 {
      for inputs in [1, 15, 16, 35, 70] {
        let stack = DenseStack(sizes: [inputs, outputs], hidden: .identity, output: activation)
        for rows in [1, 8, 9, 16, 31, 32, 33, 100] {
          expectReference(stack, rows: rows, .single, kernels)
        }
      }
    }
  }

  /// Layers on both sides of the depths up to which a product is ended in registers.
  @Test(arguments: sets, activations)
  func equalsTheReferenceForDeepLayers(_ kernels: KernelSet, _ activation: DenseActivation) {
    for inputs in [127, 128, 129, 512, 513] {
      let stack = DenseStack(sizes: [inputs, 33, 6], hidden: activation, output: activation)
      for rows in [3, 16, 40] { expectReference(stack, rows: rows, .single, kernels) }
    }
  }

  @Test func noRowsGiveNoGradient() {
    let stack = DenseStack(sizes: [3, 20, 2], hidden: .relu, output: .identity)
    expectReference(stack, rows: 0, .single, .current)
  }

  private func expectReference(
    _ stack: DenseStack, rows: Int, _ pool: WorkerPool, _ kernels: KernelSet
  ) {
    var pass = Pass(stack, rows: rows)
    let reference = DenseReference(stack, parameters: pass.parameters, input: pass.inputRows)
    let expected = reference.backward(pass.slopeRows)
    pass.run(pool, kernels)
    let place = "\(stack.layers.map(\.outputs)), \(rows) rows, \(kernels), \(pool.threads) threads"
    let outputs = reference.activations[stack.layers.count]
    #expect(sameBits(pass.outputRows.flatMap { $0 }, outputs.flatMap { $0 }), "\(place)")
    #expect(sameBits(pass.gradient, expected.gradient), "\(place)")
    #expect(
      sameBits(pass.inputGradientRows.flatMap { $0 }, expected.input.flatMap { $0 }), "\(place)")
  }
}

/// Arrays for one forward and backward pass, padding filled with what must not be read.
private struct Pass {
  let stack: DenseStack
  let rows: Int
  var parameters: [Float]
  var input: [Float]
  var output: [Float]
  var slope: [Float]
  var gradient: [Float]
  var inputGradient: [Float]
  var scratch: DenseScratch

  init(_ stack: DenseStack, rows: Int) {
    self.stack = stack
    self.rows = rows
    var numbers = Numbers(seed: UInt64(rows + stack.parameterCount))
    parameters = Array(repeating: 0, count: stack.parameterCount)
    for layer in stack.layers {
      for row in 0...layer.inputs {
        let start = layer.weightOffset + row * layer.outputStride
        for column in 0..<layer.outputs { parameters[start + column] = numbers.next() / 4 }
      }
    }
    let room = rows + 3
    input = numbers.draw(room * stack.inputStride)
    output = numbers.draw(room * stack.outputStride)
    slope = numbers.draw(room * stack.outputStride)
    gradient = numbers.draw(stack.parameterCount)
    inputGradient = numbers.draw(room * stack.inputStride)
    scratch = DenseScratch(stack, rows: room)
  }

  mutating func run(_ pool: WorkerPool, _ kernels: KernelSet) {
    denseForward(
      stack, parameters: parameters, input: input, rows: rows, scratch: &scratch, output: &output,
      pool: pool, kernels: kernels)
    denseBackward(
      stack, parameters: parameters, input: input, output: output, rows: rows, scratch: &scratch,
      outputGradient: &slope, gradient: &gradient, inputGradient: &inputGradient, pool: pool,
      kernels: kernels)
  }

  private var inputs: Int { stack.layers[0].inputs }
  private var outputs: Int { stack.layers[stack.layers.count - 1].outputs }

  var inputRows: [[Float]] { cut(input, stack.inputStride, inputs) }
  var outputRows: [[Float]] { cut(output, stack.outputStride, outputs) }
  var slopeRows: [[Float]] { cut(slope, stack.outputStride, outputs) }
  var inputGradientRows: [[Float]] { cut(inputGradient, stack.inputStride, inputs) }

  private func cut(_ values: [Float], _ stride: Int, _ width: Int) -> [[Float]] {
    (0..<rows).map { Array(values[$0 * stride..<$0 * stride + width]) }
  }
}
