import ArgumentParser
import RLCore
import RLSystem

/// A verb of the command line.
protocol Verb: ParsableCommand {
  /// How the user wants the words.
  var words: WordArguments { get }

  /// Does the work.
  ///
  /// - Returns: the exit status.
  func run(_ console: Console) throws -> ExitStatus
}

/// The command `rl-host`: its verbs, and what `rl-host --help` says.
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rl-host",
    abstract: "Trains and evaluates agents on environments that are shared libraries.",
    usage: """
      rl-host [train] --env PATH[:Id] --algo NAME [options]
             rl-host VERB ...
      """,
    discussion: """
      EXAMPLES:
        rl-host --env plugins/cartpole.so --algo dqn         train; prints what to do next
        rl-host resume runs/NAME                             go on after a stop or a crash
        rl-host eval runs/NAME --episodes 1000               evaluate what it learned
        rl-host list envs plugins/*.so                       what a library offers
        rl-host new my_env                                   an environment of your own

      Without a verb, rl-host trains. Answers go to the standard output, talk to the standard
      error. Exit status: 0 done, 1 a check is negative, 64 usage, 65 damaged data, 66 input
      missing, 69 plugin refused or at fault, 70 a bug of rl-host, 73 cannot create, or in use by
      another process, 74 cannot write, 76 the numbers diverged, 130/143 stopped by a signal with a
      checkpoint and the policy saved.
      """,
    version: "rl-host \(hostVersion); rl-host version tells more",
    subcommands: [
      TrainCommand.self, ResumeCommand.self, EvalCommand.self, ListCommand.self,
      InspectCommand.self, NewCommand.self, CheckCommand.self, DiffCommand.self,
      VersionCommand.self,
    ],
    defaultSubcommand: TrainCommand.self)

  /// Runs the command line `arguments` and tells what went wrong, if something did.
  ///
  /// - Returns: the process's exit status.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let output = try ProtectedOutput.take()
      return try run(arguments, output)
    } catch {
      let failure = Failure(error)
      if !failure.message.isEmpty { writeError("error: \(failure.message)\n") }
      return failure.status.code
    }
  }

  private static func run(_ arguments: [String], _ output: ProtectedOutput) throws -> Int32 {
    guard !arguments.isEmpty else {
      writeError(helpMessage(columns: helpWidth) + "\n")
      return ExitStatus.usage.code
    }
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(try withKnownVerb(arguments))
      if !(command is any Verb) { try command.run() }
    } catch let error as Failure {
      throw error
    } catch {
      return try answer(error, output)
    }
    guard let verb = command as? any Verb else { return ExitStatus.done.code }
    return try verb.run(Console(output, verb.words)).code
  }

  /// `--version` as a verb; a misspelt verb is not taken for an argument of `train`.
  private static func withKnownVerb(_ arguments: [String]) throws -> [String] {
    let first = arguments[0]
    if first == "--version" { return ["version"] + arguments.dropFirst() }
    let verbs = configuration.subcommands.compactMap { $0.configuration.commandName }
    if first.hasPrefix("-") || first == "help" || verbs.contains(first) { return arguments }
    let near = meant(first, verbs).map { "; did you mean \($0)?" } ?? ""
    throw Failure(
      .usage,
      "no verb is called \(first)\(near.isEmpty ? "; there are " + verbs.joined(separator: ", ") : near)"
    )
  }

  /// What `word`, which is no verb, was meant to be.
  private static func meant(_ word: String, _ verbs: [String]) -> String? {
    if word.hasSuffix(".so") { return "--env \(shellQuoted(word))" }
    return suggestion(for: word, among: verbs)
  }

  /// What the parser has to say: help is an answer, a mistake is not.
  private static func answer(_ error: any Error, _ output: ProtectedOutput) throws -> Int32 {
    let code = exitCode(for: error).rawValue
    if code == ExitStatus.done.code {
      try output.write(fullMessage(for: error, columns: helpWidth) + "\n")
      return code
    }
    throw Failure(.usage, parserMessage(error))
  }

  private static func parserMessage(_ error: any Error) -> String {
    let lines = fullMessage(for: error, columns: helpWidth).split(separator: "\n")
    let message = lines.prefix { !$0.hasPrefix("Usage:") && !$0.hasPrefix("USAGE:") }
    let see = lines.last { $0.contains("--help") }.map { "\n" + $0 } ?? ""
    let text = message.joined(separator: "\n")
    return (text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text) + see
  }

  /// Columns of the help, whatever the terminal.
  private static let helpWidth = 96
}
