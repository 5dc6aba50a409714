import RLCore
import RLEnvironments
import RLParallel
import Testing

/// When episodes end, what the batch then holds, and which seeds they have.
@Suite struct EpisodeTests {
  private func probe(
    _ id: String, lanes: Int = 1, plan: EpisodePlan = .training(seed: 1), limit: Int? = nil
  ) throws -> VectorEnvironment {
    try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.plugin("probes")), id: id, lanes: lanes, plan: plan,
      maxEpisodeSteps: limit)
  }

  /// One line a step: observation, successor, reward, terminated, truncated.
  private func trace(_ environment: inout VectorEnvironment, steps: Int) throws -> [[Float]] {
    var batch = StepBatch(environment.spec, lanes: 1)
    try environment.reset(&batch)
    var lines: [[Float]] = []
    for _ in 0..<steps {
      try environment.step(&batch)
      lines.append([
        batch.observations.floats[0], batch.nextObservations.floats[0], batch.rewards[0],
        batch.terminated[0] ? 1 : 0, batch.truncated[0] ? 1 : 0,
      ])
      try environment.advance(&batch)
    }
    return lines
  }

  @Test func theFinalObservationIsNotTheOneAfterTheReset() throws {
    var environment = try probe("FinalObservation-v0")
    // the limit of 4 truncates; the successor is 1, and only then comes the -1 of the next episode
    #expect(
      try trace(&environment, steps: 6) == [
        [-1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 1], [-1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
      ])
  }

  @Test func theEndOfATaskIsTerminatedOnly() throws {
    var environment = try probe("TwoStepDiscount-v0")
    #expect(
      try trace(&environment, steps: 3) == [[0, 1, 0, 0, 0], [1, 1, 1, 1, 0], [0, 1, 0, 0, 0]])
  }

  @Test func bothFlagsAreKept() throws {
    var environment = try probe("BothFlags-v0")
    #expect(try trace(&environment, steps: 2) == [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1]])
  }

  @Test func aLimitMayCoincideWithTheEndOfTheTask() throws {
    var environment = try probe("TwoStepDiscount-v0", limit: 2)
    #expect(try trace(&environment, steps: 2).last == [1, 1, 1, 1, 1])
    #expect(environment.spec.maxEpisodeSteps == 2)
  }

  @Test func theLimitIsTheEnvironmentsUnlessItIsReplaced() throws {
    func lengths(_ limit: Int?) throws -> [Int] {
      var environment = try probe("TruncatedLoop-v0", limit: limit)
      return try play(&environment, steps: 30).episodes.map(\.length)
    }
    #expect(try lengths(nil) == [10, 10, 10])
    #expect(try lengths(7) == [7, 7, 7, 7])
    #expect(try lengths(1).count == 30)
    #expect(try lengths(0) == [])
    #expect(try probe("TruncatedLoop-v0", limit: 0).spec.maxEpisodeSteps == nil)
  }

  @Test func limitsHoldForLanesThatAreOutOfStep() throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole"))
    var environment = try VectorEnvironment(
      plugin, lanes: 33, plan: .training(seed: 4), maxEpisodeSteps: 20)
    let episodes = try play(&environment, steps: 500).episodes
    #expect(episodes.allSatisfy { $0.length <= 20 && ($0.length == 20) == $0.truncated })
    #expect(episodes.contains { $0.truncated } && episodes.contains { !$0.truncated })
    #expect(episodes.allSatisfy { $0.episodeReturn == Double($0.length) })
    // no step is lost: the episodes of a lane follow each other
    for lane in 0..<33 {
      let mine = episodes.filter { $0.lane == lane }
      #expect(mine.map(\.index) == Array(mine.indices))
      #expect((481...500).contains(mine.reduce(0) { $0 + $1.length }))
    }
  }

  @Test func aTruncationByThePluginIsKept() throws {
    var environment = try probe("TruncatedLoopSelf-v0", lanes: 3)
    let episodes = try play(&environment, steps: 20).episodes
    #expect(episodes.count >= 3 && episodes.allSatisfy { (8...12).contains($0.length) })
    #expect(
      episodes.allSatisfy {
        $0.truncated && !$0.terminated && $0.episodeReturn == Double($0.length)
      })
  }

  @Test func trainingSeedsFollowFromRunLaneAndEpisode() throws {
    var environment = try probe("TwoStepDiscount-v0", lanes: 3, plan: .training(seed: 77))
    for episode in try play(&environment, steps: 8).episodes {
      #expect(
        episode.seed
          == EpisodeSeeds.training(run: 77, lane: episode.lane, episode: episode.index))
    }
  }

  @Test func thePluginGetsTheSeedOfTheEpisode() throws {
    // BoxEcho shows a number drawn from the seed
    let plan = EpisodePlan.evaluation(seed: 5, episodes: 12, stepCap: 10)
    func first(_ lanes: Int) throws -> [Int: Float] {
      var environment = try probe("BoxEcho-v0", lanes: lanes, plan: plan)
      var batch = StepBatch(environment.spec, lanes: lanes)
      var shown: [Int: Float] = [:]
      try environment.reset(&batch)
      while !environment.isExhausted {
        for lane in 0..<lanes {
          if let episode = environment.episodeIndex(lane: lane) {
            shown[episode] = batch.observations.floats[lane]
          }
        }
        try environment.step(&batch)
        try environment.advance(&batch)
      }
      return shown
    }
    let one = try first(1)
    #expect(one.count == 12 && Set(one.values).count == 12)
    #expect(try first(5) == one)
    #expect(try first(12) == one)
    #expect(try first(20) == one)
  }

  @Test(arguments: [1, 2, 7, 16, 40]) func everyLanePlaysItsQuota(lanes: Int) throws {
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole"))
    var environment = try VectorEnvironment(
      plugin, lanes: lanes, instances: 3,
      plan: .evaluation(seed: 8, episodes: 30, stepCap: 1000))
    let episodes = try play(&environment, steps: 10_000).episodes
    let isExhausted = environment.isExhausted
    #expect(isExhausted)
    #expect(episodes.map(\.index).sorted() == Array(0..<30))
    #expect(episodes.allSatisfy { $0.lane == $0.index % lanes })
    #expect(
      episodes.allSatisfy { $0.seed == EpisodeSeeds.evaluation(run: 8, episode: $0.index) })
    #expect((0..<lanes).allSatisfy { environment.episodeIndex(lane: $0) == nil })
  }

  @Test func aRetiredLaneKeepsItsRows() throws {
    var environment = try probe(
      "TwoStepDiscount-v0", lanes: 2, plan: .evaluation(seed: 1, episodes: 3, stepCap: 9))
    var batch = StepBatch(environment.spec, lanes: 2)
    try environment.reset(&batch)
    for step in 1...4 {
      try environment.step(&batch)
      #expect(
        environment.finishedEpisodes.map(\.lane) == (step == 2 ? [0, 1] : step == 4 ? [0] : []))
      #expect(!batch.terminated[1] || step == 2)
      try environment.advance(&batch)
      if step >= 2 {
        #expect(batch.observations.floats[1] == 1)
        #expect(batch.nextObservations.floats[1] == 1)
      }
    }
    let isExhausted = environment.isExhausted
    #expect(isExhausted)
  }

  @Test func evaluationWithoutALimitHasACap() throws {
    let plan = EpisodePlan.evaluation(seed: 1, episodes: 2, stepCap: 25)
    var endless = try probe("Memory-v0", plan: plan, limit: nil)
    #expect(endless.stepLimit == 25)
    #expect(endless.spec.maxEpisodeSteps == nil)
    _ = try play(&endless, steps: 100)
    var fixture = try VectorEnvironment(
      EnvironmentPlugin(path: Fixture.named("never-ends").path), id: "Bad-v0", lanes: 1, plan: plan)
    let episodes = try play(&fixture, steps: 100).episodes
    #expect(episodes.map(\.length) == [25, 25] && episodes.allSatisfy(\.truncated))
    #expect(try probe("TruncatedLoop-v0", plan: plan).stepLimit == 10)
  }

  @Test func metricsAreReducedPerEpisode() throws {
    var dict = try probe("DictEcho-v0", lanes: 2)
    let episodes = try play(&dict, steps: 8).episodes
    // the share of matches is the reward, their number the metric
    #expect(episodes.count == 4)
    #expect(episodes.allSatisfy { abs($0.metrics[0] - 6 * $0.episodeReturn) < 1e-9 })
    let plugin = try EnvironmentPlugin(path: BuiltPlugin.source("metrics", metricsSource))
    var environment = try VectorEnvironment(plugin, lanes: 1, plan: .training(seed: 1))
    let metrics = try play(&environment, steps: 6).episodes.map(\.metrics)
    // 5, 1, 3 are said in three steps
    #expect(metrics.count == 2)
    for values in metrics {
      #expect(values.dropLast() == [3, 9, 3, 1, 5])
      #expect(values.last?.isNaN == true)
    }
  }

  @Test func aSecondResetStartsTheSamePlanAgain() throws {
    var environment = try VectorEnvironment(
      EnvironmentPlugin(path: BuiltPlugin.plugin("cartpole")), lanes: 4, plan: .training(seed: 2))
    let first = try play(&environment, steps: 50)
    #expect(try play(&environment, steps: 50) == first)
  }
}

private let metricsSource = """
  #include "rlenv_simple.h"
  #include <math.h>
  typedef struct { rlenv_rng rng; int taken; } State;
  static int reset_state(State *s, rlenv_cell *c) { (void)s; *(float *)c->obs[0] = 0; return 0; }
  static int step_state(State *s, rlenv_cell *c) {
      static const double said[3] = { 5, 1, 3 };
      int k;
      *(float *)c->obs[0] = 0;
      for (k = 0; k < 5; k++) c->metrics[k] = said[s->taken];
      return ++s->taken == 3 ? RLENV_TERMINATED : 0;
  }
  RLENV_SIMPLE(State, reset_state, step_state)
  static const rlenv_metric metrics[] = { RLENV_METRIC("l", RLENV_LAST, ""), RLENV_METRIC("s", RLENV_SUM, ""),
      RLENV_METRIC("m", RLENV_MEAN, ""), RLENV_METRIC("lo", RLENV_MIN, ""), RLENV_METRIC("hi", RLENV_MAX, ""),
      RLENV_METRIC("silent", RLENV_SUM, "") };
  static const rlenv_leaf obs[] = { RLENV_BOX("", RLENV_F32, -1, 1, "nothing", 1) };
  static const rlenv_leaf act[] = { RLENV_DISCRETE("", 2, "nothing") };
  static const rlenv_env environments[] = { RLENV_ENV("Metrics-v0", "Metrics.", 0, 0, NAN, 0, 0, RLENV_EMPTY,
      RLENV_LIST(obs), RLENV_LIST(act), RLENV_LIST(metrics), RLENV_SIMPLE_CALLS(State)) };
  RLENV_SIMPLE_PLUGIN(environments, "org.example.metrics", "1.0.0", "Metrics")
  """
