import RLCore
import RLTraining
import Testing

@Suite struct TrainerTests {
  @Test func anIterationIsActStepObserveAdvanceLearn() throws {
    let journal = Journal()
    var agent = ToyAgent(seed: 1, journal: journal)
    var environment = ToyEnvironment(lanes: 2)
    environment.journal = journal
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 6, logEvery: 2)
    _ = try train(&agent, in: &environment, plan: plan, observer: &observer)
    let iteration = ["act", "step", "observe", "advance", "learn"]
    #expect(journal.all == ["reset"] + iteration + iteration + iteration)
  }

  // Records, checkpoints and evaluations are where they are due, however long stretches may be.
  @Test func aStretchEndsWhereSomethingIsDue() throws {
    func steps(_ playable: Int) throws -> (records: [Int], evaluations: [Int], ticks: [Int]) {
      var agent = ToyAgent(seed: 1)
      agent.playableIterations = playable
      var environment = ToyEnvironment(lanes: 3)
      var observer = RecordingObserver()
      let plan = try TrainingPlan(steps: 4000, logEvery: 110, evaluateEvery: 250)
      _ = try train(
        &agent, in: &environment, plan: plan, evaluate: { _ in evaluation(withReturn: 1) },
        observer: &observer)
      return (observer.records.map(\.step), observer.evaluations.map(\.step), observer.ticks)
    }
    let (one, many) = (try steps(1), try steps(1_000_000))
    #expect(one.records == many.records && one.records.count == 37)
    #expect(one.evaluations == many.evaluations && one.evaluations.count == 16)
    #expect(one.ticks.count == 1334 && many.ticks.count < 600)
    #expect(many.ticks.last == 4002)
  }

  @Test func intervalsMayBeAsLargeAsNumbersAre() throws {
    var agent = ToyAgent(seed: 1)
    agent.playableIterations = 10
    var environment = ToyEnvironment(lanes: 3)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(
      steps: 100, logEvery: .max, evaluateEvery: .max, checkpointEvery: .max)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.steps == 102 && observer.records.map(\.step) == [102])
  }

  @Test(arguments: [(1, 10, 10), (4, 10, 12), (4, 12, 12), (16, 10, 16)])
  func itStopsAtTheFirstMultipleOfTheLanesThatReachesTheSteps(
    lanes: Int, steps: Int, made: Int
  ) throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: lanes)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: steps, logEvery: 1000)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.end == .completed)
    #expect(summary.steps == made)
    #expect(summary.updates == agent.updates)
    #expect(observer.ticks == Array(stride(from: lanes, through: made, by: lanes)))
    #expect(observer.records.map(\.step) == [made])
  }

  @Test func aTimeLimitReachesTheAgentAsTruncatedWithTheTrueFinalObservation() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 1)
    environment.timeLimit = 4
    environment.maximumLength = 1_000_000
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 8, logEvery: 1000)
    _ = try train(&agent, in: &environment, plan: plan, observer: &observer)
    let steps: [Float] = [1, 2, 3, 4, 1, 2, 3, 4]
    #expect(agent.seen.map(\.steps) == steps)
    #expect(agent.seen.map(\.truncated) == steps.map { $0 == 4 })
    #expect(agent.seen.allSatisfy { !$0.terminated })
    #expect(observer.episodes.map(\.truncated) == [true, true])
    #expect(observer.episodes.map(\.terminated) == [false, false])
  }

  @Test func episodesAreToldInOrderEachWithItsStep() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 3)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 300, logEvery: 1000)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.episodes == observer.episodes.count)
    #expect(observer.episodes.count > 20)
    #expect(observer.episodeSteps == observer.episodeSteps.sorted())
    for lane in 0..<3 {
      let indices = observer.episodes.filter { $0.lane == lane }.map(\.index)
      #expect(indices == Array(0..<indices.count))
    }
  }

  @Test(arguments: [(1, 10), (4, 10), (3, 7), (8, 5)])
  func aRecordIsWrittenWhenAMultipleIsReachedOrPassed(lanes: Int, every: Int) throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: lanes)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 100, logEvery: every)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    let due = stride(from: lanes, through: summary.steps, by: lanes).filter {
      $0 / every > ($0 - lanes) / every
    }
    let last = due.last == summary.steps ? [] : [summary.steps]
    #expect(observer.records.map(\.step) == due + last)
  }

  @Test func theReturnOfTheLastHundredEpisodesIsTheirMean() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 2)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 2000, logEvery: 2000)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(observer.episodes.count > 150)
    let returns = observer.episodes.suffix(100).map(\.episodeReturn)
    let lengths = observer.episodes.suffix(100).map { Double($0.length) }
    let record = try #require(observer.records.last)
    // sums of whole numbers are exact, in whatever order
    #expect(record.returnMean100 == returns.reduce(0, +) / 100)
    #expect(record.lengthMean100 == lengths.reduce(0, +) / 100)
    #expect(summary.returnMean100 == record.returnMean100)
    #expect(record.environmentMetrics == ["success": 1])
  }

  @Test func thereIsNoMeanReturnBeforeAnEpisodeHasEnded() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 1)
    environment.maximumLength = 1_000_000
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 3, logEvery: 3)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.returnMean100 == nil)
    #expect(MetricsRecord(observer.records[0])["rollout/ep_rew_mean"] == nil)
  }

  @Test(arguments: [("steps", 0, 1, 1), ("logEvery", 1, 0, 1), ("evaluateEvery", 1, 1, -3)])
  func aPlanOfNoStepsIsRefusedByName(
    field: String, steps: Int, logEvery: Int, evaluateEvery: Int
  ) {
    let error = #expect(throws: ConfigurationError.self) {
      try TrainingPlan(steps: steps, logEvery: logEvery, evaluateEvery: evaluateEvery)
    }
    #expect(error?.field == field)
  }
}
