import ArgumentParser
import RLComparison
import RLCore
import RLEnvironments
import RLSystem

/// `rl-host diff`: whether two environments are the same.
struct DiffCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two environments step by step, to the last bit.",
    discussion: """
      EXAMPLES:
        rl-host diff old.so new.so                       the same seeds and random actions
        rl-host diff a.so:Crane-v1 b.so:Crane-v1 -E wind=2 --b-option fast=true --tolerance 4ulp
        rl-host diff mine.so --record mine.trace --steps 5k
        rl-host diff mine.so mine.trace                  against what was recorded

      Spaces first, then observations, rewards, ends, masks and metrics, across resets. Tells the
      first difference: where, by how much, and both states. Exit status: 0 equal, 1 different.
      """)

  @OptionGroup(title: "Subject") var subject: DiffSubjectArguments
  @OptionGroup(title: "Course") var course: DiffCourseArguments
  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let a = try DiffSide(subject.a, options: subject.options + subject.optionsOfA)
    StopSignal.install(notice: console.stopNotice("stopping; again to stop at once"))
    if let path = course.record { return try record(a, path, console) }
    guard let name = subject.b else {
      throw Failure(.usage, "name two environments, or --record FILE to record one")
    }
    let b = try DiffSide(name, options: subject.options + subject.optionsOfB)
    let comparison = try compare(a, b)
    let answer = DiffAnswer(a: a, b: b, course: course, comparison: comparison)
    try console.answer(console.isJSON ? answer.json.description : answer.text(console.heading))
    if comparison.wasInterrupted { return .signal(StopSignal.received ?? 2) }
    return comparison.isEqual ? .done : .negative
  }

  private func compare(_ a: DiffSide, _ b: DiffSide) throws -> Comparison {
    let isStopped = { StopSignal.received != nil }
    switch (a, b) {
    case (.plugin(let a), .plugin(let b)):
      guard !a.excludes(b) else {
        throw Failure(
          .usage,
          "\(a.text) has global state, and so one instance in a process: name a copy of the file as B, "
            + "or record A with --record and compare with that")
      }
      let plan = course.plan(episodes: 1000, steps: 100_000)
      let contestants = (try a.make(lanes: plan.lanes), try b.make(lanes: plan.lanes))
      var steps = LockStep(contestants.0, contestants.1, plan)
      do { return try steps.run(shouldStop: isStopped) } catch let error as ComparisonError {
        throw Failure(.usage, "\(error)")
      }
    case (.plugin(let plugin), .trace(let trace)): return try replay(trace, plugin, traceIsA: false)
    case (.trace(let trace), .plugin(let plugin)): return try replay(trace, plugin, traceIsA: true)
    case (.trace, .trace):
      throw Failure(.usage, "both are traces: name a plugin, and the trace it should be equal to")
    }
  }

  private func replay(
    _ trace: Trace, _ plugin: DiffPlugin, traceIsA: Bool
  ) throws -> Comparison {
    guard course.seed == nil, !course.teacherForced else {
      throw Failure(
        .usage, "a trace has its own seeds, and no snapshots: leave out --seed and --teacher-forced"
      )
    }
    let plan = course.plan(episodes: .max, steps: .max)
    var replay = TraceReplay(trace, traceIsA: traceIsA, plan) { options in
      try plugin.make(lanes: plan.lanes, id: trace.environmentID, options)
    }
    return try replay.run(shouldStop: { StopSignal.received != nil })
  }

  private func record(_ side: DiffSide, _ path: String, _ console: Console) throws -> ExitStatus {
    guard subject.b == nil, case .plugin(let plugin) = side else {
      throw Failure(.usage, "--record needs one plugin: rl-host diff mine.so --record mine.trace")
    }
    guard course.lanes == 1, course.tolerance == .exact, !course.teacherForced else {
      throw Failure(.usage, "--record plays one lane and compares nothing: leave the others out")
    }
    guard PathKind(of: path) == .missing else {
      throw Failure(
        ExitStatus(code: 73), "\(path): is there already and is never overwritten; remove it first")
    }
    let library = plugin.library
    let source =
      "\(library.plugin.id) \(library.plugin.version), rl-host \(hostVersion), "
      + "seed \(course.seed ?? 0)"
    var recording = TraceRecording(
      try plugin.make(lanes: 1), options: plugin.options, source: source,
      course.plan(episodes: 100, steps: 10_000))
    let bytes = try recording.run(shouldStop: { StopSignal.received != nil })
    if let signal = StopSignal.received { return .signal(signal) }
    try NewFile.write(bytes, to: path)
    let answer = RecordingAnswer(
      path: path, plugin: plugin, episodes: recording.episodes, steps: recording.steps)
    try console.answer(console.isJSON ? answer.json.description : answer.text(console.heading))
    return .done
  }
}

/// What `diff --record` says.
struct RecordingAnswer {
  var path: String
  var plugin: DiffPlugin
  var episodes: Int
  var steps: Int

  func text(_ heading: (String) -> String) -> String {
    heading("Recorded") + "\n"
      + listing([
        ("environment", plugin.text), ("trace", path),
        ("played", "\(counted(episodes, "episode")), \(counted(steps, "step"))"),
        ("next", shellCommand([FinalBlock.program, "diff", plugin.library.plugin.path, path])),
      ])
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/diff-record/1")), .init("trace", .text(path)),
      .init("a", DiffSide.plugin(plugin).json), .init("episodes", .integer(episodes)),
      .init("steps", .integer(steps)),
    ])
  }
}
