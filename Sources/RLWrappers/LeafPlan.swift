import RLCore
import RLKernels

/// How a leaf of an environment's row becomes a leaf of the row that a policy sees.
struct LeafPlan: Sendable, Equatable {
  /// As the environment writes it.
  let raw: Leaf
  /// After it was normalised or clipped; otherwise the same.
  let frame: Leaf
  /// After frames were stacked; otherwise the same.
  let shown: Leaf
  /// Whether its numbers are normalised or clipped.
  let isStandardized: Bool
  /// A frame is `[outer, inner]` elements; a stack has the frames between the two.
  let outer: Int
  let inner: Int

  init(_ leaf: Leaf, _ configuration: WrapperConfiguration) {
    raw = leaf
    let isChanged = configuration.normalizeObservation || configuration.observationLimit != nil
    isStandardized = isChanged && leaf.isNumeric
    frame = isStandardized ? leaf.standardized(configuration) : leaf
    (outer, inner) = frame.frameExtents
    shown =
      configuration.frameStack > 1
      ? frame.stacked(configuration.frameStack, outer: outer, inner: inner) : frame
  }
}

extension Leaf {
  /// Whether it holds numbers that can be normalised: a Box, but no picture of bytes, which networks
  /// divide by 255.
  var isNumeric: Bool {
    guard case .box = kind else { return false }
    return image == nil || element != .u8
  }

  /// The leaf after its numbers were normalised, clipped or both.
  fileprivate func standardized(_ configuration: WrapperConfiguration) -> Leaf {
    var leaf = self
    leaf.element = .f32
    let limit = configuration.observationLimit.map { Double(Float($0)) } ?? .infinity
    let count = elementCount
    leaf.kind = .box(
      low: Array(repeating: -limit, count: count), high: Array(repeating: limit, count: count))
    if !configuration.normalizeObservation, case .box(let low, let high) = kind {
      leaf.kind = .box(
        low: low.map { min(max($0, -limit), limit) },
        high: high.map { min(max($0, -limit), limit) })
    }
    return leaf
  }

  /// The elements around and along the axis on which frames are stacked: that of a picture's
  /// channels, else the last.
  fileprivate var frameExtents: (outer: Int, inner: Int) {
    guard let last = shape.last, image != .chw else { return (1, elementCount) }
    return (elementCount / last, last)
  }

  /// The leaf of `frames` frames, the oldest first.
  fileprivate func stacked(_ frames: Int, outer: Int, inner: Int) -> Leaf {
    func repeated<T>(_ values: [T]) -> [T] {
      (0..<outer).flatMap { row in
        (0..<frames).flatMap { _ in values[row * inner..<(row + 1) * inner] }
      }
    }
    var leaf = self
    if shape.isEmpty {
      leaf.shape = [frames]
    } else {
      leaf.shape[image == .chw ? 0 : shape.count - 1] *= frames
    }
    switch kind {
    case .box(let low, let high): leaf.kind = .box(low: repeated(low), high: repeated(high))
    case .discrete(let count, let start):
      leaf.kind = .multiDiscrete(counts: repeated([count]), starts: repeated([start]))
    case .multiDiscrete(let counts, let starts):
      leaf.kind = .multiDiscrete(counts: repeated(counts), starts: repeated(starts))
    case .multiBinary: break
    }
    return leaf
  }
}
