import RLKernels
import RLParallel
import Testing

/// Heads against plain loops, bit for bit, at every number of rows of the last tile.
@Suite struct HeadTests {
  static let sets = KernelSet.allCases.filter(\.isAvailable)
  static let kinds: [HeadShape.Controls] = [.gaussian, .stateDependentGaussian, .gsde, .beta]

  @Test(arguments: sets, kinds)
  func valuesDrawsAndModesEqualTheReference(_ kernels: KernelSet, _ kind: HeadShape.Controls) {
    for rows in [0, 1, 2, 15, 16, 17, 33, 270] {
      var rows = Rows(kind, rows: rows)
      rows.draw(kernels)
      let expected = rows.references.enumerated().map { row, reference in
        reference.draw(rows.words(of: row))
      }
      #expect(rows.choiceRows == expected.map(\.choices), "\(rows.count) rows")
      if kind != .beta {
        #expect(sameBits(rows.controls, expected.flatMap(\.controls)), "\(rows.count) rows")
      }
      let (logProbabilities, entropies) = rows.values(kernels)
      let values = rows.references.enumerated().map { row, reference in
        reference.values(rows.choiceRows[row], rows.controlRows[row])
      }
      #expect(sameBits(logProbabilities, values.map(\.0)), "\(rows.count) rows")
      #expect(sameBits(entropies, values.map(\.1)), "\(rows.count) rows")
      rows.takeMode(kernels)
      let modes = rows.references.map { $0.mode() }
      #expect(rows.choiceRows == modes.map(\.choices), "\(rows.count) rows")
      #expect(sameBits(rows.controls, modes.flatMap(\.controls)), "\(rows.count) rows")
    }
  }

  @Test(arguments: sets, kinds)
  func gradientsEqualTheReference(_ kernels: KernelSet, _ kind: HeadShape.Controls) {
    for count in [0, 1, 16, 31, 270] {
      var rows = Rows(kind, rows: count)
      rows.draw(kernels)
      let slopes = rows.slopes
      let (outputs, spread) = rows.gradient(slopes, kernels)
      let expected = rows.references.enumerated().map { row, reference in
        reference.gradient(
          rows.choiceRows[row], rows.controlRows[row], slopes.logProbability[row],
          slopes.entropy[row])
      }
      for (row, values) in expected.enumerated() {
        let start = row * rows.stride
        #expect(sameBits(Array(outputs[start..<start + rows.shape.outputs]), values.outputs))
        let beside = outputs[start + rows.shape.outputs..<start + rows.stride]
        #expect(beside.allSatisfy { $0 == 55 })
      }
      if kind == .gsde { #expect(sameBits(spread, expected.flatMap(\.spread))) }
      if kind == .gaussian { expectBlockSums(spread, expected.map(\.spread), rows.shape) }
    }
  }

  /// Each block of 256 rows in tiles of 16, a tile's rows added in pairs.
  private func expectBlockSums(_ sums: [Float], _ slopes: [[Float]], _ shape: HeadShape) {
    for c in 0..<shape.controlCount {
      for block in 0..<(slopes.count + 255) / 256 {
        let part = slopes.dropFirst(256 * block).prefix(256).map { $0[c] }
        var sum: Float = 0
        for tile in stride(from: 0, to: part.count, by: 16) {
          var lanes = Array(part.dropFirst(tile).prefix(16))
          lanes += Array(repeating: 0, count: 16 - lanes.count)
          while lanes.count > 1 {
            let half = lanes.count / 2
            lanes = (0..<half).map { lanes[$0] + lanes[half + $0] }
          }
          sum += lanes[0]
        }
        #expect(sums[block * shape.controlCount + c] == sum)
      }
    }
  }

  @Test(arguments: sets) func sumsOfSquaresAreChainsOverTheRows(_ kernels: KernelSet) {
    for controls in [1, 3, 4, 6] {
      var numbers = Numbers(seed: UInt64(controls))
      let (rows, width) = (37, 21)
      let shape = HeadShape(
        choices: [], maskLength: 0, controls: .gsde, controlCount: controls, latentWidth: width)
      let latent = numbers.draw(rows * 32)
      let slopes = numbers.draw(rows * controls)
      var expected = [Float](repeating: 0, count: controls * 32)
      for row in 0..<rows {
        for index in expected.indices {
          let x = latent[row * 32 + index % 32]
          expected[index].addProduct(x * x, slopes[row * controls + index / 32])
        }
      }
      for pool in [WorkerPool.single, WorkerPool(oversubscribing: 3)] {
        var sums = [Float](repeating: .nan, count: controls * 32)
        shape.sumSquares(
          HiddenRows(latent, width: width, stride: 32), rows: rows, varianceGradient: slopes,
          into: &sums, pool: pool, kernels: kernels)
        #expect(sameBits(sums, expected), "\(controls) controls")
      }
    }
  }
}

/// Rows of a head with a long masked choice, a short one, two binaries and three controls.
private struct Rows: ~Copyable {
  let shape: HeadShape
  let count: Int
  let stride: Int
  let input: HeadRows
  private let latent: [Float]
  private let words: [UInt32]
  var choices: [Int32]
  var controls: [Float]

  init(_ kind: HeadShape.Controls, rows: Int) {
    shape = HeadShape(
      choices: [.softmax(count: 19, mask: 0), .binary, .softmax(count: 2, mask: nil), .binary],
      maskLength: 19, controls: kind, controlCount: 3, latentWidth: 21)
    count = rows
    stride = padded(shape.outputs) + laneCount
    var numbers = Numbers(seed: UInt64(rows))
    latent = numbers.draw(rows * 32)
    input = HeadRows(
      outputs: numbers.draw(rows * stride), stride: stride,
      latent: HiddenRows(latent, width: 21, stride: 32), logStd: [0.3, -1, 0],
      stdSquares: numbers.draw(3 * 32).map { abs($0) },
      masks: numbers.draw(rows * 19).enumerated().map { $1 > 0 || $0 % 19 == 4 ? 1 : 0 })
    words = numbers.draw(rows * 9).map { $0.bitPattern &* 2_654_435_761 }
    choices = Array(repeating: 0, count: rows * 4)
    controls = (0..<rows * 3).map { Float($0 % 13 + 1) / 15 }
  }

  var slopes: HeadSlopes {
    var numbers = Numbers(seed: 99)
    return HeadSlopes(logProbability: numbers.draw(count), entropy: numbers.draw(count))
  }

  func words(of row: Int) -> [UInt32] { Array(words[row * 9..<row * 9 + 7]) }

  var choiceRows: [[Int]] { (0..<count).map { row in (0..<4).map { Int(choices[row * 4 + $0]) } } }
  var controlRows: [[Float]] { (0..<count).map { Array(controls[$0 * 3..<$0 * 3 + 3]) } }

  var references: [HeadReference] {
    (0..<count).map { row in
      HeadReference(
        shape, outputs: Array(input.outputs[row * stride..<row * stride + shape.outputs]),
        latent: Array(latent[row * 32..<row * 32 + 21]), logStd: input.logStd,
        stdSquares: (0..<3).map { Array(input.stdSquares[$0 * 32..<$0 * 32 + 21]) },
        mask: Array(input.masks[row * 19..<row * 19 + 19]))
    }
  }

  mutating func draw(_ kernels: KernelSet) {
    headDraw(
      shape, input, rows: count, words: words, wordWidth: 9, weights: [], choices: &choices,
      controls: &controls, pool: .single, kernels: kernels)
  }

  mutating func takeMode(_ kernels: KernelSet) {
    headMode(
      shape, input, rows: count, choices: &choices, controls: &controls, kernels: kernels)
  }

  func values(_ kernels: KernelSet) -> ([Float], [Float]) {
    var logProbabilities = [Float](repeating: .nan, count: count)
    var entropies = logProbabilities
    headValues(
      shape, input, rows: count, choices: choices, controls: controls,
      logProbabilities: &logProbabilities, entropies: &entropies, pool: .single, kernels: kernels)
    return (logProbabilities, entropies)
  }

  func gradient(_ slopes: HeadSlopes, _ kernels: KernelSet) -> ([Float], [Float]) {
    var outputs = [Float](repeating: 55, count: count * stride)
    var spread = [Float](repeating: .nan, count: shape.spreadCount(rows: count))
    headGradient(
      shape, input, rows: count, choices: choices, controls: controls, slopes: slopes,
      outputGradient: &outputs, spreadGradient: &spread, pool: .single, kernels: kernels)
    return (outputs, spread)
  }
}
