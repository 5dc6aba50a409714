import RLCore
import RLWrappers
import Testing

@Suite struct ActionWrapperTests {
  private func wrap(
    _ base: consuming ScriptedEnvironment, _ settings: [String: ConfigurationValue],
    seed: UInt64 = 0
  ) throws -> WrappedEnvironment<ScriptedEnvironment> {
    try WrappedEnvironment(base, wrappers(settings), source: .training(seed: seed))
  }

  @Test func aRepeatedActionAddsTheRewardsAndEndsWithTheEpisode() throws {
    var environment = try wrap(
      ScriptedEnvironment(lanes: 3, limit: 5),
      ["actionRepeat": .integer(2), "timeAware": .bool(true)])
    var batch = StepBatch(environment.spec, lanes: 3)
    try environment.reset(&batch)
    var (episode, place) = ([0, 0, 0], [0, 0, 0])
    for step in 0..<12 {
      let before = batch.observations
      batch.choices = (0..<3).map { Int32((step + $0) % 2) }
      let choices = batch.choices
      try environment.step(&batch)
      #expect(batch.observations == before && batch.choices == choices)
      var ended: [Int] = []
      for lane in 0..<3 {
        let length = 3 + lane
        let last = min(place[lane] + 2, length)
        let sum = (place[lane] + 1...last).reduce(0.0) {
          $0 + Double(ScriptedEnvironment.reward(lane, episode[lane], $1))
        }
        #expect(batch.rewards[lane] == Float(sum))
        #expect(batch.truncated[lane] == (last == length))
        let shown = ScriptedEnvironment.observation(lane, episode[lane], last)
        #expect(
          batch.nextObservations.floats(lane, width: 4) == shown + [Float(Double(last) / 5)])
        place[lane] = last == length ? 0 : last
        if last == length { (ended, episode[lane]) = (ended + [lane], episode[lane] + 1) }
      }
      #expect(environment.finishedEpisodes.map(\.lane) == ended)
      #expect(environment.finishedEpisodes.map(\.length) == ended.map { 3 + $0 })
      try environment.advance(&batch)
      for lane in ended {
        let first = ScriptedEnvironment.observation(lane, episode[lane], 0)
        #expect(batch.observations.floats(lane, width: 4) == first + [0])
      }
    }
  }

  @Test func anActionIsNotRepeatedWhereTheMaskForbidsIt() throws {
    // choice 1 is allowed in even steps alone
    var environment = try wrap(
      ScriptedEnvironment(lanes: 2, isMasked: true), ["actionRepeat": .integer(3)])
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    batch.choices = [1, 0]
    let masks = batch.masks
    try environment.step(&batch)
    #expect(batch.masks == masks)
    #expect(environment.base.taken == [[1], [0, 0, 0]])
    #expect(batch.rewards[0] == ScriptedEnvironment.reward(0, 0, 1))
    #expect(batch.nextMasks == [1, 0, 1, 0])
    #expect(batch.nextObservations.floats(0, width: 3) == ScriptedEnvironment.observation(0, 0, 1))
    try environment.advance(&batch)
    batch.choices = [0, 0]
    try environment.step(&batch)
    #expect(environment.base.taken == [[1, 0, 0], [0, 0, 0, 0]])
    #expect(batch.truncated == [true, true])
  }

  /// The actions taken in `episodes` episodes of one lane where 0, 1, 0, 1 ... are chosen.
  private func taken(
    _ probability: Double, seed: UInt64 = 7, isMasked: Bool = false, lanes: Int = 1,
    repeats: Int = 1
  ) throws -> [[Int32]] {
    var base = ScriptedEnvironment(lanes: lanes, isMasked: isMasked)
    base.shortest = 40
    var environment = try wrap(
      base,
      ["stickyActions": .number(probability), "actionRepeat": .integer(repeats)], seed: seed)
    var batch = StepBatch(environment.spec, lanes: lanes)
    try environment.reset(&batch)
    for step in 0..<400 {
      for lane in 0..<lanes {
        batch.choices[lane] = isMasked && step % 2 == 1 ? 0 : Int32(step % 2)
      }
      if isMasked {
        for lane in 0..<lanes where batch.masks[2 * lane + 1] == 1 { batch.choices[lane] = 1 }
      }
      let chosen = batch.choices
      try environment.step(&batch)
      #expect(batch.choices == chosen)
      try environment.advance(&batch)
    }
    return environment.base.taken
  }

  @Test func theActionBeforeIsTakenAsOftenAsSaid() throws {
    let own = try taken(0.25)[0]
    #expect(own.count == 400)
    var repeated = 0
    for step in 1..<400 where step % 40 != 0 {
      repeated += own[step] == own[step - 1] ? 1 : 0
    }
    // chosen actions alternate; how often two in a row are equal is counted from the rule itself
    var rule = 0
    var random = RandomStream(seed: 99)
    var last: Int32 = 0
    for step in 0..<400_000 {
      let chosen = Int32(step % 2)
      let next = random.uniform() < 0.25 ? last : chosen
      rule += next == last ? 1 : 0
      last = next
    }
    #expect(abs(Double(repeated) / 390 - Double(rule) / 400_000) < 0.08)
    for episode in 0..<10 { #expect(own[40 * episode] == 0, "the first action is the chosen one") }
  }

  @Test func drawsAreAFunctionOfTheEpisodesSeed() throws {
    #expect(try taken(0.3) == taken(0.3))
    #expect(try taken(0.3) != taken(0.3, seed: 8))
    #expect(try taken(0)[0] == (0..<400).map { Int32($0 % 2) })
    let own = try taken(0.3)[0]
    #expect(Array(own[..<40]) != Array(own[40..<80]))
    #expect(try taken(0.3, lanes: 3)[0] == own, "other lanes change nothing")
  }

  @Test func aForbiddenActionIsNotTakenAgain() throws {
    // the environment's own mask: choice 1 in even steps alone, where it is chosen
    let own = try taken(0.5, isMasked: true)[0]
    for step in 0..<400 where step % 40 % 2 == 1 { #expect(own[step] == 0) }
    #expect((0..<400).contains { $0 % 2 == 0 && own[$0] == 0 }, "an allowed one is")
  }

  @Test func everyStepOfARepeatedActionMayStick() throws {
    let own = try taken(0.4, repeats: 2)[0]
    #expect(own.count == 800)
    let pairs = stride(from: 0, to: 800, by: 2).map { (own[$0], own[$0 + 1]) }
    #expect(pairs.contains { $0.0 != $0.1 })
    #expect(pairs.contains { $0.0 == $0.1 })
  }
}
