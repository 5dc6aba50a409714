import ArgumentParser
import RLKernels
import RLSystem
import RLTraining

/// `rl-host inspect`: what a file or a run is.
struct InspectCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a plugin, a policy file or a run is.",
    discussion: """
      EXAMPLES:
        rl-host inspect plugins/cartpole.so                   its tables
        rl-host inspect runs/NAME/policy.safetensors          its contents; runs its self-test
        rl-host inspect runs/NAME                             its state
      """)

  @Argument(
    help: ArgumentHelp("A plugin, a policy file or the folder of a run.", valueName: "file"))
  var path: String

  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let inspection: any Catalogue =
      switch PathKind(of: path) {
      case .missing: throw Failure(.missing, "\(path): there is no such file or folder")
      case .folder: try RunInspection(path: path)
      case .file, .special: try file()
      }
    try console.answer(
      console.isJSON ? inspection.json.description : inspection.text(console.heading))
    inspection.remarks.forEach(console.warn)
    return .done
  }

  /// A plugin by its name or first bytes; a policy otherwise.
  private func file() throws -> any Catalogue {
    let start = try FileReader.start(of: path, count: 4)
    if path.hasSuffix(".so") || start == Array("\u{7F}ELF".utf8) {
      return try PluginInspection(path: path)
    }
    try KernelSupport.requireSupported()
    return try PolicyInspection(path: path)
  }
}
