import RLComparison
import RLEnvironments
import RLSystem

/// One of the two things that are compared.
enum DiffSide {
  case plugin(DiffPlugin)
  case trace(Trace)

  /// Takes what the user named: a file that is no library is a trace.
  ///
  /// - Throws: `PluginError`, `FileError`.
  init(_ text: String, options: [Setting]) throws {
    if PathKind(of: text) == .file, !text.hasSuffix(".so"),
      try FileReader.start(of: text, count: 4) != Array("\u{7F}ELF".utf8)
    {
      self = .trace(try Trace(path: text))
    } else {
      self = .plugin(try DiffPlugin(text, options: options))
    }
  }

  /// For people.
  func text(_ comparison: Comparison) -> String {
    switch self {
    case .plugin(let plugin): plugin.text
    case .trace(let trace):
      "\(trace.path): \(trace.environmentID)" + (trace.source.map { " of \($0)" } ?? "")
    }
  }

  var json: JSON {
    switch self {
    case .plugin(let plugin):
      .object([
        .init("plugin", .text(plugin.library.plugin.path)),
        .init("sha256", .text(plugin.library.sha256)),
        .init("environment", .optional(plugin.id)),
        .init(
          "options",
          .object(plugin.options.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })),
      ])
    case .trace(let trace):
      .object([
        .init("trace", .text(trace.path)), .init("environment", .text(trace.environmentID)),
        .init("source", .optional(trace.source)),
      ])
    }
  }
}

/// A plugin's environment with its options.
struct DiffPlugin {
  let library: LoadedLibrary
  let id: String?
  let options: [String: String]
  private let suspect: CrashReport.Suspect

  init(_ text: String, options: [Setting]) throws {
    let name = EnvironmentName(text)
    library = try LoadedLibrary(path: name.path)
    suspect = CrashReport.install(naming: name.path)
    let only = library.plugin.environments
    id = name.id ?? (only.count == 1 ? only[0].id : nil)
    self.options = Dictionary(options.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// Whether `other` would be a second instance of what can have one.
  func excludes(_ other: DiffPlugin) -> Bool {
    let chosen = library.plugin.environments.first { $0.id == id }
    return id == other.id && library.plugin.path == other.library.plugin.path
      && chosen?.flags.contains(.singleInstance) ?? false
  }

  var text: String {
    let settings = options.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    return library.plugin.path + (id.map { ":\($0)" } ?? "") + settings
  }

  /// A fresh environment.
  ///
  /// `other` is its id where the user named none and there are several; `others` are options that win
  /// over the user's.
  ///
  /// - Throws: `PluginError`.
  func make(
    lanes: Int, id other: String? = nil, _ others: [String: String] = [:]
  ) throws(PluginError) -> Contestant {
    suspect.accuse()
    let environment = try ExactEnvironment(
      library.plugin, id: id ?? other, options: options.merging(others) { $1 }, lanes: lanes)
    return Contestant(environment, suspect)
  }
}
