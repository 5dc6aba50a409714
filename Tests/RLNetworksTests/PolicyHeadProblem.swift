import RLCore
import RLKernels
import RLNetworks
import RLParallel
import Testing

/// Spaces to act on.
enum ActionSpaces {
  static let discrete = space([choice(5)])
  static let maskedDiscrete = space([choice(4, isMasked: true)])
  static let multiDiscrete = space([
    Leaf(
      kind: .multiDiscrete(counts: [3, 20, 2], starts: [0, 1, 0]), element: .i32, shape: [3],
      isMasked: true)
  ])
  static let multiBinary = space([Leaf(kind: .multiBinary, element: .u8, shape: [3])])
  static let controls = space([box([-1, -2, 0.5], [1, 2, 3])])
  static let unbounded = space([box([-.infinity], [.infinity])])
  static let mixed = space([
    choice(3), box([-1, -2], [1, 2]), choice(2, isMasked: true),
    Leaf(name: "b", kind: .multiBinary, element: .u8, shape: [2]),
  ])

  static func space(_ leaves: [Leaf]) -> ActionSpace { ActionSpace(Space(leaves)) }

  static func choice(_ count: Int, isMasked: Bool = false) -> Leaf {
    Leaf(name: "c", kind: .discrete(count: count, start: 0), element: .i32, isMasked: isMasked)
  }

  static func box(_ low: [Double], _ high: [Double]) -> Leaf {
    Leaf(name: "x", kind: .box(low: low, high: high), element: .f32, shape: [low.count])
  }
}

/// A head, the outputs of a network that does not exist, and actions.
struct HeadProblem {
  static let latentWidth = 21

  let head: PolicyHead
  let rows: Int
  let stride: Int
  var outputs: [Float]
  let latentValues: [Float]
  var latent: HiddenRows
  var free: [Float]
  var actions: ActionRows
  var random: [RandomStream]

  init(
    _ space: ActionSpace, _ controls: ControlDistribution = .gaussian, rows: Int,
    usesExpln: Bool = false, seed: UInt64 = 1
  ) throws {
    head = try PolicyHead(
      action: space, controls: controls, latentWidth: Self.latentWidth, usesExpln: usesExpln)
    self.rows = rows
    stride = padded(head.outputs + 1)
    var stream = RandomStream(seed: seed)
    outputs = (0..<rows * stride).map { _ in 3 * stream.uniform() - 1.5 }
    let latentStride = padded(Self.latentWidth)
    latentValues = (0..<rows * latentStride).map { _ in 2 * stream.uniform() - 1 }
    latent = HiddenRows(latentValues, width: Self.latentWidth, stride: latentStride)
    free = head.initialFree(logStdInit: 0).map { $0 + stream.uniform() - 0.5 }
    actions = head.makeActions(rows: rows)
    random = (0..<rows).map { RandomStream(seed: seed, purpose: "lane \($0)") }
    for index in actions.masks.indices where stream.uniform() < 0.3 { actions.masks[index] = 0 }
  }

  mutating func sample(noise: SDENoise? = nil, pool: WorkerPool = .single) {
    head.sample(
      outputs: outputs, stride: stride, latent: latent, free: free, noise: noise, rows: rows,
      random: &random, into: &actions, pool: pool)
  }

  mutating func evaluate(pool: WorkerPool = .single) {
    head.evaluate(
      outputs: outputs, stride: stride, latent: latent, free: free, rows: rows, actions: &actions,
      pool: pool)
  }

  /// The latent without its first rows.
  func latentRows(from row: Int) -> HiddenRows {
    HiddenRows(
      Array(latentValues[(row * latent.stride)...]), width: Self.latentWidth,
      stride: latent.stride)
  }

  /// Takes over columns of outputs, and the actions and masks of the same leaf, of the mixed space.
  mutating func take(_ columns: Range<Int>, of whole: HeadProblem) {
    for row in 0..<rows {
      for (column, from) in columns.enumerated() {
        outputs[row * stride + column] = whole.outputs[row * whole.stride + from]
      }
    }
    let firstChoice = [0: 0, 3: 1, 5: 2][columns.lowerBound] ?? 0
    let count = head.action.choices.count
    for row in 0..<rows {
      for d in 0..<count {
        actions.choices[row * count + d] =
          whole.actions.choices[row * whole.head.action.choices.count + firstChoice + d]
      }
    }
    if head.action.controlCount > 0 {
      actions.controls = whole.actions.controls
      free = whole.free
    }
    if head.action.maskLength > 0 { actions.masks = whole.actions.masks }
  }

  /// Gradients at the outputs, `[rows, stride]`, and at the free parameters.
  mutating func gradients(
    _ slopes: HeadSlopes, pool: WorkerPool = .single
  ) -> (outputs: [Float], free: [Float]) {
    var outputGradient = [Float](repeating: 77, count: rows * stride)
    var freeGradient = [Float](repeating: .nan, count: head.freeCount)
    head.backward(
      outputs: outputs, stride: stride, latent: latent, free: free, rows: rows, actions: &actions,
      slopes: slopes, outputGradient: &outputGradient, freeGradient: &freeGradient, pool: pool)
    return (outputGradient, freeGradient)
  }

  /// A loss with slopes of its own for every row.
  static func slopes(rows: Int) -> HeadSlopes {
    HeadSlopes(
      logProbability: (0..<rows).map { Float(($0 * 7) % 5) / 4 - 0.4 },
      entropy: (0..<rows).map { Float(($0 * 3) % 4) / 3 - 0.6 })
  }

  mutating func loss(_ slopes: HeadSlopes) -> Double {
    evaluate()
    return (0..<rows).reduce(0) { sum, row in
      sum + Double(slopes.logProbability[row]) * Double(actions.logProbabilities[row])
        + Double(slopes.entropy[row]) * Double(actions.entropies[row])
    }
  }
}

/// A head to be tested: a space, its controls' distribution, and gSDE's option.
struct HeadCase: Sendable, CustomTestStringConvertible {
  let name: String
  let space: ActionSpace
  var controls = ControlDistribution.gaussian
  var usesExpln = false

  var testDescription: String { "\(name), \(controls)\(usesExpln ? ", expln" : "")" }

  func problem(rows: Int, seed: UInt64 = 1) throws -> HeadProblem {
    try HeadProblem(space, controls, rows: rows, usesExpln: usesExpln, seed: seed)
  }

  static let all: [HeadCase] =
    [
      HeadCase(name: "Discrete", space: ActionSpaces.discrete),
      HeadCase(name: "masked Discrete", space: ActionSpaces.maskedDiscrete),
      HeadCase(name: "MultiDiscrete", space: ActionSpaces.multiDiscrete),
      HeadCase(name: "MultiBinary", space: ActionSpaces.multiBinary),
    ]
    + ControlDistribution.allCases.flatMap {
      [
        HeadCase(name: "Box", space: ActionSpaces.controls, controls: $0),
        HeadCase(name: "Dict", space: ActionSpaces.mixed, controls: $0),
      ]
    }
    + [HeadCase(name: "Box", space: ActionSpaces.controls, controls: .gsde, usesExpln: true)]
}
