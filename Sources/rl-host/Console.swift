import RLEnvironments
import RLSystem

/// Where the command's words go: answers to the standard output, talk to the standard error.
struct Console: Sendable {
  let isJSON: Bool
  let isQuiet: Bool
  let isVerbose: Bool
  private let output: ProtectedOutput
  private let coloursAnswers: Bool
  private let coloursTalk: Bool
  private static let errorDescriptor: Int32 = 2

  init(_ output: ProtectedOutput, _ words: WordArguments) {
    self.output = output
    isJSON = words.json
    isQuiet = words.quiet
    isVerbose = words.verbose && !words.quiet
    coloursAnswers = output.usesColour(words.color)
    coloursTalk = Terminal.usesColour(words.color, on: Self.errorDescriptor)
    let least: PluginLog.Level = words.quiet ? .error : words.verbose ? .debug : .info
    PluginLog.set { level, plugin, message in
      if level >= least { writeError("\(plugin): \(message)\n") }
    }
  }

  /// Prints an answer, with the line's end. Ends the process when its reader has left.
  func answer(_ text: String) throws(FileError) {
    try output.write(text + "\n")
  }

  /// Prints an answer of many.
  ///
  /// - Returns: `false` when the reader has left.
  func offer(_ text: String) throws(FileError) -> Bool {
    try output.offer(text + "\n")
  }

  /// Says something that is no answer.
  func say(_ text: String) {
    if !isQuiet { writeError(text + "\n") }
  }

  func warn(_ text: String) {
    if !isQuiet { warnAlways(text) }
  }

  /// Warns of what makes results doubtful, however quiet it should be.
  func warnAlways(_ text: String) {
    writeError(paint("warning:", "33", coloursTalk) + " \(text)\n")
  }

  /// What a first signal is answered with; `nil` for silence.
  func stopNotice(_ text: String) -> String? {
    // on a terminal there is something on the line already
    isQuiet ? nil : (Terminal.isTerminal(Self.errorDescriptor) ? "\n" : "") + text + "\n"
  }

  /// A heading of an answer.
  func heading(_ text: String) -> String { paint(text, "1", coloursAnswers) }

  enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// A word of an answer in a colour, where colours are wanted.
  func coloured(_ text: String, _ colour: Colour) -> String {
    paint(text, colour.rawValue, coloursAnswers)
  }

  /// A heading in the talk.
  func talkHeading(_ text: String) -> String { paint(text, "1", coloursTalk) }

  /// How progress can be shown.
  var progressStyle: ProgressDisplay.Style {
    if isQuiet { return .none }
    return Terminal.canRedraw(Self.errorDescriptor) ? .redrawn : .lines
  }

  /// Columns of the terminal that the talk goes to.
  var talkWidth: Int { Terminal.width(Self.errorDescriptor) }

  private func paint(_ text: String, _ code: String, _ isOn: Bool) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
