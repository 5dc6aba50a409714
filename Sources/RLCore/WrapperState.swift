/// What is done to an environment's observations and actions between it and a policy, at one moment:
/// it travels with the policy, for without it the policy would not act as it was trained.
public struct WrapperState: Sendable, Equatable {
  /// What is in force, as text, such as `frameStack` = "4".
  public var settings: [String: String]
  /// Running statistics, by name, in the order of the leaves' elements.
  public var statistics: [String: [Double]]

  public init(settings: [String: String], statistics: [String: [Double]] = [:]) {
    self.settings = settings
    self.statistics = statistics
  }
}
