internal import RLCore
public import RLEnvironments
public import RLSystem

/// One of the plugins that are compared: told apart in a crash and in errors.
public struct Contestant {
  public let environment: ExactEnvironment
  private let suspect: CrashReport.Suspect

  /// - Parameters:
  ///   - environment: fresh.
  ///   - suspect: who is blamed when a call crashes.
  public init(_ environment: ExactEnvironment, _ suspect: CrashReport.Suspect) {
    self.environment = environment
    self.suspect = suspect
  }

  func reset(_ lanes: [Int], seeds: [UInt64]?) throws(EnvironmentError) {
    suspect.accuse()
    try environment.reset(lanes, seeds: seeds)
  }

  func step(_ lanes: [Int], _ actions: [[UInt8]]) throws(EnvironmentError) {
    suspect.accuse()
    try environment.step(lanes, actions: actions)
  }

  func save(_ lane: Int) throws(EnvironmentError) -> [UInt8] {
    suspect.accuse()
    return try environment.save(lane: lane)
  }

  func load(_ lane: Int, _ snapshot: [UInt8]) throws(EnvironmentError) {
    suspect.accuse()
    try environment.load(lane: lane, snapshot)
  }

  /// What the last call answered, with the host's time limit applied.
  func answer(_ lane: Int, length: Int) -> ExactEnvironment.Answer {
    var answer = environment.answer(lane: lane)
    if length > 0, length == environment.spec.maxEpisodeSteps { answer.flags |= 2 }
    return answer
  }
}
