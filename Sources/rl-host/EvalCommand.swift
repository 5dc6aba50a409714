import ArgumentParser
import RLCore
import RLEnvironments
import RLKernels
import RLParallel
import RLSystem
import RLTraining
import RLWrappers

/// `rl-host eval`: plays episodes with a saved policy.
struct EvalCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Evaluate a saved policy.",
    discussion: """
      EXAMPLES:
        rl-host eval runs/NAME
        rl-host eval runs/NAME/policy-best.safetensors --episodes 1000 --seed 1 --json
        rl-host eval policy.safetensors --env plugins/cartpole.so -E gravity=12

      The interval is the bootstrap of the interquartile mean over the episodes of this one
      policy; it says nothing about other training seeds. The episodes of a seed are the same
      for every policy, and the result does not depend on lanes or threads.
      """)

  @OptionGroup(title: "Subject") var subject: EvaluationSubjectArguments
  @OptionGroup(title: "Course") var course: EvaluationCourseArguments
  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    try KernelSupport.requireSupported()
    let source = try PolicySource(subject.target)
    let pool = Threads.pool(course.threads)
    let policy = try source.policy(pool: pool)
    let choice = try source.environment(
      subject.env, options: subject.environmentOptions, maxEpisodeSteps: course.maxEpisodeSteps)
    StopSignal.install(notice: console.stopNotice("stopping; again to stop at once"))
    let evaluation = try play(policy, choice, source, pool, console)
    let answer = EvaluationAnswer(
      evaluation: evaluation, environmentID: choice.environment.id, policy: source.path)
    try console.answer(console.isJSON ? answer.json.description : answer.table)
    if let path = course.episodesCsv {
      try AtomicFile.write(EpisodeTable.text(evaluation), to: path)
    }
    return .done
  }

  private func play<P: Policy>(
    _ policy: P, _ choice: EnvironmentChoice, _ source: PolicySource, _ pool: WorkerPool,
    _ console: Console
  ) throws -> Evaluation {
    var policy = policy
    let plan = EvaluationCourse(
      episodes: course.episodes, seed: UInt64(course.seed), lanes: course.lanes)
    let bare = try choice.evaluation(plan, pool: pool)
    try source.check(bare.spec, sha256: choice.library.sha256, console)
    var environment = try source.file.frozenWrappers(file: source.path).wrap(
      bare, evaluationSeed: plan.seed)
    let place = "\(environment.spec.id) from \(choice.library.plugin.path)"
    var pairs = [
      ("policy", "\(source.path): \(source.summary)"),
      ("environment", "\(place), \(limit(environment.base))"),
    ]
    pairs += source.wrapperLines.map { ("", $0) }
    pairs += wrapped(choice.optionTexts, width: 74).map { ("", $0) }
    console.say(listing(pairs + [("episodes", course.text)]))
    let evaluation = try evaluate(
      &policy, in: &environment, deterministic: course.isDeterministic, seed: plan.seed,
      shouldStop: { StopSignal.received != nil })
    var truncated = TruncatedEpisodes()
    truncated.add(environment.base)
    truncated.warn(console)
    try truncated.requireOne(of: evaluation.episodes.count)
    return evaluation
  }

  /// In words, where an episode ends at the latest, and why there.
  private func limit(_ environment: borrowing VectorEnvironment) -> String {
    let steps = environment.stepLimit.map(CountText.grouped) ?? "?"
    return environment.spec.maxEpisodeSteps == nil
      ? "no time limit: cut at \(steps) steps an episode (--max-episode-steps sets another)"
      : "at most \(steps) steps an episode"
  }
}
