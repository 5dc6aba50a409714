import RLCore
import RLTraining
import Testing

/// A training that continues from a checkpoint goes the way of one that was never interrupted.
@Suite struct ContinuationTests {
  private let plan = try? TrainingPlan(
    steps: 130, logEvery: 40, evaluateEvery: 30, checkpointEvery: 20)

  /// Trains the toy to its end.
  private func run(
    _ observer: inout CapturingObserver, continuing state: SavedState? = nil,
    stoppingEvaluation stopped: Int? = nil
  ) throws -> (agent: ToyAgent, summary: TrainingSummary) {
    var agent = ToyAgent(seed: 7)
    var environment = ToyEnvironment(lanes: 2, seed: 7)
    var evaluations = 0
    let summary = try train(
      &agent, in: &environment, plan: try #require(plan), continuing: state,
      evaluate: { trained in
        evaluations += 1
        if evaluations == stopped { throw EvaluationStopped() }
        var policy = trained
        var environment = ToyEnvironment(lanes: 3, plan: .next(count: 5), seed: 7)
        return try evaluate(&policy, in: &environment, deterministic: true, seed: 7)
      }, observer: &observer)
    return (agent, summary)
  }

  @Test func fromEveryMomentTheRestIsTheSameToTheLastBit() throws {
    var plain = CapturingObserver(takesCheckpoints: false)
    let alone = try run(&plain)
    var whole = CapturingObserver()
    let reference = try run(&whole)
    #expect(whole.log.told() == plain.log.told())
    #expect(reference.agent.saveState() == alone.agent.saveState())
    #expect(whole.moments.count >= 65)
    for moment in whole.moments {
      var rest = CapturingObserver(takesCheckpoints: false)
      let end = try run(&rest, continuing: moment.state)
      let expected = whole.log.told(
        episodes: moment.episodes, records: moment.records, evaluations: moment.evaluations)
      #expect(rest.log.told() == expected, "from step \(moment.step), \(moment.occasion)")
      #expect(end.agent.saveState() == reference.agent.saveState())
      #expect(end.summary.best?.step == reference.summary.best?.step)
      #expect(end.summary.last?.evaluation.returns == reference.summary.last?.evaluation.returns)
      #expect(end.summary.episodes == reference.summary.episodes)
      #expect(end.summary.updates == reference.summary.updates)
    }
  }

  @Test(arguments: [0, 1, 2, 10, 19, 20, 21, 64, 65])
  func aStoppedTrainingSavesItsLastStepBeforeItsLastRecord(ticks: Int) throws {
    var whole = CapturingObserver(takesCheckpoints: false)
    let reference = try run(&whole)
    var first = CapturingObserver(stopsAfterTicks: ticks)
    let stopped = try run(&first)
    let moment = try #require(first.moments.last)
    #expect(moment.step == 2 * ticks)
    #expect(moment.occasion == (ticks == 65 ? .best : .stop) || ticks == 65)
    #expect(stopped.summary.end == (ticks == 65 ? .completed : .stopped))
    var rest = CapturingObserver(takesCheckpoints: false)
    let end = try run(&rest, continuing: moment.state)
    #expect(end.agent.saveState() == reference.agent.saveState())
    let before =
      first.log.told().count
      - first.log.told(
        episodes: moment.episodes, records: moment.records, evaluations: moment.evaluations
      ).count
    #expect(before + rest.log.told().count == whole.log.told().count)
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func anEvaluationThatWasStoppedIsMadeAgain(number: Int) throws {
    var whole = CapturingObserver(takesCheckpoints: false)
    _ = try run(&whole)
    var first = CapturingObserver()
    let stopped = try run(&first, stoppingEvaluation: number)
    let moment = try #require(first.moments.last)
    #expect(stopped.summary.steps == moment.step && moment.occasion == .stop)
    #expect(moment.evaluations == number - 1)
    var rest = CapturingObserver(takesCheckpoints: false)
    _ = try run(&rest, continuing: moment.state)
    #expect(
      rest.log.told()
        == whole.log.told(
          episodes: moment.episodes, records: moment.records, evaluations: moment.evaluations))
  }

  @Test func theOccasionsAreWhatTheySay() throws {
    var observer = CapturingObserver()
    _ = try run(&observer)
    func steps(_ occasion: CheckpointOccasion) -> [Int] {
      observer.moments.filter { $0.occasion == occasion }.map(\.step)
    }
    let best = observer.log.evaluations.filter(\.isBest).map(\.step)
    #expect(steps(.best) == best)
    #expect(steps(.due) == [20, 40, 60, 80, 100, 120].filter { !best.contains($0) })
    #expect(steps(.end) == [130])
    #expect(steps(.stop).isEmpty)
  }

  @Test func aStateOfSomethingElseIsRefused() throws {
    var observer = CapturingObserver()
    _ = try run(&observer)
    let state = observer.moments[30].state
    var agent = ToyAgent(seed: 7)
    var environment = ToyEnvironment(lanes: 3, seed: 7)
    let error = #expect(throws: StateError.self) {
      try train(
        &agent, in: &environment, plan: try #require(plan), continuing: state, observer: &observer)
    }
    #expect(error?.description.contains("2 lanes") == true)
  }

  @Test func aDamagedStateIsRefusedOrUsedButNeverATrap() throws {
    var observer = CapturingObserver()
    _ = try run(&observer)
    let state = observer.moments[40].state
    var random = RandomStream(seed: 3, purpose: "damage")
    var refused = 0
    for name in state.entries.keys.sorted() where name.hasPrefix("training.") {
      guard case .words(let words)? = state[name], !words.isEmpty else { continue }
      for _ in 0..<20 {
        var damaged = words
        damaged[random.index(below: words.count)] = random.next()
        var broken = state
        broken[name] = .words(random.index(below: 4) == 0 ? Array(damaged.dropLast()) : damaged)
        var rest = CapturingObserver(stopsAfterTicks: 0, takesCheckpoints: false)
        do { _ = try run(&rest, continuing: broken) } catch is StateError { refused += 1 }
      }
    }
    #expect(refused > 50)
  }
}
