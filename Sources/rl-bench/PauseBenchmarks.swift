import RLAgents
import RLCore
import RLEnvironments
import RLParallel
import RLSystem
import RLTraining

/// How long a training stands still for a checkpoint, all that its own thread does included: the
/// agent is captured, the environment and the books saved, the logs' rows written, the write begun.
///
/// A real training on CartPole with prioritised replay, whose ring of 1,000,000 transitions is full.
/// Checkpoints are asked for every 30,000 steps, as the clock asks for them: while none is being
/// written.
func measurePause(_ settings: Settings, _ report: inout Report) throws {
  let root = "/tmp/rl-bench-pause-\(ProcessNumber.own)"
  defer { try? Folder.remove(root) }
  let cartPole = try CartPole(settings)
  let lanes = 8
  let plan = try TrainingPlan(
    steps: PausedRun.full + max(5, settings.repetitions) * PausedRun.interval, logEvery: 10_000)
  var agent = try DQN(
    spec: cartPole.spec, lanes: lanes, configuration: configuration, plannedSteps: plan.steps,
    seed: 1, pool: .single)
  var environment = try cartPole.training(lanes: lanes, seed: 1)
  var run = try PausedRun(
    RunDirectory.create(in: root, name: "run", env: CartPole.id, algo: "dqn", seed: 1),
    cartPole.spec)
  _ = try train(&agent, in: &environment, plan: plan, observer: &run)
  report.add(
    Row(
      "checkpoint/pause", "the first checkpoint, 1M transitions, all of them new",
      [run.pauses[0]], "ms"))
  report.add(
    Row(
      "checkpoint/pause", "checkpoint of 1M transitions, 30k new, prioritised, 8 lanes",
      Array(run.pauses.dropFirst()), "ms", goal: .atMost(5)))
}

private var configuration: DQN.Configuration {
  var configuration = DQN.Configuration()
  configuration.bufferSize = PausedRun.full
  configuration.learningStarts = PausedRun.full
  configuration.hidden = [256, 256]
  configuration.batchSize = 64
  configuration.trainFrequency = 256
  configuration.gradientSteps = 16
  configuration.prioritized = true
  return configuration
}

/// Takes checkpoints as `rl-host` does, and the time that each takes away from the training.
private struct PausedRun: TrainingObserver, ~Copyable {
  static let full = 1_000_000
  static let interval = 30_000

  private(set) var pauses: [Double] = []  // ms
  private var next = Self.full
  private var start: UInt64 = 0
  private var log: RunLog
  private var recorder: CheckpointRecorder
  private let paths: [String]

  init(_ directory: RunDirectory, _ spec: EnvironmentSpec) throws {
    log = try RunLog(in: directory, spec: spec)
    paths = [directory.metricsPath, directory.episodesPath]
    recorder = CheckpointRecorder(
      CheckpointStore(folder: directory.checkpointsPath), seconds: 0, facts: [:])
  }

  mutating func episodeEnded(_ episode: EpisodeRecord, step: Int) throws {
    try log.episodeEnded(episode, step: step)
  }

  mutating func logged(_ record: TrainingRecord) throws { try log.logged(record) }

  mutating func wantsCheckpoint(_ occasion: CheckpointOccasion, step: Int) throws -> Bool {
    start = MonotonicClock.nanoseconds()
    if case .failed(let error)? = try recorder.poll() { throw error }
    guard occasion == .iteration, step >= next else { return false }
    return recorder.wants(occasion, step: step, isAsked: true)
  }

  mutating func checkpoint(
    _ capture: StateCapture, _ occasion: CheckpointOccasion, step: Int
  ) throws {
    next = step + Self.interval
    var capture = capture
    capture.state.merge(try log.saveState(), prefix: "logs")
    _ = try recorder.take(capture, occasion, step: step, logs: paths)
    pauses.append(MonotonicClock.seconds(since: start) * 1e3)
  }
}
