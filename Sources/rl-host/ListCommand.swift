import ArgumentParser
import RLAgents
import RLCore
import RLPresets
import RLTraining

/// `rl-host list`: what there is.
struct ListCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List environments, algorithms, wrappers, presets or runs.",
    discussion: """
      EXAMPLES:
        rl-host list envs plugins/*.so       environments, with their options
        rl-host list algos dqn               hyperparameters, with their defaults
        rl-host list wrappers                what can stand between environment and agent
        rl-host list presets
        rl-host list runs --runs runs
      """)

  /// What can be listed.
  enum Kind: String, CaseIterable {
    case envs
    case algos
    case wrappers
    case presets
    case runs

    /// - Throws: `ValidationError` with the kinds that there are.
    init(_ argument: String) throws {
      guard let kind = Kind(rawValue: argument) else {
        let kinds = Self.allCases.map(\.rawValue)
        let near = suggestion(for: argument, among: kinds).map { "did you mean \($0)? " } ?? ""
        throw ValidationError(
          "\(near)rl-host lists \(kinds.joined(separator: ", "))")
      }
      self = kind
    }
  }

  @Argument(
    help: ArgumentHelp("envs, algos, wrappers, presets or runs.", valueName: "kind"),
    transform: Kind.init)
  var kind: Kind

  @Argument(
    help: ArgumentHelp(
      "Libraries to look into, for envs; the algorithms, wrappers or presets wanted.",
      valueName: "name"))
  var names: [String] = []

  @Option(name: .long, help: ArgumentHelp("Folder of the runs.", valueName: "folder"))
  var runs = "runs"

  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let catalogue: any Catalogue =
      switch kind {
      case .envs: try EnvironmentCatalogue(paths: names)
      case .algos: try AlgorithmListing(names: names)
      case .wrappers: try WrapperListing(names: names)
      case .presets: try PresetListing(names: names)
      case .runs: RunListing(root: runs)
      }
    try console.answer(
      console.isJSON ? catalogue.json.description : catalogue.text(console.heading))
    catalogue.remarks.forEach(console.warn)
    return .done
  }
}

/// Things to be listed.
protocol Catalogue {
  /// For people; `heading` may paint.
  func text(_ heading: (String) -> String) -> String

  /// One object with a schema.
  var json: JSON { get }

  /// What is to be said beside it.
  var remarks: [String] { get }
}

extension Catalogue {
  var remarks: [String] { [] }
}
