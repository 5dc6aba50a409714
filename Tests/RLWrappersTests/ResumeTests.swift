import RLCore
import RLEnvironments
import RLWrappers
import Testing

/// Bits: they depend on no thread and no instance, and a restored environment goes on with them.
@Suite struct WrappedBitsTests {
  /// Whether a wrapper has something to work on there.
  private func fits(_ settings: [String: ConfigurationValue], _ subject: WrappedPlay.Subject) throws
    -> Bool
  {
    let play = try WrappedPlay(subject, WrapperConfiguration())
    let configuration = try wrappers(settings)
    return (try? configuration.wrapped(play.environment.spec)) != nil
  }

  private func cases() throws -> [(WrappedPlay.Subject, WrapperConfiguration)] {
    var cases: [(WrappedPlay.Subject, WrapperConfiguration)] = []
    for subject in WrappedPlay.subjects {
      for settings in Everything.each + [Everything.all] where try fits(settings, subject) {
        cases.append((subject, try wrappers(settings)))
      }
    }
    return cases
  }

  @Test func threadsAndInstancesChangeNothing() throws {
    for (subject, configuration) in try cases() {
      var one = try WrappedPlay(subject, configuration)
      try one.begin()
      try one.go(steps: 40)
      for (instances, threads) in [(2, 1), (5, 2), (3, 3)] {
        var other = try WrappedPlay(
          subject, configuration, instances: instances, threads: threads)
        try other.begin()
        try other.go(steps: 40)
        #expect(one.seen == other.seen, "\(subject) \(configuration)")
        let (a, b) = (one.environment.wrapperState, other.environment.wrapperState)
        #expect(a == b)
      }
    }
  }

  @Test func aRestoredEnvironmentGoesOnWithTheSameBits() throws {
    for (subject, configuration) in try cases() {
      for stop in [0, 1, 7, 20, 33] {
        var whole = try WrappedPlay(subject, configuration)
        try whole.begin()
        try whole.go(steps: stop)
        let saved = try whole.save()
        let before = whole.seen.count
        try whole.go(steps: 25)
        var rest = try WrappedPlay(subject, configuration, instances: 1 + stop % 3)
        try rest.resume(saved)
        #expect(try rest.save().0 == saved.0, "\(subject) \(configuration)")
        try rest.go(steps: 25)
        #expect(Array(whole.seen[before...]) == rest.seen, "\(subject) \(configuration)")
        #expect(try whole.save().0 == rest.save().0)
        let (a, b) = (whole.environment.wrapperState, rest.environment.wrapperState)
        #expect(a == b)
      }
    }
  }

  @Test func withoutWrappersAStateIsThatOfTheEnvironment() throws {
    var play = try WrappedPlay(WrappedPlay.subjects[0], WrapperConfiguration())
    try play.begin()
    try play.go(steps: 5)
    let own = try play.environment.base.saveState(play.batch)
    #expect(try play.save().0 == own)
    let state = play.environment.wrapperState
    #expect(state == nil)
  }

  @Test func damagedStatesAreRefused() throws {
    let configuration = try wrappers(Everything.all)
    var play = try WrappedPlay(WrappedPlay.subjects[0], configuration)
    try play.begin()
    try play.go(steps: 10)
    let (state, random) = try play.save()
    let nan = Double.nan.bitPattern
    let changes: [(String, SavedState.Entry?)] = [
      ("observations", nil), ("observations", .bytes([1])), ("normalizer.mean", nil),
      ("normalizer.mean", .words([0, 0, 0, nan])), ("normalizer.variance", .words([0, 0, 0])),
      ("normalizer.count", .words([0])), ("rewards.returns", .words([nan, 0, 0, 0, 0])),
      ("rewards.count", nil), ("elapsed", .words([1, 2, 3, 4, .max])),
      ("sticky.choices", .integers([0, 0, 0, 0, 2])),
      ("sticky.choices", .integers([0, 0, 0, 0, -1])),
      ("sticky.streams", .words(Array(repeating: 0, count: 20))), ("sticky.has_taken", nil),
      ("else", .words([])), ("base.clock", nil),
    ]
    for (name, entry) in changes {
      var damaged = state
      damaged[name] = entry
      var fresh = try WrappedPlay(WrappedPlay.subjects[0], configuration)
      #expect(throws: StateError.self, "\(name)") { try fresh.resume((damaged, random)) }
    }
    var other = try WrappedPlay(WrappedPlay.subjects[0], WrapperConfiguration())
    #expect(throws: StateError.self) { try other.resume((state, random)) }
  }
}
