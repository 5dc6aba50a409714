import RLAgents
import RLCore
import Testing

@Suite struct SumTreeTests {
  private static let counts = [1, 2, 15, 16, 17, 255, 256, 257, 4097]

  /// Weights among which every third is 0.
  private func weights(_ count: Int, seed: UInt64 = 3) -> [Float] {
    var random = RandomStream(seed: seed)
    var weights = (0..<count).map { $0 % 3 == 2 ? 0 : random.uniform() + 0.01 }
    weights[count / 2] = 1
    return weights
  }

  @Test(arguments: counts)
  func aPointFindsTheLeafOfTheNaivePrefixSum(count: Int) {
    let weights = weights(count)
    var tree = SumTree(count: count)
    for (leaf, weight) in weights.enumerated() { tree.set(leaf, to: weight) }
    let total = weights.reduce(0.0) { $0 + Double($1) }
    #expect(abs(tree.total - total) <= 1e-12 * total)
    var sum = 0.0
    for (leaf, weight) in weights.enumerated() where weight > 0 {
      // away from the ends, where two orders of additions may differ
      for share in [1e-6, 0.5, 1 - 1e-6] {
        #expect(tree.leaf(at: sum + share * Double(weight)) == leaf)
      }
      sum += Double(weight)
    }
  }

  @Test(arguments: counts)
  func noPointFindsALeafOfZero(count: Int) {
    var tree = SumTree(count: count)
    tree.setAll(weights(count))
    var random = RandomStream(seed: 8)
    for _ in 0..<2000 { #expect(tree[tree.leaf(at: random.uniformDouble() * tree.total)] > 0) }
    for point in [0, tree.total.nextDown, tree.total, tree.total.nextUp] {
      #expect(tree[tree.leaf(at: point)] > 0)
    }
  }

  @Test(arguments: counts)
  func theSumsAreAFunctionOfTheLeavesAlone(count: Int) {
    let weights = weights(count)
    var once = SumTree(count: count)
    once.setAll(weights)
    var often = SumTree(count: count)
    var random = RandomStream(seed: 5)
    for _ in 0..<3000 {
      often.set(random.index(below: count), to: 1e6 * random.uniform())
    }
    for leaf in (0..<count).reversed() { often.set(leaf, to: weights[leaf]) }
    #expect(often.total == once.total)
    for i in 0..<500 {
      let point = Double(i) / 500 * once.total
      #expect(often.leaf(at: point) == once.leaf(at: point))
    }
  }

  @Test func leavesComeAsOftenAsTheirWeightsSay() {
    var tree = SumTree(count: 40)
    for leaf in 0..<40 { tree.set(leaf, to: Float(leaf % 5)) }
    var counts = Array(repeating: 0, count: 40)
    var random = RandomStream(seed: 1)
    for _ in 0..<80_000 { counts[tree.leaf(at: random.uniformDouble() * tree.total)] += 1 }
    // of 80 parts, leaf % 5 each
    let chi = counts.enumerated().reduce(0.0) { sum, entry in
      let expected = Double(1000 * (entry.offset % 5))
      let difference = Double(entry.element) - expected
      return expected > 0 ? sum + difference * difference / expected : sum
    }
    for leaf in stride(from: 0, to: 40, by: 5) { #expect(counts[leaf] == 0) }
    // chi-squared with 31 degrees of freedom is below 61.1 with probability 0.999
    #expect(chi < 61.1)
  }

  @Test func whatChangedIsNamedOnceAndInWholePages() {
    var tree = SumTree(count: 1000)
    tree.set(3, to: 1)
    tree.set(70, to: 1)
    tree.set(999, to: 1)
    tree.set(500, to: 0)
    #expect(tree.takeChanges() == [0..<128, 960..<1000])
    #expect(tree.takeChanges().isEmpty)
    tree.set(3, to: 1)
    #expect(tree.takeChanges().isEmpty)
    tree.setAll(weights(1000))
    #expect(tree.takeChanges().isEmpty)
  }

  @Test(arguments: [1000, 100_000, 1_000_000, 1_100_000])
  func aWeightTakesFewBytes(count: Int) {
    let tree = SumTree(count: count)
    #expect(tree.byteCount == SumTree.byteCount(count))
    #expect(Double(tree.byteCount) <= 4.7 * Double(count))
  }
}
