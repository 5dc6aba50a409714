import RLKernels

/// Weights, a sum over each 16 of them, a sum over each 16 of those sums, and so on to the total:
/// finds which weight a point on their line belongs to in logarithmic time (Schaul et al. 2016,
/// appendix B.2.1, with 16 children for two, which takes less memory and fewer cache lines).
///
/// A sum is always computed anew from its children, in one order. So all sums are a function of the
/// weights alone, however these came about, and rounding does not pile up. For each weight it takes
/// 4 bytes, and 0.55 for the sums and the marks.
package struct SumTree: Sendable {
  package let count: Int
  /// Padded with zeros to a multiple of 16, as every level of `sums`.
  private var leaves: [Float]
  private var sums: [Double]  // level after level, the root last
  private let levels: [Int]  // where each level starts in `sums`
  private var isChanged: [Bool]  // for each page of leaves

  private static let fanOut = 16
  private static let pageSize = 64

  /// `count` weights of 0.
  package init(count: Int) {
    precondition(count > 0, "a tree of \(count) weights")
    self.count = count
    let (levels, nodes) = Self.levels(count)
    self.levels = levels
    leaves = Array(repeating: 0, count: Self.padded(count))
    sums = Array(repeating: 0, count: nodes)
    isChanged = Array(repeating: false, count: (count + Self.pageSize - 1) / Self.pageSize)
  }

  private static func padded(_ count: Int) -> Int { (count + fanOut - 1) / fanOut * fanOut }

  /// Where each level of sums starts, from the one over the leaves to the root, and how many there
  /// are of all.
  private static func levels(_ count: Int) -> (starts: [Int], total: Int) {
    var (starts, total, nodes) = ([Int](), 0, count)
    repeat {
      nodes = (nodes + fanOut - 1) / fanOut
      starts.append(total)
      total += nodes == 1 ? 1 : padded(nodes)
    } while nodes > 1
    return (starts, total)
  }

  /// Bytes of the storage for `count` weights.
  package static func byteCount(_ count: Int) -> Int {
    4 * padded(count) + 8 * levels(count).total + (count + pageSize - 1) / pageSize
  }

  /// Bytes of this tree's storage.
  package var byteCount: Int { 4 * leaves.count + 8 * sums.count + isChanged.count }

  package subscript(leaf: Int) -> Float { leaves[leaf] }

  /// The sum of all weights.
  package var total: Double { sums[sums.count - 1] }

  /// The weights, `[count]`.
  package var weights: [Float] { Array(leaves[..<count]) }

  /// Sets one weight.
  ///
  /// - Precondition: `weight` is finite and not negative.
  package mutating func set(_ leaf: Int, to weight: Float) {
    precondition(weight >= 0 && weight < .infinity, "a weight of \(weight)")
    precondition(leaf < count, "weight \(leaf) of \(count)")
    guard leaves[leaf] != weight else { return }
    leaves[leaf] = weight
    isChanged[leaf / Self.pageSize] = true
    var node = leaf / Self.fanOut
    guard replaceSum(node, by: leafSum(node)) else { return }
    for level in 1..<levels.count {
      let child = levels[level - 1] + node / Self.fanOut * Self.fanOut
      node /= Self.fanOut
      guard replaceSum(levels[level] + node, by: innerSum(child)) else { return }
    }
  }

  /// Takes over `[count]` weights; then none counts as changed.
  ///
  /// - Precondition: they are finite and not negative.
  package mutating func setAll(_ weights: [Float]) {
    precondition(weights.count == count, "\(weights.count) weights for a tree of \(count)")
    for leaf in 0..<count { leaves[leaf] = weights[leaf] }
    for node in 0..<Self.padded(count) / Self.fanOut { sums[node] = leafSum(node) }
    for level in levels.indices.dropFirst() {
      let children = levels[level - 1]..<levels[level]
      for (node, child) in stride(
        from: children.lowerBound, to: children.upperBound, by: Self.fanOut
      ).enumerated() {
        sums[levels[level] + node] = innerSum(child)
      }
    }
    for page in isChanged.indices { isChanged[page] = false }
  }

  /// The weight at `point` of the line on which the weights lie end to end, from 0 to `total`. It
  /// is never one of 0.
  ///
  /// - Precondition: some weight is not 0.
  package func leaf(at point: Double) -> Int {
    var rest = point
    var node = 0
    for level in levels.indices.dropLast().reversed() {
      let first = node * Self.fanOut
      node = first + Self.child(&rest) { sums[levels[level] + first + $0] }
    }
    let first = node * Self.fanOut
    return first + Self.child(&rest) { Double(leaves[first + $0]) }
  }

  /// Every leaf counts as set.
  mutating func markAll() {
    for page in isChanged.indices { isChanged[page] = true }
  }

  /// Ranges of leaves, in whole pages, that were set since the last call.
  package mutating func takeChanges() -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for page in isChanged.indices where isChanged[page] {
      isChanged[page] = false
      let range = page * Self.pageSize..<min((page + 1) * Self.pageSize, count)
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }

  /// The weights in `ranges`, as bytes.
  func bytes(_ ranges: [Range<Int>]) -> [UInt8] { rowBytes(leaves, width: 1, ranges: ranges) }

  /// Which of 16 children lies at `rest`, which becomes the distance into it. Where rounding leads
  /// past the last one it is the last that is not 0.
  private static func child(_ rest: inout Double, _ weight: (Int) -> Double) -> Int {
    var last = 0
    for i in 0..<fanOut {
      let weight = weight(i)
      if rest < weight { return i }
      if weight > 0 { last = i }
      rest -= weight
    }
    return last
  }

  /// Whether the sum changed.
  private mutating func replaceSum(_ node: Int, by sum: Double) -> Bool {
    if sums[node] == sum { return false }
    sums[node] = sum
    return true
  }

  /// Over 16 leaves, in four interleaved sums.
  private func leafSum(_ node: Int) -> Double {
    let first = node * Self.fanOut
    var sum = SIMD4<Double>()
    for i in stride(from: first, to: first + Self.fanOut, by: 4) {
      sum += SIMD4(
        Double(leaves[i]), Double(leaves[i + 1]), Double(leaves[i + 2]), Double(leaves[i + 3]))
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3])
  }

  /// Over 16 sums from `first`.
  private func innerSum(_ first: Int) -> Double {
    var sum = SIMD4<Double>()
    for i in stride(from: first, to: first + Self.fanOut, by: 4) {
      sum += SIMD4(sums[i], sums[i + 1], sums[i + 2], sums[i + 3])
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3])
  }
}
