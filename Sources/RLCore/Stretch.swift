/// Some iterations of acting, stepping, observing and advancing, between two updates.
public struct Stretch: Sendable {
  /// An episode that ended, and in which iteration, from 0.
  public struct Ending: Sendable, Equatable {
    public var iteration: Int
    public var episode: EpisodeRecord

    public init(iteration: Int, episode: EpisodeRecord) {
      self.iteration = iteration
      self.episode = episode
    }
  }

  /// Iterations that are wanted.
  public private(set) var length = 0
  /// Iterations whose step was made in every lane.
  public var made = 0
  /// Of the iterations that were made, in order of iteration and lane.
  public var endings: [Ending] = []

  public init() {}

  /// Wants `length` iterations, of which none is made.
  public mutating func begin(_ length: Int) {
    precondition(length >= 1, "a stretch of \(length) iterations")
    self.length = length
    made = 0
    if !endings.isEmpty { endings.removeAll(keepingCapacity: true) }
  }

  /// Counts an iteration whose step ended some episodes.
  public mutating func count(_ ended: [EpisodeRecord]) {
    for episode in ended { endings.append(Ending(iteration: made, episode: episode)) }
    made += 1
  }
}
