internal import CKernels
import RLParallel

/// Runs each side of a minibatch as one task, from the weights' transposition to the sum over the
/// groups and their squares, with the bits of `GroupPass.runGroups` and `addGroups`.
///
/// On two threads each then has a network to itself: its parameters, and all that is computed from
/// them, stay in the caches of one core from minibatch to minibatch. The value's squares follow the
/// policy's in the scratch; they are missing where the policy's side takes much longer.
func runSides(
  _ groups: GroupPass, _ shape: PolicyNetworkShape, _ gradient: inout [Float],
  _ pool: WorkerPool
) {
  guard let critic = shape.critic?.parameterRange else { return }
  let actor = shape.actor.parameterRange
  var isPolicyIn: UInt32 = 0
  unsafe gradient.withUnsafeMutableBufferPointer { gradient in
    unsafe withUnsafeMutablePointer(to: &isPolicyIn) { isPolicyIn in
      guard let gradient = gradient.baseAddress else { return }
      let pass = unsafe SidePass(
        groups: groups, actor: actor, critic: critic, gradient: gradient, isPolicyIn: isPolicyIn)
      pool.run(2, pass)
    }
  }
}

/// The policy's side and the value's. They touch disjoint places, but for the sum of squares, which
/// the policy hands over to the value.
@safe private struct SidePass: PoolJob {
  let groups: GroupPass
  let actor: Range<Int>
  let critic: Range<Int>
  let gradient: UnsafeMutablePointer<Float>
  let isPolicyIn: UnsafeMutablePointer<UInt32>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: SidePass.self).pointee.run($1)
  }

  func run(_ side: Int) {
    groups.transpose(side: side)
    for number in 0..<groups.groups.count {
      groups.run(number, side: side, place: min(side, groups.threads - 1))
    }
    unsafe groups.add(side == 0 ? actor : critic, to: gradient)
    if side == 0 {
      unsafe groups.room.squares.pointee.add(gradient, actor.count, groups.kernels)
      unsafe ck_signal(isPolicyIn)
    } else if unsafe ck_await(isPolicyIn) {
      unsafe groups.room.squares.pointee.add(gradient, critic.count, groups.kernels)
    }
  }
}
