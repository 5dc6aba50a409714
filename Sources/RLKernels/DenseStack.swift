/// Floats in a vector, and the multiple to which rows are padded.
public let laneCount = 16

/// `count` rounded up to a multiple of `laneCount`.
public func padded(_ count: Int) -> Int { (count + laneCount - 1) / laneCount * laneCount }

/// What follows a dense layer's product.
public enum DenseActivation: Sendable {
  case identity
  case relu
  case tanh
}

/// One dense layer, `y[rows, outputs] = activation(x[rows, inputs] · W + b)`, and where it lies in
/// the flat arrays of its stack.
///
/// W is stored `[inputs, outputStride]` and b `[outputStride]`; their columns from `outputs` on
/// are 0.
public struct DenseLayer: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  public let activation: DenseActivation
  public let inputStride: Int
  public let outputStride: Int
  public let weightOffset: Int
  public let biasOffset: Int
  /// Of `[outputs, inputStride]`, the transposed weights.
  let transposedOffset: Int
  /// Floats before this layer's outputs in a row of all hidden layers.
  let hiddenOffset: Int
}

/// Dense layers one after the other, over flat arrays.
public struct DenseStack: Sendable, Equatable {
  public let layers: [DenseLayer]
  /// Where the weights and biases lie in their array, padding included.
  public let parameterRange: Range<Int>
  /// Floats of all transposed weights.
  let transposedCount: Int
  /// Floats of a row of all hidden layers.
  let hiddenStride: Int
  /// The parameters' gradient cut into pieces of work.
  let tiles: [GradientTile]
  /// The transposition of the weights cut into pieces of work, the first layer's pieces first.
  private let transposePieces: [TransposePiece]

  /// - Parameters:
  ///   - sizes: inputs of the first layer, then the outputs of each, all positive.
  ///   - hidden: of all layers but the last.
  ///   - output: of the last layer.
  ///   - parameterOffset: floats before the first weight, for stacks that share an array.
  public init(
    sizes: [Int], hidden: DenseActivation, output: DenseActivation, parameterOffset: Int = 0
  ) {
    precondition(sizes.count >= 2 && sizes.allSatisfy { $0 > 0 }, "layer sizes \(sizes)")
    var layers: [DenseLayer] = []
    var (parameters, transposed, columns) = (parameterOffset, 0, 0)
    for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
      let layer = DenseLayer(
        inputs: inputs, outputs: outputs, activation: index + 2 < sizes.count ? hidden : output,
        inputStride: padded(inputs), outputStride: padded(outputs), weightOffset: parameters,
        biasOffset: parameters + inputs * padded(outputs), transposedOffset: transposed,
        hiddenOffset: columns)
      layers.append(layer)
      parameters = layer.biasOffset + layer.outputStride
      transposed += outputs * layer.inputStride
      if index + 2 < sizes.count { columns += layer.outputStride }
    }
    self.layers = layers
    parameterRange = parameterOffset..<parameters
    transposedCount = transposed
    hiddenStride = columns
    tiles = layers.indices.flatMap { GradientTile.tiles(of: layers[$0], at: $0) }
    transposePieces = layers.indices.flatMap { TransposePiece.pieces(of: layers[$0], at: $0) }
  }

  /// The pieces that transpose the weights of layer `first` and of all above it.
  func transposePieces(from first: Int) -> ArraySlice<TransposePiece> {
    transposePieces.drop { $0.layer < first }
  }

  /// Floats of all weights and biases, padding included.
  public var parameterCount: Int { parameterRange.count }
  public var inputStride: Int { layers[0].inputStride }
  public var outputStride: Int { layers[layers.count - 1].outputStride }
}

/// A part of one layer's weight gradient: some inputs by some outputs. The part with the first
/// input also does the bias of its outputs.
struct GradientTile: Sendable, Equatable {
  let layer: Int
  let inputs: Range<Int>
  let outputs: Range<Int>

  /// Half a microsecond to some microseconds of work each, at batches of 64.
  static func tiles(of layer: DenseLayer, at index: Int) -> [GradientTile] {
    let side = 64
    return stride(from: 0, to: layer.inputs, by: side).flatMap { i in
      stride(from: 0, to: layer.outputStride, by: side).map { j in
        GradientTile(
          layer: index, inputs: i..<min(i + side, layer.inputs),
          outputs: j..<min(j + side, layer.outputStride))
      }
    }
  }
}

/// A part of one layer's transposition: some inputs by all outputs.
struct TransposePiece: Sendable, Equatable {
  let layer: Int
  let inputs: Range<Int>

  static func pieces(of layer: DenseLayer, at index: Int) -> [TransposePiece] {
    stride(from: 0, to: layer.inputs, by: 64).map {
      TransposePiece(layer: index, inputs: $0..<min($0 + 64, layer.inputs))
    }
  }
}

/// What a stack keeps between its forward and its backward pass, for up to `rows` rows.
///
/// Vectors as elements make the storage aligned to a vector.
public struct DenseScratch: Sendable {
  public let rows: Int
  var hidden: [SIMD16<Float>]
  var hiddenGradient: [SIMD16<Float>] = []
  var transposed: [SIMD16<Float>] = []

  public init(_ stack: DenseStack, rows: Int) {
    self.rows = rows
    hidden = Array(repeating: .zero, count: rows * stack.hiddenStride / laneCount)
  }

  /// Makes room for a backward pass.
  mutating func prepareBackward(_ stack: DenseStack) {
    guard transposed.isEmpty else { return }
    hiddenGradient = Array(repeating: .zero, count: hidden.count)
    transposed = Array(repeating: .zero, count: stack.transposedCount / laneCount)
  }

  /// Moves rows of all hidden layers to the front, row `rows[i]` to i, as if the forward pass had been
  /// over these rows alone.
  ///
  /// - Parameters:
  ///   - rows: ascending, so that no row is overwritten before it has moved.
  ///   - count: how many of `rows`.
  ///   - stack: whose scratch this is.
  public mutating func moveToFront(_ rows: [Int32], count: Int, of stack: DenseStack) {
    precondition(hidden.count * laneCount == self.rows * stack.hiddenStride)
    let capacity = self.rows
    unsafe hidden.withUnsafeMutableBufferPointer { hidden in
      for i in 0..<count where rows[i] != i {
        precondition(rows[i] > i && rows[i] < capacity, "row \(rows[i]) to \(i)")
        for layer in stack.layers.dropLast() {
          let start = capacity * layer.hiddenOffset / laneCount
          let width = layer.outputStride / laneCount
          let source = unsafe hidden.baseAddress! + start + Int(rows[i]) * width
          unsafe (hidden.baseAddress! + start + i * width).update(from: source, count: width)
        }
      }
    }
  }
}
