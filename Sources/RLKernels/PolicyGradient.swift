internal import CKernels
public import RLParallel

/// What `policyGradient` works in, for minibatches of up to `rows` rows.
///
/// Vectors as elements make the storage aligned to a vector.
public struct PolicyGradientScratch: Sendable {
  public let rows: Int
  let threads: Int
  let gradientStride: Int  // floats of a group's gradient
  let shardVectors: Int  // that a thread works in
  var advantages: [Float]  // [rows]
  var transposed: [SIMD16<Float>]
  var gradients: [SIMD16<Float>]  // [groups, gradientStride]
  var spreads: [Float]  // [groups, spreadCount]
  var sums: [ck_loss_sums]  // of a group's policy, then of its value
  var shards: [SIMD16<Float>]  // [threads, shardVectors]
  var taken: [UInt32]  // [threads]
  /// Of the gradient at the networks' parameters, where `policyGradient` has met all of it on the way.
  public internal(set) var squares = SquareSum()

  /// - Parameters:
  ///   - shape: of the networks.
  ///   - rows: the most rows of a minibatch.
  ///   - threads: those of the pool.
  public init(_ shape: PolicyNetworkShape, rows: Int, threads: Int) {
    self.rows = rows
    self.threads = threads
    let groups = ShardGroups.most(rows: rows)
    gradientStride = padded(shape.parameterCount)
    shardVectors = shape.shardVectors
    advantages = Array(repeating: 0, count: rows)
    transposed = Array(repeating: .zero, count: shape.transposedCount / laneCount)
    gradients = Array(repeating: .zero, count: groups * gradientStride / laneCount)
    spreads = Array(repeating: 0, count: groups * shape.spreadCount)
    sums = Array(repeating: ck_loss_sums(), count: 2 * groups)
    shards = Array(repeating: .zero, count: threads * shardVectors)
    taken = Array(repeating: 0, count: threads)
  }
}

/// The gradient of a loss over a minibatch: from rows of bytes to slopes at the parameters.
///
/// Shards of 64 rows go through everything while they are in the caches, the policy's and the
/// value's side each on their own; some shards make a group with a gradient of its own, and the
/// groups' are added in order. How rows are cut depends on their number alone: the bits are the same
/// for every number of threads and every implementation.
///
/// - Parameters:
///   - loss: what is to fall.
///   - shape: the networks and the head.
///   - minibatch: the rows.
///   - parameters: `[P]`, at least `shape.parameterCount`.
///   - logStd: `[C]`, of `gaussian`.
///   - stdSquares: `[C, latentStride]`, of `gsde`.
///   - scratch: for at least so many rows and threads.
///   - gradient: `[P]`, overwritten at the networks' parameters.
///   - spreadGradient: `[shape.spreadCount]`, overwritten: the slopes at `logStd` or `stdSquares`.
///   - pool: the threads.
///   - kernels: the implementation.
/// - Returns: sums over the rows.
public func policyGradient(
  of loss: PolicyLoss, _ shape: PolicyNetworkShape, _ minibatch: PolicyMinibatch,
  parameters: [Float], logStd: [Float], stdSquares: [Float],
  scratch: inout PolicyGradientScratch, gradient: inout [Float], spreadGradient: inout [Float],
  pool: WorkerPool, kernels: KernelSet = .current
) -> PolicyLossSums {
  let rows = minibatch.places.count
  minibatch.check(shape.head, shape.fields)
  precondition(rows <= scratch.rows, "\(rows) rows, room for \(scratch.rows)")
  precondition(pool.threads <= scratch.threads, "room for \(scratch.threads) threads")
  precondition(
    parameters.count >= shape.parameterCount && gradient.count == parameters.count,
    "parameters do not fit the networks")
  precondition(spreadGradient.count == shape.spreadCount, "spreadGradient is not [spreadCount]")
  precondition(
    shape.head.controls != .gaussian || logStd.count == shape.head.controlCount, "logStd")
  precondition(
    shape.head.controls != .gsde || stdSquares.count == shape.spreadCount, "stdSquares")
  minibatch.gatherAdvantages(into: &scratch.advantages, pool: pool, kernels: kernels)
  let groups = ShardGroups(rows: rows)
  let isBySide =
    groups.count > 0 && hasEqualSides(shape.actor, shape.critic)
    && (pool.threads < 3 || groups.count == 1)
  let (stride, vectors, threads) = (scratch.gradientStride, scratch.shardVectors, scratch.threads)
  let advantages = scratch.advantages
  scratch.squares = SquareSum()
  unsafe withCode(shape, minibatch, advantages, parameters, logStd, stdSquares) { code in
    scratch.withAddresses { room in
      var code = unsafe code
      unsafe code.loss = loss.code(count: rows)
      unsafe code.actor.transposed = UnsafePointer(room.transposed)
      unsafe code.critic.transposed = UnsafePointer(room.transposed + shape.actor.transposedCount)
      let pass = unsafe GroupPass(
        groups: groups, sides: shape.critic == nil ? 1 : 2, kernels: kernels.code, code: code,
        room: room, gradientStride: stride, spreadCount: shape.spreadCount, shardVectors: vectors,
        threads: threads)
      guard isBySide else { return pass.runGroups(on: pool) }
      runSides(pass, shape, &gradient, pool)
    }
  }
  addSpreads(scratch.spreads, groups.count, &spreadGradient)
  if !isBySide { addGroups(scratch, groups.count, shape, &gradient, pool, kernels) }
  var sums = PolicyLossSums()
  for index in 0..<groups.count * (shape.critic == nil ? 1 : 2) { sums.add(scratch.sums[index]) }
  return sums
}

/// The addresses of a scratch.
@safe struct PolicyGradientRoom {
  let transposed: UnsafeMutablePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let spreads: UnsafeMutablePointer<Float>?
  let sums: UnsafeMutablePointer<ck_loss_sums>
  let shards: UnsafeMutablePointer<SIMD16<Float>>
  let taken: UnsafeMutablePointer<UInt32>
  let squares: UnsafeMutablePointer<SquareSum>
}

extension PolicyGradientScratch {
  fileprivate mutating func withAddresses(_ body: (PolicyGradientRoom) -> Void) {
    unsafe transposed.withUnsafeMutableBytes { transposed in
      unsafe gradients.withUnsafeMutableBytes { gradients in
        unsafe spreads.withUnsafeMutableBufferPointer { spreads in
          unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe shards.withUnsafeMutableBufferPointer { shards in
              unsafe taken.withUnsafeMutableBufferPointer { taken in
                unsafe withUnsafeMutablePointer(to: &squares) { squares in
                  guard let shards = shards.baseAddress, let taken = taken.baseAddress,
                    let sums = sums.baseAddress
                  else { return }
                  unsafe body(
                    PolicyGradientRoom(
                      transposed: transposed.floats, gradients: gradients.floats,
                      spreads: spreads.baseAddress, sums: sums, shards: shards, taken: taken,
                      squares: squares))
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Groups of shards, of each network on its own. They touch disjoint places.
@safe struct GroupPass: PoolJob {
  let groups: ShardGroups
  let sides: Int
  let kernels: ck_set
  let code: ck_minibatch
  let room: PolicyGradientRoom
  let gradientStride: Int
  let spreadCount: Int
  let shardVectors: Int
  let threads: Int

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: GroupPass.self).pointee.run($1)
  }

  /// Runs the groups on any of the threads.
  func runGroups(on pool: WorkerPool) {
    for side in 0..<sides { transpose(side: side) }
    pool.run(groups.count * sides, self)
  }

  func run(_ index: Int) {
    let place = unsafe ck_claim_place(room.taken, threads)
    defer { unsafe ck_release_place(room.taken, place) }
    run(index % groups.count, side: index / groups.count, place: place)
  }

  /// Runs a group of the policy, side 0, or of the value, at a place that no other group has.
  func run(_ number: Int, side: Int, place: Int) {
    let rows = groups[number]
    var code = unsafe code
    var group = unsafe ck_group(
      first: rows.lowerBound, count: rows.count, work: room.shards + place * shardVectors,
      gradient: room.gradients + number * gradientStride,
      spread: room.spreads.map { unsafe $0 + number * spreadCount },
      sums: room.sums + (side * groups.count + number))
    if side == 0 {
      unsafe ck_policy_group(kernels, &code, &group)
    } else {
      unsafe ck_value_group(kernels, &code, &group)
    }
  }

  /// Transposes the weights that slopes go down through.
  func transpose(side: Int) {
    var stack = unsafe side == 0 ? code.actor : code.critic
    unsafe ck_transpose_weights(
      kernels, &stack, code.parameters, UnsafeMutablePointer(mutating: stack.transposed))
  }

  /// Adds the groups' gradients in order, over some parameters.
  func add(_ range: Range<Int>, to gradient: UnsafeMutablePointer<Float>) {
    let i = range.lowerBound
    unsafe ck_add_rows(
      kernels, range.count, groups.count, room.gradients + i, gradientStride, gradient + i)
  }
}

/// Adds the groups' slopes at what the free parameters make, in order.
private func addSpreads(_ spreads: [Float], _ groups: Int, _ spreadGradient: inout [Float]) {
  for i in spreadGradient.indices {
    var sum: Float = 0
    for group in 0..<groups { sum += spreads[group * spreadGradient.count + i] }
    spreadGradient[i] = sum
  }
}

/// Adds the groups' gradients in order.
private func addGroups(
  _ scratch: borrowing PolicyGradientScratch, _ groups: Int, _ shape: PolicyNetworkShape,
  _ gradient: inout [Float], _ pool: WorkerPool, _ kernels: KernelSet
) {
  unsafe scratch.gradients.withUnsafeBytes { gradients in
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      guard groups > 0, let x = gradients.baseAddress, let y = gradient.baseAddress else {
        return unsafe gradient.update(repeating: 0)
      }
      let pass = unsafe AdditionPass(
        ranges: Ranges(total: shape.parameterCount), kernels: kernels.code, groups: groups,
        stride: scratch.gradientStride, x: x.assumingMemoryBound(to: Float.self), y: y)
      pass.ranges.run(pass, on: pool)
    }
  }
}

@safe private struct AdditionPass: PoolJob {
  let ranges: Ranges
  let kernels: ck_set
  let groups: Int
  let stride: Int
  let x: UnsafePointer<Float>
  let y: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: AdditionPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    let range = ranges[index]
    let i = range.lowerBound
    unsafe ck_add_rows(kernels, range.count, groups, x + i, stride, y + i)
  }
}
