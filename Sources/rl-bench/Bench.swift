import ArgumentParser
import RLKernels
import RLParallel

/// How much is measured.
struct Settings {
  let isQuick: Bool
  let threads: [Int]
  let seeds: Int
  let plugin: String

  /// Samples of a quantity.
  var repetitions: Int { isQuick ? 5 : 21 }
  /// Time of a sample that lasts as long as one likes.
  var sampleSeconds: Double { isQuick ? 0.005 : 0.02 }
}

/// A named part of the run, which measures some quantities.
struct Benchmark: Sendable {
  let name: String
  let run: @Sendable (Settings, inout Report) throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (Settings, inout Report) throws -> Void) {
    self.name = name
    self.run = run
  }

  static let all =
    memoryBenchmarks + kernelBenchmarks + environmentBenchmarks + agentBenchmarks
    + endToEndBenchmarks
    + onPolicyBenchmarks + offPolicyBenchmarks
}

@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rl-bench",
    abstract: "Measures kernels, environments, agents and whole runs beside the CPU's limit.",
    discussion: """
      Run it from the package's folder on an idle machine, after `make plugins` and a release build.
      Every figure is a median; the quartiles beside it say how much it can be trusted.
      """)

  @Option(
    parsing: .upToNextOption,
    help: "Only benchmarks whose name contains one of these; --list shows them.")
  var filter: [String] = []

  @Flag(help: "A fast pass, below a minute: fewer samples, shorter runs, one seed.")
  var quick = false

  @Flag(help: "One JSON object instead of the table.")
  var json = false

  @Flag(help: "Only the benchmarks' names.")
  var list = false

  @Option(help: "Thread counts of the update and of the end-to-end run.")
  var threads = "1,2"

  @Option(help: "Training runs of each end-to-end figure.")
  var seeds = 3

  @Option(help: "The CartPole plugin.")
  var plugin = "plugins/cartpole.so"

  func validate() throws {
    guard seeds >= 1 else { throw ValidationError("--seeds is \(seeds), should be 1 or more") }
    guard threadCounts != nil else {
      throw ValidationError("--threads is \(threads), should be counts such as 1,2")
    }
  }

  func run() throws {
    let chosen = Benchmark.all.filter { benchmark in
      filter.isEmpty || filter.contains { benchmark.name.contains($0) }
    }
    if list { return print(chosen.map(\.name).joined(separator: "\n")) }
    guard !chosen.isEmpty else {
      throw ValidationError("no benchmark's name contains \(filter.joined(separator: " or "))")
    }
    try KernelSupport.requireSupported()
    let settings = Settings(
      isQuick: quick, threads: usableThreads, seeds: quick ? 1 : seeds, plugin: plugin)
    var report = Report(machine: .measure(settings), isJSON: json)
    for benchmark in chosen { try benchmark.run(settings, &report) }
    try report.finish()
  }

  private var threadCounts: [Int]? {
    let counts = threads.split(separator: ",").map { Int($0) }
    return counts.isEmpty || counts.contains { $0 ?? 0 < 1 } ? nil : counts.compactMap { $0 }
  }

  /// The counts for which there are cores.
  private var usableThreads: [Int] {
    (threadCounts ?? [1]).filter { $0 <= WorkerPool.cores }
  }
}
