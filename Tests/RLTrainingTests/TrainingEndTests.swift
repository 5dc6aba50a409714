import RLCore
import RLTraining
import Testing

/// How a run ends before its planned steps.
@Suite struct TrainingEndTests {
  @Test func aWishToStopEndsTheRunBetweenTwoIterations() throws {
    let journal = Journal()
    var agent = ToyAgent(seed: 1, journal: journal)
    var environment = ToyEnvironment(lanes: 2)
    environment.journal = journal
    var observer = RecordingObserver(stopsAfterTicks: 5)
    let plan = try TrainingPlan(steps: 1000, logEvery: 4)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.end == .stopped)
    #expect(summary.steps == 10)
    #expect(journal.all.last == "learn")
    #expect(journal.all.count == 1 + 5 * 5)
    #expect(observer.records.map(\.step) == [4, 8, 10])
  }

  @Test func aStoppedRunHasLearnedWhatAShorterOneHas() throws {
    var stopped = ToyAgent(seed: 1)
    var shorter = ToyAgent(seed: 1)
    var first = ToyEnvironment(lanes: 2)
    var second = ToyEnvironment(lanes: 2)
    var stopping = RecordingObserver(stopsAfterTicks: 25)
    var observer = RecordingObserver()
    let long = try TrainingPlan(steps: 1000, logEvery: 10)
    let short = try TrainingPlan(steps: 50, logEvery: 10)
    _ = try train(&stopped, in: &first, plan: long, observer: &stopping)
    _ = try train(&shorter, in: &second, plan: short, observer: &observer)
    #expect(stopped.saveState() == shorter.saveState())
    #expect(stopping.rows == observer.rows)
  }

  @Test func aStopBeforeTheFirstIterationLeavesARecordToo() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 2)
    var observer = RecordingObserver(stopsAfterTicks: 0)
    let plan = try TrainingPlan(steps: 10, logEvery: 4)
    let summary = try train(&agent, in: &environment, plan: plan, observer: &observer)
    #expect(summary.steps == 0)
    #expect(observer.records.map(\.step) == [0])
  }

  @Test func divergenceEndsTheRunWithTheLastRecordAndAllEpisodesTold() throws {
    var agent = ToyAgent(seed: 1)
    agent.divergesAtUpdate = 7
    var environment = ToyEnvironment(lanes: 2)
    environment.maximumLength = 1  // every step ends an episode
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 1000, logEvery: 10)
    let error = #expect(throws: DivergenceError.self) {
      try train(&agent, in: &environment, plan: plan, observer: &observer)
    }
    #expect(error == DivergenceError(quantity: "the loss", update: 7))
    #expect(observer.records.map(\.step) == [10, 20, 28])
    #expect(observer.records.last?.agentMetrics["train/loss"]?.isNaN == true)
    #expect(observer.episodes.count == 28)
  }

  @Test func anEnvironmentsFailureEndsTheRunWithTheLastRecord() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 2)
    environment.failsAtStep = 4
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 1000, logEvery: 100)
    #expect(throws: EnvironmentError(environment: "Toy-v0", reason: "broke")) {
      try train(&agent, in: &environment, plan: plan, observer: &observer)
    }
    #expect(observer.records.map(\.step) == [6])
  }

  @Test func aStoppedEvaluationStopsTheRun() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 2)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 100, logEvery: 50, evaluateEvery: 20)
    let summary = try train(
      &agent, in: &environment, plan: plan, evaluate: { _ in throw EvaluationStopped() },
      observer: &observer)
    #expect(summary.end == .stopped)
    #expect(summary.steps == 20)
    #expect(observer.records.map(\.step) == [20])
    #expect(observer.evaluations.isEmpty)
  }
}
