import RLCore
import RLSystem
import RLTraining
import Testing

@Suite struct RunLogTests {
  @Test func twoRunsOfOneSeedWriteTheSameBytesTheTimeApart() throws {
    let folder = try TemporaryFolder()
    let first = try run(in: folder.path, seed: 4)
    let second = try run(in: folder.path, seed: 4)
    let other = try run(in: folder.path, seed: 5)
    #expect(first.path != second.path)
    #expect(try timeless(first) == timeless(second))
    #expect(try timeless(first) != timeless(other))
    #expect(try text(of: first.episodesPath) == text(of: second.episodesPath))
    #expect(try text(of: first.episodesPath) != text(of: other.episodesPath))
  }

  @Test func onlyWhatIsNamedTimeDependsOnTheClock() {
    let times: [TrainingRecord.Time] = [
      .init(wallSeconds: 1, stepsPerSecond: 2), .init(wallSeconds: 3, stepsPerSecond: 4),
    ]
    let records = times.map { time in
      MetricsRecord(
        TrainingRecord(
          step: 1, episodes: 2, updates: 3, returnMean100: 4, lengthMean100: 5,
          agentMetrics: ["train/loss": 6], environmentMetrics: ["success": 7, "x": 8], time: time))
    }
    #expect(records[0] != records[1])
    #expect(records[0].withoutTime == records[1].withoutTime)
    #expect(
      records[0].values == [
        "step": 1, "rollout/episodes": 2, "train/n_updates": 3, "rollout/ep_rew_mean": 4,
        "rollout/ep_len_mean": 5, "train/loss": 6, "rollout/success_rate": 7,
        "rollout/metric_x": 8, "time/wall_s": 1, "time/fps": 2,
      ])
  }

  @Test func theLogHasEveryRecordEvaluationAndEpisodeAndItsLastStep() throws {
    let folder = try TemporaryFolder()
    let run = try run(in: folder.path, seed: 4)
    let records = try MetricsLog.read(run.metricsPath)
    let evaluations = records.filter { $0["eval/mean_reward"] != nil }
    let steps = records.filter { $0["train/n_updates"] != nil }.compactMap(\.["step"])
    #expect(evaluations.compactMap(\.["step"]) == [100, 200, 250])
    #expect(steps == [40, 80, 120, 160, 200, 240, 250])
    let rows = try text(of: run.episodesPath).split(separator: "\r\n")
    #expect(rows[0] == "step,lane,index,return,length,end,seed,success,\"a,b\"")
    #expect(
      Double(rows.count - 1) == records.last { $0["rollout/episodes"] != nil }?["rollout/episodes"])
  }

  @Test func aDivergedRunLeavesWholeLogsThatSayWhere() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(in: folder.path, name: "diverged", env: "", algo: "", seed: 0)
    var agent = ToyAgent(seed: 1)
    agent.divergesAtUpdate = 13
    var environment = ToyEnvironment(lanes: 2)
    environment.maximumLength = 1
    var log = try RunLog(in: run, spec: environment.spec)
    let plan = try TrainingPlan(steps: 1000, logEvery: 20)
    #expect(throws: DivergenceError.self) {
      try train(&agent, in: &environment, plan: plan, observer: &log)
    }
    let records = try MetricsLog.read(run.metricsPath)
    #expect(records.map(\.["step"]) == [20, 40, 52])
    #expect(records.last?["train/loss"]?.isNaN == true)
    #expect(try text(of: run.episodesPath).split(separator: "\r\n").count == 1 + 52)
  }

  @Test func filesThatAreThereAreNotWrittenTo() throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("old", to: "episodes.csv")
    let run = RunDirectory(path: folder.path)
    #expect(throws: FileError.self) {
      _ = try RunLog(in: run, spec: ToyEnvironment.specification)
    }
    #expect(try text(of: old) == "old")
  }

  private func timeless(_ run: RunDirectory) throws -> [String] {
    try MetricsLog.read(run.metricsPath).map(\.withoutTime.json)
  }

  private func run(in root: String, seed: UInt64) throws -> RunDirectory {
    let run = try RunDirectory.create(in: root, env: "Toy-v0", algo: "toy", seed: seed)
    var agent = ToyAgent(seed: seed)
    var environment = ToyEnvironment(lanes: 2, seed: seed)
    var log = try RunLog(in: run, spec: environment.spec)
    let plan = try TrainingPlan(steps: 250, logEvery: 40, evaluateEvery: 100)
    _ = try train(
      &agent, in: &environment, plan: plan,
      evaluate: { trained in
        var policy = trained
        var environment = ToyEnvironment(lanes: 3, plan: .next(count: 8), seed: seed)
        return try evaluate(&policy, in: &environment, deterministic: false, seed: seed)
      }, observer: &log)
    try log.flush()
    return run
  }
}
