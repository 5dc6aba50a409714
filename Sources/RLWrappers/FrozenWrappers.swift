public import RLCore
import RLKernels

/// Wrappers as they were when a policy was saved: to be put around another environment, or to show
/// single observations.
public struct FrozenWrappers: Sendable {
  public let configuration: WrapperConfiguration
  /// The observations that the policy sees.
  public let observation: Space
  private let raw: Space
  private let plan: ObservationPlan?
  private let moments: RunningMoments?

  /// - Parameters:
  ///   - state: what a policy file holds; `nil` for no wrappers.
  ///   - observation: the environment's own space.
  /// - Throws: `StateError` when a setting or a statistic is missing, unknown, damaged, or does not
  ///   fit the space.
  public init(_ state: WrapperState?, observation: Space) throws(StateError) {
    let state = state ?? WrapperState(settings: [:])
    var settings = state.settings
    let limit = settings.removeValue(forKey: "timeLimit")
    let configuration = try WrapperConfiguration(settings: settings)
    let timeLimit = limit.flatMap { Int($0) }
    guard (limit != nil) == configuration.timeAware, limit == timeLimit.map({ "\($0)" }),
      timeLimit ?? 1 > 0
    else { throw StateError(reason: "its time limit is missing or damaged") }
    do { plan = try configuration.plan(observation, timeLimit: timeLimit) } catch {
      throw StateError(reason: "its wrapper \(error)")
    }
    var names: Set<String> = []
    let statistics = state.statistics
    if configuration.normalizeObservation {
      let own = try RunningMoments(statistics, "observation", columns: plan?.columnCount ?? 0)
      moments = own
      names.formUnion(own.named("observation").keys)
    } else {
      moments = nil
    }
    if configuration.normalizeReward {
      names.formUnion(try RunningMoments(statistics, "return", columns: 1).named("return").keys)
    }
    if let unknown = statistics.keys.filter({ !names.contains($0) }).min() {
      throw StateError(reason: "the statistic \"\(unknown)\" belongs to none of its wrappers")
    }
    self.configuration = configuration
    raw = observation
    self.observation = plan?.space ?? observation
  }

  /// Puts the wrappers around a fresh environment of the same spaces: for an evaluation with `seed`.
  /// Rewards stay raw.
  public func wrap<Base: Environment & ~Copyable>(
    _ base: consuming Base, evaluationSeed seed: UInt64
  ) -> WrappedEnvironment<Base> {
    precondition(base.spec.observation == raw, "the wrappers are of another observation")
    var wrapped = WrappedEnvironment(
      base, configuration, plan: plan, source: .evaluation(seed: seed))
    if let moments { wrapped.observations?.adopt(moments) }
    return wrapped
  }

  /// The environment's rows, `[count, R]`, as the policy sees them where each is the first of its
  /// episode.
  public func show(_ rows: [UInt8], count: Int) -> [UInt8] {
    guard let plan else { return rows }
    var wrappers = ObservationWrappers(plan, configuration, lanes: count)
    if let moments { wrappers.adopt(moments) }
    var shown = [UInt8](repeating: 0, count: count * plan.shown.rowBytes)
    wrappers.begin(rows, .first(count), into: &shown)
    return shown
  }
}
