package import RLCore
import RLKernels

/// Prioritised replay, the proportional variant (Schaul et al. 2016): a transition is drawn with
/// probability P(i) = p_i^alpha / sum of p_k^alpha (equation 1), p_i = |delta_i| + epsilon (section
/// 3.3), delta being the temporal-difference error when the transition was last learned from.
///
/// A new transition gets the largest p^alpha that any has had so far (algorithm 1, line 6), 1 at
/// first. A batch of B is drawn with one point in each B-th of the sum (appendix B.2.1). Weights of
/// importance w_i = (N P(i))^-beta over the largest of the batch (section 3.4) multiply the losses;
/// N cancels. Rows of the ring in which no transition starts have priority 0.
package struct PrioritySampling: Sendable {
  package private(set) var tree: SumTree  // p^alpha of the transition that starts in each row
  package private(set) var largest: Float = 1  // p^alpha
  private let alpha: Float
  private let epsilon: Float
  private let schedule: LinearSchedule  // of beta
  private var priorities: [Float]  // [B]

  /// - Parameters:
  ///   - configuration: alpha, the ends of beta, epsilon and B.
  ///   - rows: of the ring, all lanes together.
  ///   - plannedSteps: environment steps over which beta changes.
  package init(_ configuration: some PriorityConfiguration, rows: Int, plannedSteps: Int) {
    tree = SumTree(count: rows)
    alpha = configuration.priorityAlpha
    epsilon = configuration.priorityEpsilon
    schedule = LinearSchedule(
      start: configuration.priorityBetaStart, end: configuration.priorityBetaEnd,
      steps: plannedSteps)
    priorities = Array(repeating: 0, count: configuration.batchSize)
  }

  package func beta(at step: Int) -> Float { schedule.value(at: step) }

  /// Gives every lane's latest transition the largest priority, and none to the row behind it.
  package mutating func record(_ replay: borrowing ReplayBuffer) {
    for lane in 0..<replay.lanes {
      let row = replay.latestRow(lane)
      tree.set(replay.successor(of: row), to: 0)
      tree.set(row, to: largest)
    }
  }

  /// Draws the rows of a batch, and writes their weights of importance, `[B]`.
  package func sample(
    _ random: inout RandomStream, beta: Float, rows: inout [Int32], weights: inout [Float]
  ) {
    precondition(tree.total > 0, "nothing to sample")
    let share = tree.total / Double(rows.count)
    var least = Float.infinity
    for b in rows.indices {
      let row = tree.leaf(at: (Double(b) + random.uniformDouble()) * share)
      rows[b] = Int32(truncatingIfNeeded: row)
      weights[b] = tree[row]
      least = min(least, tree[row])
    }
    for b in weights.indices { weights[b] = least / weights[b] }
    power(&weights, beta)
  }

  /// Sets the priorities of a batch that was learned from.
  ///
  /// - Parameters:
  ///   - rows: `[B]`.
  ///   - errors: `[B]`, delta of each; finite.
  package mutating func update(_ rows: [Int32], errors: [Float]) {
    for b in rows.indices { priorities[b] = min(abs(errors[b]), 1e30) + epsilon }
    power(&priorities, alpha)
    for b in rows.indices {
      tree.set(Int(rows[b]), to: priorities[b])
      largest = max(largest, priorities[b])
    }
  }

  /// Replaces every positive x by x^exponent, with the same bits on every CPU.
  private func power(_ values: inout [Float], _ exponent: Float) {
    apply(.log, to: &values)
    for i in values.indices { values[i] *= exponent }
    apply(.exp, to: &values)
  }
}

extension PrioritySampling {
  func saveState() -> SavedState {
    SavedState(entries: ["leaves": .floats(tree.weights), "largest": .floats([largest])])
  }

  /// The leaves that were set since the capture before, in small pages.
  mutating func capture() -> StateCapture {
    let ranges = tree.takeChanges()
    return StateCapture(
      state: SavedState(entries: ["largest": .floats([largest])]),
      columns: [
        ColumnChanges(
          name: "leaves", kind: .floats, rowBytes: 4, rowCount: tree.count, ranges: ranges,
          bytes: tree.bytes(ranges))
      ])
  }

  /// The next capture counts from all zero.
  mutating func captureAnew() { tree.markAll() }

  /// Continues from saved priorities of the transitions in `replay`.
  ///
  /// - Throws: `StateError` when they are of another ring or cannot be; nothing is changed then.
  mutating func restore(_ state: SavedState, _ replay: borrowing ReplayBuffer) throws(StateError) {
    let leaves = try state.floats("leaves", count: tree.count)
    let largest = try state.floats("largest", count: 1)[0]
    guard largest > 0, largest < .infinity,
      leaves.indices.allSatisfy({
        leaves[$0] >= 0 && leaves[$0] <= largest && (leaves[$0] > 0) == replay.isTransition($0)
      })
    else { throw StateError(reason: "a priority is damaged, or of another replay ring") }
    tree.setAll(leaves)
    self.largest = largest
  }
}
