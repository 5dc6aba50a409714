/// A number that changes linearly from `start` to `end` over the first `steps` steps, and stays.
public struct LinearSchedule: Sendable, Equatable {
  public var start: Float
  public var end: Float
  public var steps: Int

  public init(start: Float, end: Float, steps: Int) {
    self.start = start
    self.end = end
    self.steps = steps
  }

  public func value(at step: Int) -> Float {
    guard step < steps else { return end }
    return start + (end - start) * (Float(step) / Float(steps))
  }
}
