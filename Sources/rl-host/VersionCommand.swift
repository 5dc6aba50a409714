import ArgumentParser
import RLCore
import RLKernels
import RLParallel
import RLSystem

/// `rl-host version`, also `rl-host --version`: what a report of a problem should hold.
struct VersionCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Tell versions, kernels and CPU; also as --version.")

  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let pairs = [
      ("rl-host", hostVersion), ("ABI", Self.abi), ("Swift", Self.swift),
      ("kernels", KernelSupport.description), ("CPU", Processor.name ?? "unknown"),
      ("cores", "\(WorkerPool.cores)"),
    ]
    if console.isJSON {
      let fields = pairs.map { JSON.Field($0.0.lowercased(), .text($0.1)) }
      try console.answer(
        JSON.object([.init("schema", .text("rl-host/version/1"))] + fields).description)
    } else {
      try console.answer(listing(pairs))
    }
    return .done
  }

  /// The newest ABI whose every field this host knows.
  private static let abi = "1.0"

  #if compiler(>=6.4)
  private static let swift = "6.4 or newer"
  #elseif compiler(>=6.3)
  private static let swift = "6.3"
  #else
  private static let swift = "6.2"
  #endif
}
