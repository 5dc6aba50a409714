public import ArgumentParser
import RLCore
public import RLStarter
import RLSystem

/// `rl-host new`: a plugin to start from.
struct NewCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a starter plugin: source, headers, Makefile.",
    discussion: """
      EXAMPLES:
        rl-host new my_env                      my_env/my_env.c with MyEnv-v0
        rl-host new Crane-v2 --lang cpp         crane/crane.cpp with Crane-v2
        rl-host new maze --lang rust --into envs

      The source is a small complete environment that can be compiled, checked and trained at once.
      Nothing is ever overwritten.
      """)

  @Argument(
    help: ArgumentHelp("Its name, such as my_env, or its id: Crane-v2, acme/Crane-v2."))
  var name: String

  @Option(name: .long, help: "Language of the source.")
  var lang = StarterLanguage.c

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for the files. (default: one of the name)", valueName: "folder"))
  var into: String?

  @OptionGroup(title: "Words") var words: WordArguments

  func run(_ console: Console) throws -> ExitStatus {
    let starter: Starter
    do { starter = Starter(try StarterName(name, language: lang), lang) } catch {
      throw Failure(.usage, "\(error)")
    }
    let folder = try folder(starter)
    let files = starter.files.map { file in (path: "\(folder)/\(file.name)", bytes: file.bytes) }
    try write(files, to: folder)
    let answer = NewAnswer(starter: starter, folder: folder, paths: files.map(\.path))
    try console.answer(console.isJSON ? answer.json.description : answer.text(console.heading))
    return .done
  }

  private func folder(_ starter: Starter) throws(Failure) -> String {
    guard let into else { return starter.name.stem }
    guard !into.isEmpty else { throw Failure(.usage, "--into: is empty: name a folder") }
    return into.count > 1 && into.hasSuffix("/") ? String(into.dropLast()) : into
  }

  /// Writes what is not there; looks for what is in the way before anything is written. A file that
  /// is there with the same bytes stays.
  private func write(
    _ files: [(path: String, bytes: [UInt8])], to folder: String
  ) throws(FileError) {
    var missing: [(path: String, bytes: [UInt8])] = []
    for file in files {
      if PathKind(of: file.path) == .missing {
        missing.append(file)
      } else if file.path == files[0].path || !Self.isSame(file) {
        throw FileError(
          .cannotCreate, path: file.path, reason: "is there already and is never overwritten",
          advice: "remove it, choose another name, or another folder with --into")
      }
    }
    try Folder.create(folder)
    for file in missing { try NewFile.write(file.bytes, to: file.path) }
  }

  private static func isSame(_ file: (path: String, bytes: [UInt8])) -> Bool {
    (try? FileReader.bytes(of: file.path, limit: 1 << 24)) == file.bytes
  }
}

extension StarterLanguage: ExpressibleByArgument {}

/// What `new` says.
struct NewAnswer {
  var starter: Starter
  var folder: String
  var paths: [String]

  /// Commands to go on with.
  private var next: [String] {
    let library = "\(folder)/\(starter.libraryName)"
    // a bare file name would be looked for among the system's libraries
    let plugin = library.contains("/") ? library : "./\(library)"
    let program = FinalBlock.program
    return [
      shellCommand(["make", "-C", folder]),
      shellCommand([program, "check", plugin]),
      shellCommand([program, "--env", plugin, "--algo", "dqn", "--steps", "20k"]),
    ]
  }

  func text(_ heading: (String) -> String) -> String {
    let pairs =
      [("environment", starter.name.id)] + paths.enumerated().map { ($0 == 0 ? "files" : "", $1) }
      + [("build", "(cd \(shellQuoted(folder)) && \(starter.buildCommand))")]
      + next.enumerated().map { ($0 == 0 ? "next" : "", $1) }
    return heading("Made") + "\n" + listing(pairs)
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/new/1")), .init("environment", .text(starter.name.id)),
      .init("language", .text(starter.language.rawValue)), .init("folder", .text(folder)),
      .init("files", .list(paths.map { .text($0) })),
      .init("library", .text("\(folder)/\(starter.libraryName)")),
      .init("build", .text(starter.buildCommand)),
      .init("next", .list(next.map { .text($0) })),
    ])
  }
}
