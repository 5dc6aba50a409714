import RLCore
import RLTraining
import Testing

/// Evaluations during training.
@Suite struct TrainingEvaluationTests {
  @Test func theyLeaveWhatIsLearnedAndLoggedAsItIsToTheLastBit() throws {
    let plain = try run(evaluateEvery: nil)
    let evaluated = try run(evaluateEvery: 30)
    #expect(
      evaluated.observer.evaluations.map(\.step) == Array(stride(from: 30, to: 500, by: 30)) + [500]
    )
    #expect(plain.state == evaluated.state)
    #expect(plain.observer.rows == evaluated.observer.rows)
    let logs = [plain, evaluated].map { $0.observer.records.map { MetricsRecord($0).withoutTime } }
    #expect(logs[0] == logs[1])
  }

  private func run(
    evaluateEvery: Int?
  ) throws -> (state: SavedState, observer: RecordingObserver) {
    var agent = ToyAgent(seed: 3)
    var environment = ToyEnvironment(lanes: 2, seed: 3)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 500, logEvery: 50, evaluateEvery: evaluateEvery)
    let summary = try train(
      &agent, in: &environment, plan: plan,
      evaluate: { trained in
        var policy = trained
        var environment = ToyEnvironment(lanes: 4, plan: .quota(count: 10), seed: 3)
        return try evaluate(&policy, in: &environment, deterministic: false, seed: 3)
      }, observer: &observer)
    #expect(summary.end == .completed)
    return (agent.saveState(), observer)
  }

  @Test func theBestIsTheHighestMeanTheEarliestOfEqualOnesWithItsOwnPolicy()
    throws
  {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 1)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 50, logEvery: 100, evaluateEvery: 10)
    var results = [-5.0, 3, 3, 7, 2][...]
    var policies: [PolicyExport] = []
    let summary = try train(
      &agent, in: &environment, plan: plan,
      evaluate: { policy in
        policies.append(policy.export())
        return evaluation(withReturn: results.removeFirst())
      }, observer: &observer)
    #expect(observer.evaluations.map(\.isBest) == [true, true, false, true, false])
    #expect(observer.evaluations.map(\.policy) == policies)
    #expect(Set(policies.map { $0.tensors[0].values }).count == 5)
    #expect(summary.best?.step == 40)
    #expect(summary.best?.evaluation.returns.mean == 7)
    #expect(summary.last?.step == 50)
    #expect(summary.last?.evaluation.returns.mean == 2)
  }

  @Test func noneIsMadeWithoutAnInterval() throws {
    var agent = ToyAgent(seed: 1)
    var environment = ToyEnvironment(lanes: 1)
    var observer = RecordingObserver()
    let plan = try TrainingPlan(steps: 50, logEvery: 100)
    let summary = try train(
      &agent, in: &environment, plan: plan,
      evaluate: { _ in evaluation(withReturn: 1) }, observer: &observer)
    #expect(observer.evaluations.isEmpty)
    #expect(summary.last == nil)
  }
}
