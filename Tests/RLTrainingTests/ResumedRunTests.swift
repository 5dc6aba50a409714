import RLAgents
import RLCore
import RLParallel
import RLSystem
import RLTraining
import Testing

/// A run of DQN with its files and checkpoints, stopped and resumed as the command does it.
@Suite struct ResumedRunTests {
  @Test(arguments: [false, true])
  func theFilesAreThoseOfARunThatWasNeverStopped(rainbow: Bool) throws {
    let folder = try TemporaryFolder()
    let whole = try RunDirectory.create(in: folder.path, name: "whole", env: "", algo: "", seed: 0)
    let agent = try go(whole, rainbow: rainbow, threads: 1, stopsAt: nil)
    let parts = try RunDirectory.create(in: folder.path, name: "parts", env: "", algo: "", seed: 0)
    var resumed: DQN?
    for (index, stop) in [1, 60, 61, 130, 249, 300, nil].enumerated() {
      resumed = try go(
        parts, rainbow: rainbow, threads: 1 + index % 2, stopsAt: stop, resumes: index > 0)
      // as if it had died later: what is behind the checkpoint does not count
      if stop != nil { try appendNoise(parts) }
    }
    #expect(resumed?.saveState() == agent.saveState())
    #expect(agent.updates > 100)
    #expect(try timeless(parts) == timeless(whole))
    #expect(try text(of: parts.episodesPath) == text(of: whole.episodesPath))
  }

  private func timeless(_ run: RunDirectory) throws -> [String] {
    try MetricsLog.read(run.metricsPath).map(\.withoutTime.json)
  }

  private func appendNoise(_ run: RunDirectory) throws {
    for path in [run.metricsPath, run.episodesPath] {
      let size = try FileReader.bytes(of: path, limit: 1 << 24).count
      try AppendingFile(continuing: path, at: size).append(Array("half a li".utf8))
    }
  }

  /// Begins the run, or resumes it, and trains until it has made `stopsAt` iterations in all.
  private func go(
    _ run: RunDirectory, rainbow: Bool, threads: Int, stopsAt: Int?, resumes: Bool = false
  ) throws -> DQN {
    var environment = ToyEnvironment(lanes: 4, seed: 3)
    let spec = environment.spec
    var agent = try DQN(
      spec: spec, lanes: 4, configuration: configuration(rainbow), plannedSteps: 1500, seed: 3,
      pool: WorkerPool(oversubscribing: threads))
    let checkpoint = resumes ? try CheckpointStore.load(run.checkpointsPath)?.checkpoint : nil
    let log =
      resumes
      ? try RunLog(in: run, spec: spec, continuing: checkpoint?.state.part("logs"))
      : try RunLog(in: run, spec: spec)
    let recorder = CheckpointRecorder(
      CheckpointStore(folder: run.checkpointsPath, continuing: checkpoint), seconds: 0, facts: [:],
      continuing: checkpoint)
    var observer = StoringObserver(
      log: log, recorder: recorder, run: run, stopsAtStep: stopsAt.map { 4 * $0 })
    _ = try train(
      &agent, in: &environment,
      plan: TrainingPlan(steps: 1500, logEvery: 200, evaluateEvery: 500, checkpointEvery: 100),
      continuing: checkpoint?.state,
      evaluate: { trained in
        var policy = trained
        var environment = ToyEnvironment(lanes: 3, plan: .next(count: 20), seed: 3)
        return try evaluate(&policy, in: &environment, deterministic: true, seed: 3)
      }, observer: &observer)
    try observer.finish()
    return agent
  }

  private func configuration(_ rainbow: Bool) -> DQN.Configuration {
    var configuration = DQN.Configuration()
    configuration.hidden = [32, 32]
    configuration.learningRate = .constant(1e-3)
    configuration.bufferSize = 600
    configuration.batchSize = 32
    configuration.targetUpdateInterval = 100
    configuration.explorationFraction = 0.5
    if rainbow {
      configuration.dueling = true
      configuration.doubleQ = true
      configuration.nSteps = 3
      configuration.prioritized = true
    }
    return configuration
  }
}

/// Writes the logs and the checkpoints, and stops at a step.
private struct StoringObserver: TrainingObserver, ~Copyable {
  var log: RunLog
  var recorder: CheckpointRecorder
  let run: RunDirectory
  let stopsAtStep: Int?
  private var step = 0

  init(
    log: consuming RunLog, recorder: CheckpointRecorder, run: RunDirectory, stopsAtStep: Int?
  ) {
    self.log = log
    self.recorder = recorder
    self.run = run
    self.stopsAtStep = stopsAtStep
  }

  var shouldStop: Bool { stopsAtStep.map { step >= $0 } ?? false }

  mutating func ticked(step: Int, episodes: Int, updates: Int) { self.step = step }

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws {
    try log.episodeEnded(episode, step: step)
  }

  mutating func logged(_ record: TrainingRecord) throws { try log.logged(record) }

  mutating func evaluated(
    _ evaluation: Evaluation, step: Int, isBest: Bool, policy: some Policy
  ) throws { try log.evaluated(evaluation, step: step, isBest: isBest, policy: policy) }

  mutating func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) throws -> Bool {
    _ = try recorder.poll()
    return recorder.wants(occasion, step: step)
  }

  mutating func checkpoint(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int
  ) throws {
    var capture = capture
    capture.state.merge(try log.saveState(), prefix: "logs")
    _ = try recorder.take(
      capture, occasion, step: step, logs: [run.metricsPath, run.episodesPath])
  }

  mutating func finish() throws {
    _ = try recorder.wait()
    try log.flush()
  }
}
