public import RLCore

/// An environment that a plugin offers and whose table is sound.
public struct EnvironmentDescription: Sendable {
  /// What the environment says about itself. Unknown flags are ignored.
  public struct Flags: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Episodes cannot be replayed from their seeds: real hardware, a network.
    public static let nondeterministic = Flags(rawValue: 1 << 0)
    /// At most one instance in a process.
    public static let singleInstance = Flags(rawValue: 1 << 1)
    /// An instance has one lane.
    public static let singleLane = Flags(rawValue: 1 << 2)
    public static let slowReset = Flags(rawValue: 1 << 3)
    public static let wantsExec = Flags(rawValue: 1 << 5)
    public static let wantsFiles = Flags(rawValue: 1 << 6)
    public static let wantsNetwork = Flags(rawValue: 1 << 7)
  }

  public let id: String
  /// The first line is a summary.
  public let doc: String?
  public let flags: Flags
  public let options: [OptionSpec]
  /// `nil`: the spaces follow from the options and are known once lanes exist.
  public let spec: EnvironmentSpec?
  /// Whether spaces, limit and metrics may differ from `spec` once the options are known.
  public let isDescribedAtCreation: Bool
  public let hasSnapshots: Bool
  public let canRender: Bool

  let entry: EnvironmentEntry
}
