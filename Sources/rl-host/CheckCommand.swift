import ArgumentParser
import RLConformance
import RLCore
import RLEnvironments
import RLSystem

/// `rl-host check`: whether a plugin keeps the contract of rlenv.h.
struct CheckCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check whether a plugin keeps the contract, and say what to change.",
    usage: "rl-host check PLUGIN[:Id] [-E key=value] [options]",
    discussion: """
      Each test runs in a process of its own: a crash or a hang is a failed test. Exit status: 0 all
      is well or there are warnings only, 1 a test failed, 64 usage, 66 no such file.

      EXAMPLES:
        rl-host check plugins/mine.so                         every environment, every test
        rl-host check plugins/mine.so:Mine-v0 --only guard-zones
        gdb --args rl-host check plugins/mine.so --in-process --only same-seed
        rl-host check plugins/mine.so --fuzz 60s              random legal calls, each replayed
      """)

  @Argument(
    help: ArgumentHelp(
      "Library, and one of its environments; all without an id.", valueName: "plugin"))
  var plugin: String = ""

  @Option(
    name: .customShort("E"),
    help: ArgumentHelp("An option of the environment.", valueName: "key=value"),
    transform: Setting.init)
  var options: [Setting] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp("Run these tests only.", valueName: "name"))
  var only: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp("Leave these tests out.", valueName: "name"))
  var skip: [String] = []

  @Flag(name: .long, help: "List the tests.")
  var list = false

  @Flag(name: .long, help: "Run in this process, for a debugger.")
  var inProcess = false

  @Option(
    name: .long, help: ArgumentHelp("Seed of all that is random.", valueName: "seed"),
    transform: parseSeed)
  var seed = 0

  @Option(
    name: .long, help: ArgumentHelp("Steps of the longest comparison.", valueName: "steps"),
    transform: parseCount)
  var steps = 10_000

  @Option(
    name: .long, help: ArgumentHelp("Time limit of a test, such as 20s or 2m.", valueName: "time"),
    transform: parseDuration)
  var timeout = 20.0

  @Option(
    name: .long,
    help: ArgumentHelp("Try random legal calls for so long, such as 60s.", valueName: "time"),
    transform: parseDuration)
  var fuzz: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Repeat one case that --fuzz has found.", valueName: "seed"),
    transform: parseCaseSeed)
  var reproduce: UInt64?

  @Option(name: .long, help: .hidden) var child: String?

  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    if list { return try listTests(console) }
    let name = EnvironmentName(plugin)
    guard !plugin.isEmpty else { throw Failure(.usage, "name a plugin: rl-host check mine.so") }
    let subject = Subject(
      path: name.path, environment: name.id,
      options: Dictionary(options.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
      seed: UInt64(seed), steps: steps, timeout: timeout)
    if let child {
      ChildTask.run(child, subject)
      return .done
    }
    guard PathKind(of: name.path) != .missing else {
      throw Failure(.missing, "\(name.path): there is no such file")
    }
    return try check(subject, console)
  }

  private func check(_ subject: Subject, _ console: Console) throws -> ExitStatus {
    let chosen = try chosenTests()
    var report = CheckReport(subject, console)
    var runner = Runner(subject)
    runner.isInProcess = inProcess
    let ids: [String]
    do { ids = try runner.environments() } catch is Finding {
      try judgeUnloadable(runner, chosen, &report)
      return ExitStatus(code: 1)
    }
    if fuzz == nil, reproduce == nil {
      try report.begin(environment: nil)
      for test in chosen where test.isOfLibrary { try report.add(runner.run(test)) }
    }
    for id in ids {
      runner.subject.environment = id
      try report.begin(environment: id)
      if let reproduce {
        try report.add(runner.reproduce(reproduce))
      } else if let fuzz {
        try report.add(runner.fuzz(seconds: fuzz))
      } else {
        let (paced, remark) = runner.paced()
        if let remark { console.say("\(id): \(remark)") }
        var patient = runner
        patient.subject = paced
        try judge(patient, chosen.filter { !$0.isOfLibrary }, &report)
      }
    }
    try report.end()
    return report.hasFailed ? ExitStatus(code: 1) : .done
  }

  /// Runs tests of one environment. Once a call has ended a few of their processes the others would
  /// only repeat it.
  private func judge(
    _ runner: Runner, _ tests: [ConformanceTest], _ report: inout CheckReport
  ) throws {
    var deaths: [String: Int] = [:]  // by call
    for test in tests {
      if let call = deaths.first(where: { $0.value >= Self.deathsThatSuffice })?.key {
        try report.add(runner.skip(test, "mend \(call) first: it has ended the tests before"))
        continue
      }
      let result = runner.run(test)
      try report.add(result)
      if result.status == .crash || result.status == .timeout,
        let call = result.findings.last?.place.call
      {
        deaths[call, default: 0] += result.status == .timeout ? 2 : 1
      }
    }
  }

  private static let deathsThatSuffice = 4

  /// The library cannot be loaded: the test load says why, whatever was chosen.
  private func judgeUnloadable(
    _ runner: Runner, _ chosen: [ConformanceTest], _ report: inout CheckReport
  ) throws {
    try report.begin(environment: nil)
    for test in ConformanceCatalogue.tests where test.isOfLibrary {
      if test.name == "load" {
        try report.add(runner.run(test))
      } else if chosen.contains(where: { $0.name == test.name }) {
        try report.add(runner.skip(test, "the library cannot be loaded"))
      }
    }
    try report.end()
  }

  private func listTests(_ console: Console) throws -> ExitStatus {
    let tests = try chosenTests()
    if console.isJSON {
      let entries = tests.map { test in
        JSON.object([
          .init("name", .text(test.name)), .init("family", .text(test.family)),
          .init("summary", .text(test.summary)),
        ])
      }
      try console.answer(
        JSON.object([
          .init("schema", .text("rl-host/check-tests/1")), .init("tests", .list(entries)),
        ])
        .description)
    } else {
      try console.answer(listing(tests.map { ($0.name, $0.summary) }))
    }
    return .done
  }

  /// The tests that the user wants.
  ///
  /// - Throws: `Failure` for a name that is none.
  private func chosenTests() throws -> [ConformanceTest] {
    let names = ConformanceCatalogue.tests.map(\.name)
    for name in only + skip where !names.contains(name) {
      let near = suggestion(for: name, among: names).map { "; did you mean \($0)?" }
      throw Failure(
        .usage, "no test is called \(name)" + (near ?? "; rl-host check --list names them"))
    }
    return ConformanceCatalogue.tests.filter {
      (only.isEmpty || only.contains($0.name)) && !skip.contains($0.name)
    }
  }
}

/// Seconds: `60s`, `2m`, `1.5`.
func parseDuration(_ argument: String) throws -> Double {
  let factors: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
  let factor = argument.last.flatMap { factors[$0] }
  let number = Double(factor == nil ? argument : String(argument.dropLast()))
  guard let number, number > 0, number.isFinite else {
    throw ValidationError("\"\(argument)\" should be a time such as 20s or 2m")
  }
  return number * (factor ?? 1)
}

private func parseCaseSeed(_ argument: String) throws -> UInt64 {
  guard let seed = UInt64(argument) else {
    throw ValidationError("\"\(argument)\" should be the number that --fuzz has printed")
  }
  return seed
}
